/* SPDX-License-Identifier: BSD-2-Clause */
/* A page that is unmapped on one hart is not used by another any more when
 * the call returns (kernel/arch/riscv64/mmu.c): harts that run the space are
 * told at once, and also forget while they wait for the lock; the others have
 * a note, and forget before they run it again. The fast path switches spaces
 * without looking for more than that note.
 * Mutants: BUG 1 does not look at the note; 2 idles without leaving the space;
 * 3 tells the others before the entry is gone; 4 the fast path does not look. */
#ifndef BUG
#define BUG 0
#endif
#define NONE 0
#define SPACE 1
#define OTHER 2

bool locked;
bool present = true;	/* the entry in the table */
bool given_back;	/* the page is somebody else's */
byte current = SPACE;	/* what the second hart runs; NONE: nothing */
byte active_space = SPACE; /* its satp */
bool remembers;		/* its translation of the page */
bool stale;		/* the note */

#define LOCK atomic { !locked -> locked = true }
#define UNLOCK locked = false

/* The firmware interrupts the hart, whatever it does. */
inline fence()
{
	remembers = false
}

active proctype unmapper()
{
	bool now;

	LOCK;
#if BUG == 3
	now = current == SPACE;
	if
	:: now -> fence()
	:: else -> stale = true
	fi;
	present = false;
#else
	present = false;
	now = current == SPACE;
	if
	:: now -> fence()
	:: else -> stale = true
	fi;
#endif
	given_back = true;
	UNLOCK
}

/* An instruction that touches the page, and the walk before it. */
inline touch()
{
	atomic {
		if
		:: remembers -> assert(!given_back)
		:: !remembers && present -> remembers = true
		:: else /* a fault */
		fi
	}
}

/* arch_space_activate() */
inline activate(space)
{
	if
	:: active_space != space ->
		active_space = space;
#if BUG != 1
		if
		:: space == SPACE && stale ->
			remembers = false;
			stale = false
		:: else
		fi
#endif
	:: else
	fi
}

active proctype runner()
{
end:	do
	/* in user mode */
	:: current == SPACE -> touch()
	/* a call: another thread goes on, or this one */
	:: current != NONE ->
		LOCK;
		if
		:: current = SPACE
		:: current = OTHER
		:: current = NONE
		fi;
		if
		:: current != NONE -> activate(current)
		:: else ->
#if BUG != 2
			active_space = NONE
#endif
		fi;
		UNLOCK
	/* the fast path: to the other space, and back */
	:: current == OTHER ->
		LOCK;
		if
#if BUG == 4
		:: true ->
#else
		:: !stale ->
#endif
			current = SPACE;
			active_space = SPACE
		:: stale -> skip /* the long way */
		fi;
		UNLOCK
	:: current == SPACE ->
		LOCK;
		current = OTHER;
		active_space = OTHER;
		UNLOCK
	/* woken */
	:: current == NONE ->
		LOCK;
		if
		:: current = SPACE
		:: current = OTHER
		fi;
		activate(current);
		UNLOCK
	od
}

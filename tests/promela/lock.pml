/* SPDX-License-Identifier: BSD-2-Clause */
/* The lock of the kernel (kernel/core/lock.c) with the fast path of riscv64
 * (take_lock in fast.S), which takes it only if it is free: one hart at a
 * time, and nobody waits for ever. Tickets wrap around, but not so quickly that
 * all of them pass between two instructions of a hart.
 * Mutants: BUG 1 stores the ticket without asking whether another was quicker;
 * 2 takes a ticket in two steps; 3 gives the turn to whoever comes next. */
#ifndef HARTS
#define HARTS 3
#endif
#define TICKETS (HARTS + 2)
#ifndef BUG
#define BUG 0
#endif

byte next, owner, inside;
bool waits[HARTS];
bool reserved[HARTS]; /* from lr on, until somebody stores */
byte passed[HARTS];   /* tickets since the hart has read the owner; else 0 */

inline store_next(value)
{
	next = value;
	other = 0;
	do
	:: other < HARTS ->
		reserved[other] = false;
		if
		:: passed[other] > 0 && passed[other] < TICKETS ->
			passed[other]++
		:: else
		fi;
		other++
	:: else -> break
	od;
	other = 0
}

inline take_ticket()
{
#if BUG == 2
	ticket = next;
	d_step {
		store_next((ticket + 1) % TICKETS)
	}
#else
	d_step {
		ticket = next;
		store_next((ticket + 1) % TICKETS)
	}
#endif
}

/* lw owner; lr next; sc next */
inline take_if_free()
{
	d_step {
		seen = owner;
		passed[id] = 1
	}
	d_step {
		ticket = next;
		reserved[id] = true
	}
	if
	:: ticket == seen && passed[id] <= TICKETS - HARTS + 1 ->
		d_step {
			if
			:: reserved[id] || BUG == 1 ->
				store_next((ticket + 1) % TICKETS);
				has = true
			:: else
			fi
		}
	:: else
	fi;
	d_step {
		reserved[id] = false;
		passed[id] = 0;
		seen = 0;
		ticket = 0
	}
}

proctype hart(byte id)
{
	byte ticket, seen, other;
	bool has;

	do
	:: true ->
		has = false;
		waits[id] = true;
		if
		:: true -> skip
		:: true -> take_if_free()
		fi;
		if
		:: has
		:: else ->
			take_ticket();
			owner == ticket
		fi;
		d_step {
			waits[id] = false;
			ticket = 0;
			inside++;
			assert(inside == 1)
		};
		inside--;
#if BUG == 3
		owner = next
#else
		owner = (owner + 1) % TICKETS
#endif
	:: true -> false /* stays in user mode, or stops */
	od
}

init
{
	atomic {
		run hart(0);
		run hart(1)
#if HARTS > 2
		;
		run hart(2)
#endif
	}
}

ltl served { [] (waits[0] -> <> !waits[0]) }

/* SPDX-License-Identifier: BSD-2-Clause */
/* A hart that has nothing to do, and others that have something for it: it
 * never sleeps while a thread waits in its list. After idle_many() and
 * ready_slowly() (kernel/sched/sched.c), hart_kick(), arch_wait() and
 * arch_interrupts(); the firmware takes its time to deliver.
 * Mutants: BUG 1 forgets interrupts before it sleeps; 2 clears the interrupt
 * and not the note that one is on its way; 3 says that it is idle when the lock
 * is free already, and only idle harts are kicked. */
#define WAKERS 2
#define TURNS 3
#ifndef BUG
#define BUG 0
#endif

bool locked, idle, kicked, pending;
byte ready, on_the_way, done;

#define LOCK atomic { !locked -> locked = true }
#define UNLOCK locked = false

/* With the lock. */
inline interrupts()
{
	if
	:: pending ->
		pending = false;
#if BUG != 2
		kicked = false
#endif
	:: else
	fi
}

active proctype sleeper()
{
	LOCK;
	do
	:: ready > 0 ->
		ready--;
		idle = false;
		UNLOCK;
		/* runs it; an interrupt, or its next call */
		LOCK;
		interrupts()
	:: else ->
#if BUG == 3
		UNLOCK;
		idle = true;
#else
		idle = true;
		UNLOCK;
#endif
#if BUG == 1
		pending = false;
		kicked = false;
#endif
		pending; /* wfi */
		LOCK;
		interrupts();
		idle = false
	od
}

proctype waker()
{
	byte turns;
	bool was_alone;

	do
	:: turns < TURNS ->
		LOCK;
		was_alone = ready == 0;
		ready++;
		if
#if BUG == 3
		:: idle && !kicked ->
#else
		:: was_alone && !kicked ->
#endif
			kicked = true;
			on_the_way++
		:: else
		fi;
		UNLOCK;
		turns++
	:: else -> break
	od;
	done++
}

active proctype firmware()
{
end:	do
	:: atomic { on_the_way > 0 -> on_the_way--; pending = true }
	od
}

/* When nothing can happen any more, nobody is forgotten. */
active proctype judge()
{
	timeout;
	assert(ready == 0 && done == WAKERS && !locked)
}

init
{
	byte i;

	atomic {
		for (i : 1 .. WAKERS) {
			run waker()
		}
	}
}

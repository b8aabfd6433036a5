/* SPDX-License-Identifier: BSD-2-Clause */
/* Two harts and two threads that may kill each other, and a hart that is
 * stopped (kernel/sched/hart.c, thread_kill(), pick_many(), idle_many()).
 * Behind a kill that has returned the other makes no step, nobody waits for
 * ever, and no thread is lost.
 * Mutants: BUG 1 is a hart that stops while it has nothing to do and tells
 * nobody; 2 makes a call of a thread that was killed before it had the lock;
 * 3 does not wait for the other hart; 4 kicks nobody. */
#ifndef BUG
#define BUG 0
#endif
#define NOBODY 2

mtype = { RUNNING, READY, EVICTING, DEAD, DONE };

bool locked;
mtype state[2] = RUNNING;
byte place[2];	       /* the hart of a ready thread */
byte current[2];       /* of a hart; NOBODY */
bool evicts[2], departs[2], kick[2];
bool online[2] = true;
byte waits_for[2] = NOBODY; /* of a thread: the hart */
bool gone[2];		    /* whoever killed it was told so */

#define LOCK atomic { !locked -> locked = true }
#define UNLOCK locked = false
#define OTHER(x) (1 - (x))

inline kick_hart(h)
{
#if BUG != 4
	kick[h] = true
#else
	skip
#endif
}

inline make_ready(t)
{
	state[t] = READY;
	place[t] = (online[place[t]] -> place[t] : 0);
	kick_hart(place[t])
}

/* hart_evicted() */
inline evicted(h)
{
	evicts[h] = false;
	t = 0;
	do
	:: t < 2 ->
		if
		:: state[t] == EVICTING && waits_for[t] == h ->
			waits_for[t] = NOBODY;
			make_ready(t)
		:: else
		fi;
		t++
	:: else -> break
	od
}

inline evict(h)
{
	evicts[h] = true;
	kick_hart(h)
}

/* The thread of hart h may have to wait for the other one. */
inline await(h)
{
	if
	:: evicts[OTHER(h)] && BUG != 3 ->
		waits_for[self] = OTHER(h);
		state[self] = EVICTING
	:: else
	fi
}

proctype hart(byte h)
{
	byte self, t;
	bool killed, stopped;

again:	/* user mode, without the lock */
	self = current[h];
	if
	:: self == NOBODY -> goto idle
	:: else
	fi;
	assert(!gone[self]);
	killed = false;
	stopped = false;
	LOCK;
	if
	:: state[self] != RUNNING && BUG != 2 -> skip /* no call any more */
	:: else ->
		assert(state[self] == RUNNING);
		if
		:: state[OTHER(self)] != DEAD && state[OTHER(self)] != DONE ->
			/* task_kill */
			if
			:: state[OTHER(self)] == RUNNING ->
				evict(OTHER(h))
			:: else
			fi;
			state[OTHER(self)] = DEAD;
			waits_for[OTHER(self)] = NOBODY;
			killed = true;
			await(h)
		:: h == 0 && online[1] -> /* hart_set */
			online[1] = false;
			departs[1] = true;
			evict(1);
			stopped = true;
			await(h)
		:: skip
		:: state[self] = DONE /* exit */
		fi
	fi;

schedule: /* pick_many(), with the lock */
	kick[h] = false;
	if
	:: current[h] != NOBODY && state[current[h]] == RUNNING && online[h] ->
		if
		:: evicts[h] -> evicted(h)
		:: else
		fi;
		/* the call of another returns, or this one's */
		if
		:: killed -> gone[OTHER(self)] = true
		:: else
		fi;
		UNLOCK;
		goto again
	:: else
	fi;
	if
	:: current[h] != NOBODY && state[current[h]] == RUNNING ->
		make_ready(current[h])
	:: else
	fi;
	current[h] = NOBODY;
	if
	:: evicts[h] -> evicted(h)
	:: else
	fi;

pick:	if
	:: departs[h] -> goto depart
	:: else
	fi;
	t = 0;
	do
	:: t < 2 && current[h] == NOBODY ->
		if
		:: state[t] == READY && place[t] == h ->
			state[t] = RUNNING;
			current[h] = t
		:: else
		fi;
		t++
	:: else -> break
	od;
	UNLOCK;
	goto again;

idle:	kick[h]; /* wfi */
	LOCK;
	kick[h] = false;
	goto pick;

depart: /* hart_depart() */
	if
	:: evicts[h] && BUG != 1 -> evicted(h)
	:: else
	fi;
	t = 0;
	do
	:: t < 2 ->
		if
		:: state[t] == READY && place[t] == h -> make_ready(t)
		:: else
		fi;
		t++
	:: else -> break
	od;
	kick_hart(0);
	departs[h] = false;
	UNLOCK
}

/* When nothing can happen any more, all have come to their end. */
active proctype judge()
{
	timeout;
	assert(!locked);
	assert(state[0] == DEAD || state[0] == DONE);
	assert(state[1] == DEAD || state[1] == DONE)
}

init
{
	atomic {
		current[1] = 1;
		place[1] = 1;
		run hart(0);
		run hart(1)
	}
}

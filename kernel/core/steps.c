/* SPDX-License-Identifier: BSD-2-Clause */
/* Long work in steps; see steps.h. */
#include <kernel/steps.h>

#include <kernel/arch.h>
#include <kernel/hart.h>
#include <kernel/object.h>
#include <kernel/sched.h>
#include <kernel/thread.h>

/* To hand the lock over at each step would cost more than the step. */
#define HANDOVER_POLLS 16

void steps_init(struct steps *steps)
{
	list_init(&steps->works);
	steps->dead = NULL;
	steps->running = false;
}

void work_init(struct work *work, bool (*step)(struct work *work))
{
	list_init(&work->node);
	work->step = step;
}

bool kernel_poll(void)
{
	struct hart *hart = this_hart();

	/* While the machine starts there is nobody to begin again. */
	if (arch_interrupt_pending())
		return hart->current != NULL || hart->steps.running;
	return hart_many && ++hart->poll_count % HANDOVER_POLLS == 0 &&
	       kernel_lock_is_wanted();
}

/* One that another hart has killed is to be left: what ends its process waits
 * for that. */
struct steps *steps_here(void)
{
	struct thread *thread = current_thread();

	if (thread == NULL || thread->lingers)
		return &this_hart()->steps;
	return &thread->steps;
}

/* Objects first: they are what work leaves behind. Work that has more to do
 * keeps its place, behind what it has caused. */
HELD static void step(struct steps *steps)
{
	struct object *object = steps->dead;
	struct work *work;
	struct list *node, place;

	if (object != NULL) {
		steps->dead = object->next_dead;
		if (!object_free(object)) {
			object->next_dead = steps->dead;
			steps->dead = object;
		}
		return;
	}
	node = steps->works.next;
	work = LIST_ENTRY(node, struct work, node);
	list_insert_after(node, &place);
	list_remove(node);
	if (!work->step(work) && list_is_empty(&work->node))
		list_insert_after(place.prev, &work->node);
	list_remove(&place);
}

bool steps_run(struct steps *steps)
{
	KASSERT(!steps->running);
	steps->running = true;
	while (steps_pending(steps)) {
		step(steps);
		if (kernel_poll())
			break;
	}
	steps->running = false;
	return !steps_pending(steps);
}

/* What is left is for kernel_schedule(). */
HELD static void begin(struct steps *steps)
{
	if (!steps->running && !steps_run(steps))
		sched_block();
}

void steps_add(struct work *work)
{
	struct steps *steps = steps_here();

	list_remove(&work->node);
	list_push_front(&steps->works, &work->node);
	begin(steps);
}

void steps_add_dead(struct object *object)
{
	struct steps *steps = steps_here();

	object->next_dead = steps->dead;
	steps->dead = object;
	begin(steps);
}

void steps_move(struct steps *from, struct steps *to)
{
	while (from->dead != NULL) {
		struct object *object = from->dead;

		from->dead = object->next_dead;
		object->next_dead = to->dead;
		to->dead = object;
	}
	list_move_all(&from->works, &to->works);
}

void steps_take_over(struct steps *from)
{
	struct steps *to = steps_here();

	steps_move(from, to);
	if (steps_pending(to))
		begin(to);
}

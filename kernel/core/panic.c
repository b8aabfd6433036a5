/* SPDX-License-Identifier: BSD-2-Clause */
/* The end of a kernel that has found itself wrong. */
#include <kernel/arch.h>
#include <kernel/hart.h>
#include <kernel/log.h>
#include <kernel/thread.h>

void panic(const char *format, ...)
{
	static bool panicking;
	va_list args;

	if (panicking)
		arch_panic();
	panicking = true;
	this_hart()->has_lock = true; /* nobody else goes on */
	kernel_lock_assert();
	va_start(args, format);
	log_args("panic: ", format, args);
	va_end(args);
	if (this_hart()->current != NULL)
		klog("panic: in call %lu of thread %lu",
		     this_hart()->current->frame.call,
		     this_hart()->current->object.id);
	/* The simulator catches a panic and boots again. */
	panicking = false;
	arch_panic();
}

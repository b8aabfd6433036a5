/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef PACKAGE_COMMAND_H
#define PACKAGE_COMMAND_H
/* The commands: each is one file named after it. Each reports its errors
 * and returns whether it did what was asked. */
#include "options.h"

bool command_list(struct options *options);
bool command_add(struct options *options);
bool command_remove(struct options *options);
bool command_verify(struct options *options);
bool command_run(struct options *options);
bool command_which(struct options *options);
bool command_report(struct options *options);
bool command_inspect(struct options *options);

#endif /* PACKAGE_COMMAND_H */

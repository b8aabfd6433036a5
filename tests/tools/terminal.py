#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""terminal.py COMMAND...: runs it with its output and errors on a terminal of
its own, and writes what that got to standard output."""
import os
import pty
import sys

pid, fd = pty.fork()
if pid == 0:
    os.execvp(sys.argv[1], sys.argv[1:])
while True:
    try:
        data = os.read(fd, 65536)
    except OSError:
        break
    if not data:
        break
    sys.stdout.buffer.write(data)
_, status = os.waitpid(pid, 0)
sys.exit(os.waitstatus_to_exitcode(status))

"""Become another program that dies with its parent: change account, set PDEATHSIG, execute.

Run as ``python -I -S launcher.py PARENT_PID DEATH_SIGNAL UID:GID|- PROGRAM [ARGUMENT...]`` by `processes.spawn`. A script of
its own, because code between fork and exec is not safe in a process with threads. It imports only what it needs.

1. The account changes before the death signal is set: Linux forgets the signal when the account changes.
2. If the parent died meanwhile, nothing is executed.
3. The program leads a session of its own, so a Ctrl-C in the terminal reaches the parent alone.
"""

import ctypes
import os
import sys

PR_SET_PDEATHSIG = 1
PARENT_GONE = 120
"""Exit status if the parent died before the program could be executed."""


def main(arguments: list[str]) -> None:
    """Execute the program, or exit with `PARENT_GONE`."""
    parent_pid, death_signal, account, *program = arguments
    os.setsid()
    if account != "-":
        uid, gid = (int(number) for number in account.split(":"))
        os.setgroups([])
        os.setgid(gid)
        os.setuid(uid)
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, int(death_signal), 0, 0, 0)
    if os.getppid() != int(parent_pid):
        sys.exit(PARENT_GONE)
    os.execvp(program[0], program)  # noqa: S606 - a list, no shell; this is the whole purpose


if __name__ == "__main__":
    main(sys.argv[1:])

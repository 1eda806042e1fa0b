"""Bound how many processes and threads a program may have, by the kernel itself.

A supervisor that looks twenty times a second is too slow for a program that only forks. The kernel
offers two bounds, and which one applies depends on who grades: the super-user is exempt from
RLIMIT_NPROC but may make a control group [cgroups]_; for anyone else it is the other way around.

.. [cgroups] Linux kernel documentation, "Process Number Controller",
   https://docs.kernel.org/admin-guide/cgroup-v1/pids.html
"""

import os
import resource
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil


@contextmanager
def at_most(tasks: int) -> Iterator[Callable[[], None] | None]:
    """Prepare a bound on the processes and threads of a program.

    Parameters
    ----------
    tasks : int
        How many the program and all that it starts may have at a time.

    Yields
    ------
    callable or None
        What a child calls to bind itself, before it starts the program; None where the system
        offers no such bound.
    """
    if os.geteuid() != 0:
        already = sum(_threads(process) for process in psutil.process_iter())
        limit = (already + tasks, already + tasks)
        yield lambda: resource.setrlimit(resource.RLIMIT_NPROC, limit)
        return
    group = _control_group(tasks)
    if group is None:
        yield None
        return
    try:
        yield lambda: (group / "cgroup.procs").write_text("0")  # 0 is whoever writes it
    finally:
        _remove(group)


def _threads(process: psutil.Process) -> int:
    try:
        return process.num_threads() if process.uids().real == os.getuid() else 0
    except psutil.Error:
        return 0


def _control_group(tasks: int) -> Path | None:
    """Make a group below our own, in version 1 of the hierarchy or in version 2."""
    for line in Path("/proc/self/cgroup").read_text().splitlines():
        _, controllers, ours = line.split(":", 2)
        if controllers not in ("pids", ""):
            continue
        mount = Path("/sys/fs/cgroup", controllers)
        group = mount / ours.lstrip("/") / f"supervised-{os.getpid()}"
        try:
            group.mkdir()
        except OSError:
            continue
        try:
            (group / "pids.max").write_text(str(tasks))
        except OSError:  # this hierarchy does not count processes
            group.rmdir()
            continue
        return group
    return None


def _remove(group: Path) -> None:
    """Remove a group whose processes have ended; the last may take a moment to leave it."""
    for _ in range(100):
        try:
            group.rmdir()
        except OSError:
            time.sleep(0.02)
        else:
            return

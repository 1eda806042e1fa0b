"""Run one program within limits, and leave no process of it running.

The supervisor is a process of its own, the "subreaper" of everything that the program starts: even
what detaches itself (as a notebook's kernel does) stays below it and is ended with it. Linux only.

    python -m assignments.supervise REPORT.json COMMAND ...

This is not a container. A submission runs with the rights of whoever grades and can read and write
that person's files; if the system does not let a process give up the network, the report says so.
For submissions that you do not trust, use a container: see the instructors' page.
"""

import argparse
import ctypes
import fcntl
import json
import os
import resource
import signal
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

import psutil

from assignments.process_limits import process_limit

PR_SET_CHILD_SUBREAPER = 36
CLONE_NEWNET, CLONE_NEWUSER = 0x40000000, 0x10000000
SIOCSIFFLAGS, IFF_UP_RUNNING = 0x8914, 0x41
MEGABYTE = 2**20
THREADS = 8  # per process, on average: the kernel counts threads as processes
NICER = 19  # a fork bomb takes all the time there is, and its supervisor needs some


@dataclass(frozen=True)
class Limits:
    """What one submission may use.

    Parameters
    ----------
    seconds : float
        Seconds from start to end.
    memory : int
        Megabytes of resident memory of all its processes together; what forks share counts once.
    file : int
        Size in megabytes of the largest file that it may write, its printed output included.
    processes : int
        How many processes may run at a time.
    """

    seconds: float = 120.0
    memory: int = 4096
    file: int = 64
    processes: int = 64


def supervise(command: list[str], limits: Limits, log: Path) -> dict:
    """Run a command and return how it ended.

    Parameters
    ----------
    command : list of str
        The program and its arguments.
    limits : Limits
        What it may use.
    log : Path
        Where its printed output goes.

    Returns
    -------
    dict
        ``reason`` ("" if it ended by itself), ``code`` (its exit code), ``seconds``, ``cpu`` (the
        CPU seconds of all its processes), ``memory`` (the most it used, in
        megabytes), ``network`` ("blocked" or "open") and ``forks`` ("bounded" by the kernel or only
        "watched").
    """
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1)
    blocked = _can_block_network()
    start = time.monotonic()
    with process_limit(THREADS * limits.processes) as bind, open(log, "wb") as output:
        process = _started(command, limits, output, bind, blocked)
        reason, most = _watch(process, limits, start)
        _end_all()
        process.wait()
        _collect()
    taken = resource.getrusage(resource.RUSAGE_CHILDREN)
    return {
        "reason": reason,
        "code": process.returncode,
        "seconds": round(time.monotonic() - start, 2),
        "cpu": round(taken.ru_utime + taken.ru_stime, 2),
        "memory": most,
        "network": "blocked" if blocked else "open",
        "forks": "bounded" if bind else "watched",
    }


def _started(
    command: list[str],
    limits: Limits,
    output: IO[bytes],
    bind: Callable[[], None] | None,
    blocked: bool,
) -> subprocess.Popen:
    """Start a command whose process limits itself first."""

    def confine():
        if bind:
            bind()
        os.nice(NICER)
        size = limits.file * MEGABYTE
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        if blocked:
            _leave_network()

    return subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=output,
        start_new_session=True,
        preexec_fn=confine,
    )


def _watch(process: subprocess.Popen, limits: Limits, start: float) -> tuple[str, int]:
    """Wait until a process ends or exceeds a limit; return which one, and the most memory used."""
    most = 0
    while process.poll() is None:
        below = _below()
        if len(below) > limits.processes:
            return f"it ran more than {limits.processes} processes", most
        used = _memory(below, "rss")
        if used > limits.memory:  # pss is slower to count, but counts nothing twice
            used = _memory(below, "pss")
        most = max(most, used)
        if time.monotonic() - start > limits.seconds:
            return f"it ran for more than {limits.seconds:g} seconds", most
        if used > limits.memory:
            return f"it used more than {limits.memory} MB of memory", most
        time.sleep(0.05)
    return "", most


def _below() -> list[psutil.Process]:
    return psutil.Process().children(recursive=True)


def _memory(processes: list[psutil.Process], kind: str) -> int:
    """Return the megabytes of some processes.

    "rss" is what is resident in each; in "pss", what several share is divided among them.
    """
    total = 0
    for process in processes:
        try:
            memory = process.memory_info() if kind == "rss" else process.memory_full_info()
        except psutil.Error:
            continue
        total += getattr(memory, kind)
    return total // MEGABYTE


def _end_all() -> None:
    """End every process below this one, including those that are started meanwhile."""
    for _ in range(200):
        below = [process for process in _below() if process.status() != psutil.STATUS_ZOMBIE]
        if not below:
            break
        for process in below:
            try:
                process.send_signal(signal.SIGSTOP)  # so that it starts no others
                process.kill()
            except psutil.Error:
                continue
        psutil.wait_procs(below, timeout=0.05)


def _collect() -> None:
    """Collect the processes that detached themselves and thereby became children of this one."""
    while True:
        try:
            if os.waitpid(-1, os.WNOHANG)[0] == 0:
                return
        except ChildProcessError:
            return


def _can_block_network() -> bool:
    child = os.fork()
    if child == 0:
        try:
            _leave_network()
        except OSError:
            os._exit(1)
        os._exit(0)
    return os.waitpid(child, 0)[1] == 0


def _leave_network() -> None:
    """Give this process a network of its own, in which only the loopback address exists.

    Raises
    ------
    OSError
        If the system does not allow it.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    flags = CLONE_NEWNET if os.geteuid() == 0 else CLONE_NEWNET | CLONE_NEWUSER
    if libc.unshare(flags) != 0:
        raise OSError(ctypes.get_errno(), "the network cannot be given up")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as loopback:
        fcntl.ioctl(loopback, SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", IFF_UP_RUNNING))


def main(arguments: list[str] | None = None) -> int:
    """Supervise what the command line asks for, and write the report."""
    parser = argparse.ArgumentParser(prog="python -m assignments.supervise", description=__doc__)
    defaults = asdict(Limits())
    for name, value in defaults.items():
        parser.add_argument(f"--{name}", type=type(value), default=value)
    parser.add_argument("report", type=Path)
    parser.add_argument("command", nargs=argparse.REMAINDER)
    given = parser.parse_args(arguments)
    limits = Limits(**{name: getattr(given, name) for name in defaults})
    report = supervise(given.command, limits, given.report.with_suffix(".log"))
    given.report.write_text(json.dumps(report))
    return 0


if __name__ == "__main__":
    sys.exit(main())

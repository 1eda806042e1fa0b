"""How the benchmarks measure: seconds of functions that take turns, and memory at its peak."""

import math
import os
import random
import statistics
import time
import tracemalloc
from collections.abc import Callable, Mapping

os.environ.setdefault("KINETO_LOG_LEVEL", "99")  # the profiler is asked only for memory

import numpy as np
import torch


def medians(
    named: Mapping[str, Callable[[], object]],
    repeats: int,
    *,
    warm_ups: int = 2,
    slow: float = math.inf,
) -> dict[str, float]:
    """Call all functions in turn, each round in a new order; return median seconds.

    On one thread they are the processor's seconds, which do not count while other processes run;
    on several threads they are those of the clock.

    Parameters
    ----------
    named : mapping of str to callable
        What is timed.
    repeats : int
        How often each one is timed.
    warm_ups : int
        How many rounds come first and are not timed.
    slow : float
        A function that took more seconds than this is not called again.
    """
    clock = time.process_time if torch.get_num_threads() == 1 else time.perf_counter
    seconds = {name: [] for name in named}
    order = random.Random(0)
    for repeat in range(repeats + warm_ups):
        for name in order.sample(list(named), len(named)):
            if seconds[name] and max(seconds[name]) > slow:
                continue
            start = clock()
            named[name]()
            if repeat >= warm_ups:
                seconds[name].append(clock() - start)
    return {name: statistics.median(values) for name, values in seconds.items()}


def peak_bytes(step: Callable[[], object]) -> int:
    """Return the most by which the memory that torch has allocated rises during a step."""
    step()  # what is allocated only once does not count
    activity = [torch.profiler.ProfilerActivity.CPU]
    with torch.profiler.profile(activities=activity, profile_memory=True) as profile:
        step()
    events = [e for e in profile.profiler.kineto_results.events() if e.name() == "[memory]"]
    changes = [e.nbytes() for e in sorted(events, key=lambda e: e.start_ns())]
    return int(np.cumsum(changes).max())


def peak_traced_bytes(step: Callable[[], object]) -> int:
    """Return the most by which the memory of Python and NumPy rises during a step."""
    step()
    tracemalloc.start()
    try:
        step()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

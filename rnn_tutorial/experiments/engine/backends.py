"""Where runs are computed: on processes of this machine, or on a Dask cluster."""

import contextlib
from collections.abc import Iterator

import joblib

BACKENDS = ("loky", "dask")


@contextlib.contextmanager
def parallel(backend: str, jobs: int, scheduler: str | None) -> Iterator[joblib.Parallel]:
    """Open the workers and yield what calls them.

    Parameters
    ----------
    backend : {"loky", "dask"}
        Processes of this machine, or Dask, through joblib's own backend.
    jobs : int
        How many runs go on side by side. A cluster that already exists has its own number.
    scheduler : str, optional
        The address of a Dask scheduler, such as ``tcp://10.0.0.1:8786``. Without one, Dask starts
        `jobs` workers on this machine.

    Yields
    ------
    joblib.Parallel
        It yields the results of its calls in the order in which they finish.

    Raises
    ------
    ValueError
        If the backend is unknown, Dask is not installed, or a scheduler is given without Dask.
    """
    if backend not in BACKENDS:
        raise ValueError(f"backend must be one of {', '.join(BACKENDS)}, got {backend!r}")
    if backend == "loky":
        if scheduler is not None:
            raise ValueError(f"scheduler must be None with the backend loky, got {scheduler!r}")
        yield joblib.Parallel(n_jobs=jobs, return_as="generator_unordered")
        return
    try:
        from distributed import Client
    except ImportError as error:
        raise ValueError(
            'backend "dask" needs the package distributed: pip install ".[dask]" in the project'
        ) from error
    local = {"n_workers": jobs, "threads_per_worker": 1, "dashboard_address": None}
    with (
        Client(scheduler) if scheduler else Client(**local),
        joblib.parallel_config("dask", n_jobs=-1),
    ):
        yield joblib.Parallel(return_as="generator_unordered")

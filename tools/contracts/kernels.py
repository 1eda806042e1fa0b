"""A pytest plugin that forks the kernels of notebooks from a process that has the libraries.

Load it with ``-p tools.contracts.kernels`` beside nbval. To import torch, matplotlib and SciPy
takes half of the start of a kernel; each worker does it once here. The book's own package comes
with the notebook that imports it, and so do pandas and scikit-learn: a table is as wide as pandas
finds right when it is imported, in a notebook or not.
"""

import multiprocessing
import os
import sys
from importlib.metadata import EntryPoint

from jupyter_client.provisioning import KernelProvisionerFactory, LocalProvisioner

_LIBRARIES = [
    "ipykernel.kernelapp",
    "matplotlib.pyplot",
    "scipy.optimize",
    "scipy.stats",
    "torch",
]
# In the process that kernels are forked from, which imports this too: where it looks for modules
_PLACES = [place for place in sys.path if place]


class ForkedKernel:
    """A kernel as `subprocess.Popen` would show it."""

    stdin = stdout = stderr = None

    def __init__(self, connection_file: str, folder: str, environment: dict) -> None:
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload([__name__, *_LIBRARIES])
        self.process = context.Process(
            target=_become_kernel, args=(connection_file, folder, environment)
        )
        self.process.start()
        self.pid = self.process.pid

    def poll(self) -> int | None:
        """Return the status that the kernel has ended with, None if it goes on."""
        return self.process.exitcode

    def wait(self) -> int:
        """Wait for its end and return the status."""
        self.process.join()
        return self.process.exitcode

    def send_signal(self, number: int) -> None:
        """Send it a signal."""
        os.kill(self.pid, number)


class Forking(LocalProvisioner):
    """Forks a kernel where its parent starts one as a program."""

    async def launch_kernel(self, cmd: list[str], **kwargs: object) -> dict:
        """Fork a kernel that has the libraries."""
        self.cwd = kwargs["cwd"]
        self.process = ForkedKernel(cmd[cmd.index("-f") + 1], self.cwd, kwargs["env"])
        self.pid = self.pgid = self.process.pid  # a group of its own gets the signals
        return self.connection_info


def _become_kernel(connection_file: str, folder: str, environment: dict) -> None:
    """Turn this process into a kernel that can import what `python -m ipykernel_launcher` could."""
    from ipykernel import kernelapp

    os.setsid()
    os.chdir(folder)
    os.environ.update(environment)
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())
    for name in [name for name in sys.modules if name.partition(".")[0] == __name__.split(".")[0]]:
        del sys.modules[name]
    sys.path[:] = _PLACES
    sys.argv = ["ipykernel_launcher.py", "-f", connection_file]
    kernelapp.launch_new_instance([*sys.argv[1:], f"--IPKernelApp.parent_handle={os.getppid()}"])


def pytest_configure() -> None:
    """Have all kernels of this process forked, where that is safe."""
    if sys.platform.startswith("linux"):
        # which matplotlib reads when it is imported, here before ipykernel can set it
        os.environ.setdefault("MPLBACKEND", "module://matplotlib_inline.backend_inline")
        factory = KernelProvisionerFactory.instance()
        place = f"{__name__}:{Forking.__name__}"
        factory.provisioners["forking"] = EntryPoint("forking", place, factory.GROUP_NAME)
        factory.default_provisioner_name = "forking"

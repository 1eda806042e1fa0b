"""A forked kernel is what `python -m ipykernel_launcher` would be."""

import os
import sys

import pytest
from jupyter_client.provisioning import KernelProvisionerFactory
from nbclient import NotebookClient
from nbformat import v4

from tools.contracts import kernels

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="forks on Linux only")

ASKED = {
    "its modules": "import sys\nprint([n for n in ('tools', 'rnn_tutorial') if n in sys.modules])",
    "what it could import": "import sys\nprint(sys.path)",
    "its folder and name": "import os\nprint(os.getcwd(), __name__)",
    "its figures": "from matplotlib import pyplot\npyplot.plot([1])\nprint(pyplot.get_backend())",
    "its tables": "import pandas as pd\nprint(pd.get_option('display.max_columns'))",
    "what it prints": "import sys\nprint(1)\nprint(2, file=sys.stderr)",
    "what others print in it": "import os\nos.write(1, b'1')\nos.write(2, b'2')",
    "the tools": "import tools",
}


@pytest.fixture
def forking(monkeypatch):
    """Have kernels forked, as the tests of the notebooks do."""
    factory = KernelProvisionerFactory.instance()
    monkeypatch.setattr(factory, "default_provisioner_name", "local-provisioner")
    monkeypatch.setenv("MPLBACKEND", "restored when this ends")
    monkeypatch.delenv("MPLBACKEND")
    kernels.pytest_configure()


def answers(folder, sources, **options):
    """Run cells in a new kernel and return what each of them puts out."""
    notebook = v4.new_notebook(cells=[v4.new_code_cell(source) for source in sources])
    resources = {"metadata": {"path": str(folder)}}
    NotebookClient(notebook, resources=resources, allow_errors=True, **options).execute()
    return [sorted(map(seen, cell.outputs)) for cell in notebook.cells]


def seen(output):
    """Return what a reader sees of an output, and of which kind it is."""
    if output.output_type == "stream":
        return output.name, output.text
    if output.output_type == "error":
        return output.ename, output.evalue
    return output.output_type, *output.data


def test_a_forked_kernel_answers_as_one_that_is_started(tmp_path, request):
    started = answers(tmp_path, ASKED.values())
    request.getfixturevalue("forking")
    forked = answers(tmp_path, ["import os\nprint(os.getppid())", *ASKED.values()])
    assert forked.pop(0) != [("stdout", f"{os.getpid()}\n")]
    assert dict(zip(ASKED, forked, strict=True)) == dict(zip(ASKED, started, strict=True))


def test_a_forked_kernel_is_interrupted_and_ended(forking, tmp_path):
    sources = ["import os\nprint(os.getpid())", "while True: pass"]
    options = {"timeout": 2, "interrupt_on_timeout": True}
    ((_, number),), endless = answers(tmp_path, sources, **options)
    assert [name for name, _ in endless] == ["KeyboardInterrupt"]
    with pytest.raises(ProcessLookupError):
        os.kill(int(number), 0)

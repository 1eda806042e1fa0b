import asyncio

import nbformat
import pytest

from tools.contracts.rewrite import as_text, read, rewritten

# A chapter in small. The cells that begin with "other" lend their outputs to mutated copies.
CHAPTER = {
    "setup": "import matplotlib.pyplot as plt\nimport pandas as pd\nfrom myst_nb import glue\n\n"
    "def draw(values, label='tanh'):\n"
    "    fig, ax = plt.subplots()\n"
    "    ax.plot(values, label=label)\n"
    "    ax.set_ylim(0, 4)\n"
    "    ax.legend()\n"
    "    return fig",
    "text": "print(f'loss {0.53124:.3f} after {12} steps of h_3')",
    "table": "pd.DataFrame({'accuracy': [0.8312, 0.7901]}, index=['GRU', 'tanh'])",
    "curve": "draw([1, 3, 2])\nplt.show()",
    "other curve": "draw([1, 3, 2.2])\nplt.show()",
    "other label": "draw([1, 3, 2], label='GRU')\nplt.show()",
    "glue": "glue('accuracy', '0.831')\nglue('recall', '0.785')",
    "hidden glue": "glue('precision', '0.812', display=False)",
    "glued curve": "figure = draw([1, 3, 2])\nplt.close(figure)\n"
    "glue('curve', figure, display=False)",
    "other glued curve": "figure = draw([1, 3, 2.2])\nplt.close(figure)\n"
    "glue('curve', figure, display=False)",
    "raises": "raise ValueError('the loss is 0.53, over the bound')",
    "trained": "print('accuracy 0.831, that is 83.1%, over 12 seeds')",
    "timed": "print('took 0.52 s')",
}
METADATA = {
    "raises": {"tags": ["raises-exception"]},
    "trained": {"contract": {"atol": 0.01, "reason": "trained live; .01 is the spread of 5 seeds"}},
    "timed": {"tags": ["nbval-ignore-output"], "nbval_ignore_reason": "a time is no claim"},
}


@pytest.fixture(scope="session")
def write_notebook():
    """Write a notebook that was never run: sources by name, metadata by name."""

    def write(path, sources, metadata=None):
        cells = [
            nbformat.v4.new_code_cell(source, metadata=(metadata or {}).get(name, {}))
            for name, source in sources.items()
        ]
        nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
        return path

    return write


@pytest.fixture(scope="session")
def run_notebook():
    """Run a notebook and store it as `make notebooks` does."""

    def run(path):
        notebook, _ = asyncio.run(rewritten(read(path), path.parent))
        path.write_text(as_text(notebook), encoding="utf-8")
        return notebook

    return run


@pytest.fixture(scope="session")
def chapter(tmp_path_factory, write_notebook, run_notebook):
    """Return the executed cells of the chapter by name; a test copies what it changes."""
    path = tmp_path_factory.mktemp("chapter") / "chapter.ipynb"
    write_notebook(path, CHAPTER, METADATA)
    return dict(zip(CHAPTER, run_notebook(path).cells, strict=True))

"""Write the inventories with which ``:class:`torch.nn.GRU``` becomes a link, without a network.

A project's own inventory has thousands of entries and is fetched from the web at every build.
These hold the few names that the book uses. After adding a name run

    python book/_inventories/make_inventories.py
"""

import pydoc
from pathlib import Path
from types import SimpleNamespace

from sphinx.util.inventory import InventoryFile

HERE = Path(__file__).parent

# project: {address pattern: {role: names}}; in a pattern {name} is the full name and {anchor} the
# same as a page anchor, {module} what stands before the last dot. The site's address of each
# project stands in _config.yml.
NAMES = {
    "torch": {
        "generated/{name}.html#{name}": {
            "class": "torch.Generator torch.nn.Dropout torch.nn.Embedding torch.nn.GRU "
            "torch.nn.GRUCell torch.nn.LSTM torch.nn.LSTMCell torch.nn.Linear torch.nn.Module "
            "torch.nn.Parameter torch.nn.RNN torch.nn.RNNCell torch.nn.CrossEntropyLoss "
            "torch.nn.ModuleDict torch.nn.ModuleList torch.nn.Sequential "
            "torch.nn.utils.rnn.PackedSequence torch.optim.Adam torch.optim.AdamW "
            "torch.optim.Optimizer torch.optim.SGD "
            "torch.optim.lr_scheduler.LRScheduler torch.optim.lr_scheduler.LambdaLR "
            "torch.optim.lr_scheduler.OneCycleLR torch.optim.lr_scheduler.StepLR "
            "torch.optim.lr_scheduler.ReduceLROnPlateau",
            "function": "torch.cat torch.equal torch.gather torch.load torch.manual_seed "
            "torch.randn torch.save torch.stack torch.tanh torch.sigmoid torch.softmax "
            "torch.allclose torch.arange torch.einsum torch.get_num_threads "
            "torch.set_num_threads torch.set_default_dtype torch.use_deterministic_algorithms "
            "torch.autograd.grad torch.nn.functional.cross_entropy torch.nn.functional.one_hot "
            "torch.nn.functional.log_softmax torch.nn.utils.clip_grad_norm_ "
            "torch.nn.utils.clip_grad_value_ torch.nn.utils.rnn.pack_padded_sequence "
            "torch.nn.utils.rnn.pack_sequence torch.nn.utils.rnn.pad_packed_sequence "
            "torch.nn.utils.rnn.pad_sequence torch.nn.init.orthogonal_ torch.nn.init.eye_ "
            "torch.nn.init.xavier_uniform_ torch.linalg.svdvals torch.linalg.eigvals",
            "method": "torch.Tensor.backward torch.Tensor.detach torch.Tensor.gather "
            "torch.Tensor.item torch.Tensor.requires_grad_ torch.Tensor.to",
        },
        "generated/{module}.html#{name}": {
            "method": "torch.nn.Module.eval torch.nn.Module.forward "
            "torch.nn.Module.load_state_dict torch.nn.Module.parameters "
            "torch.nn.Module.state_dict torch.nn.Module.train",
        },
        "tensors.html#{name}": {"class": "torch.Tensor"},
        "tensor_attributes.html#{name}": {"class": "torch.device torch.dtype"},
        "data.html#{name}": {
            "class": "torch.utils.data.DataLoader torch.utils.data.Dataset "
            "torch.utils.data.Sampler torch.utils.data.TensorDataset",
        },
        "autograd.html#{name}": {"function": "torch.autograd.gradcheck.gradcheck"},
    },
    "python": {
        "library/functions.html#{name}": {"class": "bool dict float int list tuple set object"},
        "library/stdtypes.html#{name}": {"class": "str bytes"},
        "library/exceptions.html#{name}": {
            "exception": "AttributeError FileNotFoundError IndexError KeyError RuntimeError "
            "TypeError ValueError Warning",
        },
        "library/fractions.html#{name}": {"class": "fractions.Fraction"},
        "library/pathlib.html#{name}": {"class": "pathlib.Path"},
        "library/typing.html#{name}": {"class": "typing.NamedTuple", "data": "typing.Any"},
        "library/collections.abc.html#{name}": {
            "class": "collections.abc.Callable collections.abc.Generator "
            "collections.abc.Iterable collections.abc.Iterator collections.abc.Mapping "
            "collections.abc.Sequence collections.abc.Hashable collections.abc.Collection",
        },
    },
    "numpy": {
        "reference/generated/{name}.html#{name}": {"class": "numpy.ndarray"},
        "reference/random/generator.html#{name}": {"class": "numpy.random.Generator"},
    },
    "pandas": {
        "reference/api/{name}.html#{name}": {"class": "pandas.DataFrame pandas.Series"},
    },
    "matplotlib": {
        "api/_as_gen/{name}.html#{name}": {"class": "matplotlib.axes.Axes"},
        "api/figure_api.html#{name}": {"class": "matplotlib.figure.Figure"},
    },
    "sklearn": {
        "modules/generated/{name}.html#{name}": {
            "class": "sklearn.linear_model.LogisticRegression sklearn.pipeline.Pipeline "
            "sklearn.feature_extraction.text.CountVectorizer "
            "sklearn.feature_extraction.text.TfidfVectorizer",
            "function": "sklearn.metrics.accuracy_score sklearn.metrics.classification_report "
            "sklearn.metrics.confusion_matrix sklearn.metrics.f1_score "
            "sklearn.metrics.precision_recall_fscore_support sklearn.metrics.recall_score "
            "sklearn.model_selection.train_test_split",
        },
    },
}


def entries(project: str) -> list[tuple]:
    """List what a project's inventory holds.

    A class that is defined in a private module stands there under that name too: autodoc
    knows it by no other.

    Parameters
    ----------
    project : str
        A key of ``NAMES``.

    Returns
    -------
    list of tuple
        The entries ``(name, shown name, role, address, anchor, priority)``.
    """
    found = []
    for pattern, roles in NAMES[project].items():
        for role, names in roles.items():
            for name in names.split():
                module = name.rpartition(".")[0]
                page, _, anchor = pattern.format(name=name, module=module).partition("#")
                found.append((name, name, role, page, anchor, 1))
                if role == "class" and (alias := full_name(pydoc.locate(name))) != name:
                    found.append((alias, name, role, page, anchor, 1))
    return found


def full_name(thing: type) -> str:
    """Say where a class is defined, ``str`` and not ``builtins.str`` for a built-in one."""
    return f"{thing.__module__}.{thing.__qualname__}".removeprefix("builtins.")


def write_inventory(project: str, folder: Path) -> Path:
    """Write ``<project>.inv`` in Sphinx's format.

    Parameters
    ----------
    project : str
        A key of ``NAMES``.
    folder : Path
        Where the file goes.

    Returns
    -------
    Path
        The file written.
    """
    domain = SimpleNamespace(get_objects=lambda: entries(project))
    environment = SimpleNamespace(
        config=SimpleNamespace(project=project, version=""), domains={"py": domain}
    )
    builder = SimpleNamespace(get_target_uri=lambda page: page)
    path = folder / f"{project}.inv"
    InventoryFile.dump(str(path), environment, builder)
    return path


if __name__ == "__main__":
    for project in NAMES:
        print(write_inventory(project, HERE))

"""Which cell a recurrent layer has, ours or torch's, and what it can read.

A layer is known by its class, the book's or torch.nn's: a subclass counts, and so does a layer
whose weights are parametrized.
"""

from torch import Tensor, nn

from rnn_tutorial import _arguments
from rnn_tutorial.networks import _rows, layers

State = Tensor | tuple[Tensor, ...]

CELLS = {"rnn": "RNN", "gru": "GRU", "lstm": "LSTM"}  # the classes of both engines
ENGINES = {"rnn_tutorial": layers, "torch": nn}


def layer_class(cell: str, engine: str = "rnn_tutorial") -> type[nn.Module]:
    """Return the class of the layers that have a cell.

    Parameters
    ----------
    cell : {"rnn", "gru", "lstm"}
        The cell.
    engine : {"rnn_tutorial", "torch"}
        Whose class: the book's, or that of ``torch.nn``.

    Returns
    -------
    type

    Raises
    ------
    ValueError
        If `cell` or `engine` is not one of those.
    """
    _arguments.choice("cell", cell, CELLS)
    return getattr(ENGINES[_arguments.choice("engine", engine, ENGINES)], CELLS[cell])


def cell_of(layer: nn.Module) -> str | None:
    """Return the cell of a recurrent layer, ours or torch's: "rnn", "gru" or "lstm".

    Of anything else, torch's single-step modules such as ``nn.LSTMCell`` included, None.
    """
    for cell in CELLS:
        if isinstance(layer, tuple(layer_class(cell, engine) for engine in ENGINES)):
            return cell
    return None


def detach(state: State) -> State:
    """Detach a state, or a pair of them, from the graph that made it; the values stay."""
    if isinstance(state, tuple | list):
        return tuple(part.detach() for part in state)
    return state.detach()


def check_recurrent(layer: nn.Module) -> None:
    """Refuse whatever is not a recurrent layer, and torch's LSTM with projected states."""
    if cell_of(layer) is None:
        raise TypeError(f"layer must be an RNN, LSTM or GRU, got {type(layer).__name__}")
    if layer.proj_size:
        raise ValueError(f"layer must not project its states, got proj_size={layer.proj_size}")


def check_run(layer: nn.Module, inputs: Tensor, hx: State | None, name: str = "hx") -> int:
    """Check that a layer, ours or torch's, can read the inputs from the state on.

    Parameters
    ----------
    layer : Module
        What should be a recurrent layer of one direction.
    inputs : Tensor
        What should be one sequence or a padded batch, in the layout of the layer.
    hx : Tensor or pair of Tensors or None
        What should be an initial state.
    name : str
        What the caller calls that state.

    Returns
    -------
    int
        Which dimension of the inputs is time.

    Raises
    ------
    TypeError, ValueError
        If one of them does not fit.
    """
    check_recurrent(layer)
    if layer.bidirectional:
        raise ValueError("layer must have one direction, got a bidirectional one")
    weight = _arguments.floating("the layer's weight_ih_l0", layer.weight_ih_l0)
    time = _rows.check_sequences("inputs", inputs, layer.input_size, layer.batch_first, weight)
    if hx is not None:
        batch = [] if inputs.dim() == 2 else [inputs.shape[1 - time]]
        shape = (layer.num_layers, *batch, layer.hidden_size)
        _rows.check_states(name, hx, shape, cell_of(layer) == "lstm", weight)
    return time

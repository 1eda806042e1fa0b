"""What a run of a recurrent layer, ours or torch's, takes and hands on: its kind, its states."""

from torch import Tensor, nn

from rnn_tutorial import _arguments

State = Tensor | tuple[Tensor, ...]


def detach(state: State) -> State:
    """Cut a state, or a pair of them, off from the graph that made it; the values stay."""
    if isinstance(state, tuple | list):
        return tuple(part.detach() for part in state)
    return state.detach()


def check_recurrent(layer: nn.Module) -> None:
    """Refuse what is no recurrent layer, and torch's LSTM with projected states."""
    if not all(hasattr(layer, a) for a in ("all_weights", "bidirectional", "batch_first")):
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
    single = isinstance(inputs, Tensor) and not inputs.is_nested and inputs.dim() == 2
    names = ["time"] if single else ["batch", "time"] if layer.batch_first else ["time", "batch"]
    _arguments.tensor("inputs", inputs, (*names, layer.input_size), weight)
    time = names.index("time")
    if inputs.shape[time] == 0:
        raise ValueError(f"inputs must have at least one time step, got {tuple(inputs.shape)}")
    if hx is None:
        return time
    parts = hx if has_cell_state(layer) else (hx,)
    if not isinstance(parts, tuple | list) or len(parts) != 1 + has_cell_state(layer):
        raise TypeError(f"{name} must be a pair (h_0, c_0), got {type(hx).__name__}")
    batch = [] if single else [inputs.shape[1 - time]]
    for part in parts:
        _arguments.tensor(name, part, (layer.num_layers, *batch, layer.hidden_size), weight)
    return time


def has_cell_state(layer: nn.Module) -> bool:
    """Tell whether a recurrent layer is an LSTM: it alone has four blocks of rows."""
    return layer.weight_ih_l0.shape[0] == 4 * layer.hidden_size

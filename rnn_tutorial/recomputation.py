"""The full gradient from a few stored states: the rest is computed again on the way back."""

import torch
from torch import Tensor, nn

from rnn_tutorial import _arguments
from rnn_tutorial._gradients import StepLoss
from rnn_tutorial._runs import State, check_run, detach


def recomputed_bptt(
    layer: nn.Module,
    inputs: Tensor,
    loss_function: StepLoss,
    *,
    every: int,
    hx: State | None = None,
) -> tuple[Tensor, dict[str, Tensor], State]:
    """Backpropagate through all steps, with every `every`-th state stored and the others not.

    The sequence is run once without a graph, and the state at the beginning of each chunk is kept.
    Then, from the last chunk to the first, a chunk is run again with its graph and sent
    back, together with the gradient that arrives at its last state from the chunk behind it. In
    contrast to `rnn_tutorial.bptt.truncated_bptt` that gradient is not dropped at the cut, so the
    result is the full one. At most T / `every` + `every` steps' states are held at a time,
    least for `every` near the root of T [1]_, for the price of a second run forward.

    Parameters
    ----------
    layer : Module
        One of our layers or of torch's, of one direction, without dropout between layers (which
        would draw other masks the second time).
    inputs : Tensor, (time, features) or (time, batch, features)
        The sequences; (batch, time, features) if the layer is ``batch_first``.
    loss_function : callable
        Takes the outputs of some steps, in the layer's layout, and the slice of time that they
        are; returns the sum of their losses. The losses of all steps add up to the loss.
    every : int
        The length of a chunk.
    hx : Tensor or pair of Tensors, optional
        The initial state.

    Returns
    -------
    loss : Tensor, ()
        The loss of the whole sequence.
    gradients : dict of str to Tensor
        The full gradient of each parameter that requires one, by name.
    state : Tensor or pair of Tensors
        The last state, detached.

    Raises
    ------
    TypeError, ValueError
        If `every` is no positive integer, the layer is no recurrent one, bidirectional or has
        dropout that is on, or inputs, state or loss do not fit.

    References
    ----------
    .. [1] Chen, Xu, Zhang and Guestrin, Training deep nets with sublinear memory cost,
       arXiv:1604.06174, 2016.
    """
    every = _arguments.integer("every", every, 1)
    time = check_run(layer, inputs, hx)
    if layer.training and getattr(layer, "dropout", 0):
        raise ValueError(f"layer must not drop out, got dropout={layer.dropout} in training")
    parameters = {name: p for name, p in layer.named_parameters() if p.requires_grad}
    gradients = {name: torch.zeros_like(p) for name, p in parameters.items()}
    chunks = list(zip(inputs.split(every, time), _slices(inputs.shape[time], every), strict=True))

    kept, state = [], None if hx is None else detach(hx)
    for chunk, _ in chunks:
        kept.append(state)  # the state before each chunk is all that is stored
        with torch.no_grad():
            _, state = layer(chunk, state)
    last, total, from_later = detach(state), inputs.new_zeros(()), None
    for chunk, steps in reversed(chunks):
        begin = _parts(kept.pop(), require_gradient=True)
        with torch.enable_grad():
            outputs, end = layer(chunk, _as_state(begin))
            loss = _arguments.scalar("loss_function", loss_function(outputs, steps))
            # what comes from the chunk behind is sent through the last state as a second loss
            sent_back = loss + _product(_parts(end), from_later)
        total += loss.detach()
        if sent_back.requires_grad:
            found = torch.autograd.grad(
                sent_back, [*parameters.values(), *begin], allow_unused=True
            )
            for name, gradient in zip(gradients, found, strict=False):
                if gradient is not None:
                    gradients[name] += gradient
            from_later = found[len(gradients) :]
    return total, gradients, last


def _slices(length: int, every: int) -> list[slice]:
    return [slice(start, min(start + every, length)) for start in range(0, length, every)]


def _parts(state: State | None, *, require_gradient: bool = False) -> tuple[Tensor, ...]:
    """Return the tensors of a state: none, one, or a pair."""
    parts = () if state is None else state if isinstance(state, tuple | list) else (state,)
    return tuple(p.detach().requires_grad_() for p in parts) if require_gradient else tuple(parts)


def _as_state(parts: tuple[Tensor, ...]) -> State | None:
    return None if not parts else parts[0] if len(parts) == 1 else parts


def _product(parts: tuple[Tensor, ...], gradients: tuple[Tensor | None, ...] | None) -> Tensor:
    """Return the sum of the products of tensors and the gradients that arrive at them."""
    pairs = zip(parts, gradients or (), strict=False)
    return sum(((part * g).sum() for part, g in pairs if g is not None), parts[0].new_zeros(()))

"""Four ways to a gradient through time, for any recurrent layer, ours or torch's.

Backpropagation that is cut after some steps, backpropagation that recomputes states instead of
keeping them, real-time recurrent learning, which goes forward, and finite differences, which need
no derivation at all. The backward passes that the layers themselves use are in
`rnn_tutorial.networks.functions`.
"""

import contextlib
import itertools
import math
from collections.abc import Callable, Mapping

import torch
from torch import Tensor, nn

from rnn_tutorial import _arguments
from rnn_tutorial.networks.kinds import State, cell_of, check_run, detach

# Takes the outputs of some steps and the slice of time they cover; returns their summed loss.
StepLoss = Callable[[Tensor, slice], Tensor]


def truncated_bptt(
    layer: nn.Module,
    inputs: Tensor,
    loss_function: StepLoss,
    *,
    steps: int,
    every: int | None = None,
    hx: State | None = None,
) -> tuple[Tensor, dict[str, Tensor], State]:
    """Backpropagate through at most `steps` steps, and carry the state on, detached.

    After every `every` steps the losses of these steps are sent back through the last `steps`
    steps: BPTT(h; h') in [1]_, with h = `steps` and h' = `every`. With `every` equal to `steps`,
    the default, the sequence is cut into chunks, as is done in practice: a loss at the beginning
    of a chunk is then sent back a single step. With ``every=1`` each loss is sent back `steps`
    steps. With `steps` no less than the length, the gradient is the full one.

    Parameters
    ----------
    layer : Module
        One of our layers or of torch's, of one direction.
    inputs : Tensor, (time, features) or (time, batch, features)
        The sequences; (batch, time, features) if the layer is ``batch_first``.
    loss_function : callable
        Takes the outputs of some steps, in the layer's layout, and the slice of time they cover;
        returns the sum of their losses. The losses of all steps add up to the loss. It must
        depend on the layer through the outputs alone: a penalty on the weights would be counted
        once for each call.
    steps : int
        Through how many steps to go back, at most: where the sequence does not fill the last
        chunk, its losses go back fewer steps.
    every : int, optional
        How many steps' losses to send back at once, a divisor of `steps`.
    hx : Tensor or pair of Tensors, optional
        The initial state, for example the last one of the previous chunk.

    Returns
    -------
    loss : Tensor, ()
        The loss of the whole sequence, which does not depend on `steps`, unless dropout between
        layers draws other masks.
    gradients : dict of str to Tensor
        The truncated gradient of each parameter that requires one, by name.
    state : Tensor or pair of Tensors
        The last state, detached.

    Raises
    ------
    TypeError, ValueError
        If `steps` or `every` is not a positive integer, `every` does not divide `steps`, the layer
        is not recurrent or is bidirectional (the state of its second direction comes from the
        future), or inputs, state or loss do not fit.
    RuntimeError
        In torch's inference mode, where nothing can be differentiated.

    References
    ----------
    .. [1] Williams and Peng, An efficient gradient-based algorithm for on-line training of
       recurrent network trajectories, Neural Computation 2, 1990.
    """
    steps = _arguments.integer("steps", steps, 1)
    every = steps if every is None else _arguments.integer("every", every, 1)
    if steps % every:
        raise ValueError(f"every must divide steps, got {every} and {steps}")
    time = check_run(layer, inputs, hx)
    length = inputs.shape[time]
    parameters = {name: p for name, p in layer.named_parameters() if p.requires_grad}
    gradients = {name: torch.zeros_like(p) for name, p in parameters.items()}
    total = inputs.new_zeros(())
    state = None if hx is None else detach(hx)
    begins = [(0, state)]  # the steps where the next window may begin, and the states there
    for start in range(0, length, every):
        stop = min(start + every, length)
        begin, window_state = begins[0]
        with _differentiable():
            outputs, last = layer(inputs.narrow(time, begin, stop - begin), window_state)
            outputs = outputs.narrow(time, start - begin, stop - start)
            loss = _arguments.scalar("loss_function", loss_function(outputs, slice(start, stop)))
        if loss.requires_grad:  # steps without a target may have a constant loss
            found = torch.autograd.grad(loss, list(parameters.values()), allow_unused=True)
            for name, gradient in zip(gradients, found, strict=True):
                if gradient is not None:
                    gradients[name] += gradient
        total += loss.detach()
        state = detach(last)
        begins = [*begins, (stop, state)][-(steps // every) :]
    return total, gradients, state


def recomputed_bptt(
    layer: nn.Module,
    inputs: Tensor,
    loss_function: StepLoss,
    *,
    every: int,
    hx: State | None = None,
) -> tuple[Tensor, dict[str, Tensor], State]:
    """Backpropagate through all steps, but store only one state in every `every` steps.

    The sequence is run once without a graph, and the state at the beginning of each chunk is kept.
    Then, from the last chunk to the first, each chunk is run again with its graph and
    backpropagated, together with the gradient that arrives at its last state from the next chunk.
    Unlike in `truncated_bptt`, that gradient is not dropped at the cut, so the result is the full
    one. The states of at most T / `every` + `every` steps are held at a time, fewest for `every`
    near the square root of T [1]_, at the price of a second run forward.

    Parameters
    ----------
    layer : Module
        One of our layers or of torch's, of one direction, without dropout between layers (which
        would draw different masks the second time).
    inputs : Tensor, (time, features) or (time, batch, features)
        The sequences; (batch, time, features) if the layer is ``batch_first``.
    loss_function : callable
        Takes the outputs of some steps, in the layer's layout, and the slice of time they cover;
        returns the sum of their losses. The losses of all steps add up to the loss.
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
        If `every` is not a positive integer, the layer is not recurrent, is bidirectional or has
        dropout that is on, or inputs, state or loss do not fit.
    RuntimeError
        In torch's inference mode, where nothing can be differentiated.

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
        with _differentiable():
            outputs, end = layer(chunk, _as_state(begin))
            loss = _arguments.scalar("loss_function", loss_function(outputs, steps))
            # the gradient from the next chunk goes through the last state, as a second loss
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


def rtrl(
    layer: nn.Module, inputs: Tensor, loss_function: StepLoss, *, hx: Tensor | None = None
) -> tuple[Tensor, dict[str, Tensor], Tensor]:
    """Compute the gradient forward in time, by real-time recurrent learning [1]_.

    Besides the state it carries the influence dh_t/dw of each weight on each unit, so it needs
    neither the past nor the end of the sequence. The price, for H units: the influence has H
    numbers for each weight, and a step costs about H² times as much work as a step of
    backpropagation through time, H⁴ against H².

    Parameters
    ----------
    layer : Module
        A tanh RNN, ours or torch's, of one layer and one direction.
    inputs, loss_function, hx
        See `truncated_bptt`.

    Returns
    -------
    loss : Tensor, ()
        The loss of the whole sequence.
    gradients : dict of str to Tensor
        The full gradient of each parameter, by name.
    state : Tensor
        The last state, detached.

    Raises
    ------
    TypeError, ValueError
        If the layer is not a tanh RNN, has several layers or two directions, or inputs, state or
        loss do not fit.
    RuntimeError
        In torch's inference mode, where nothing can be differentiated.

    References
    ----------
    .. [1] Williams and Zipser, A learning algorithm for continually running fully recurrent neural
       networks, Neural Computation 1, 1989.
    """
    if cell_of(layer) != "rnn" or layer.nonlinearity != "tanh":
        raise TypeError(f"layer must be a tanh RNN, got {layer!r}")
    if layer.num_layers > 1:
        raise ValueError(f"layer must have one layer, got {layer.num_layers}")
    time = check_run(layer, inputs, hx)
    single = inputs.dim() == 2
    sequences = (inputs.unsqueeze(1) if single else inputs.movedim(time, 0)).detach()
    weight_ih, weight_hh, *biases = (weight.detach() for weight in layer.all_weights[0])
    bias = sum(biases)  # 0 without biases
    features, hidden = weight_ih.shape[1], weight_hh.shape[0]
    if hx is None:
        h = sequences.new_zeros(sequences.shape[1], hidden)
    else:
        h = hx.detach().reshape(-1, hidden)

    # One weight matrix W for the joint input z_t = (x_t, h_{t-1}, 1), so that h_t = tanh(W z_t).
    columns = features + hidden + 1
    influence = h.new_zeros(len(h), hidden, hidden, columns)  # dh_i/dW_jk of each sequence
    gradient, total = h.new_zeros(hidden, columns), h.new_zeros(())
    for t, x in enumerate(sequences):
        z = torch.cat([x, h, h.new_ones(len(h), 1)], dim=1)
        h = torch.tanh(x @ weight_ih.T + h @ weight_hh.T + bias)
        influence = influence_after(influence, z, h, weight_hh)

        outputs = h if single else h.unsqueeze(time)  # of this step, in the layer's layout
        loss, d_outputs = _loss_and_gradient(loss_function, outputs, slice(t, t + 1))
        total += loss
        if d_outputs is not None:
            gradient += torch.einsum("bi,bijk->jk", d_outputs.reshape(h.shape), influence)
    from_x, from_h, from_one = gradient.split([features, hidden, 1], dim=1)
    gradients = {"weight_ih_l0": from_x.clone(), "weight_hh_l0": from_h.clone()}
    if layer.bias:
        gradients |= {"bias_ih_l0": from_one[:, 0].clone(), "bias_hh_l0": from_one[:, 0].clone()}
    return total, gradients, h if single else h.unsqueeze(0)


def influence_after(influence: Tensor, z: Tensor, h: Tensor, weight_hh: Tensor) -> Tensor:
    """Move the influence of each weight on each unit of a tanh RNN one step on, as `rtrl` does.

    Parameters
    ----------
    influence : Tensor, (batch, hidden, hidden, columns)
        dh_i/dW_jk before the step, where W is one matrix for all of z.
    z : Tensor, (batch, columns)
        What the step reads: the input, the state before, and 1 for the bias.
    h : Tensor, (batch, hidden)
        The state after the step.
    weight_hh : Tensor, (hidden, hidden)
        The weights of the state before.

    Returns
    -------
    Tensor, (batch, hidden, hidden, columns)
        dh_i/dW_jk after the step.
    """
    through_state = torch.einsum("il,bljk->bijk", weight_hh, influence)
    directly = torch.einsum("ij,bk->bijk", torch.eye(h.shape[1]).to(h), z)
    return (1 - h**2)[:, :, None, None] * (directly + through_state)


def _loss_and_gradient(
    loss_function: StepLoss, outputs: Tensor, steps: slice
) -> tuple[Tensor, Tensor | None]:
    """Return the loss of some steps and its gradient by the outputs, None if it is constant."""
    with _differentiable():
        leaf = outputs.clone().requires_grad_()
        loss = _arguments.scalar("loss_function", loss_function(leaf.clone(), steps))
    gradient = None
    if loss.requires_grad:  # steps without a target may have a constant loss
        (gradient,) = torch.autograd.grad(loss, leaf, allow_unused=True)
    return loss.detach(), gradient


def finite_differences(
    function: Callable[[], Tensor], tensors: Mapping[str, Tensor], *, step: float = 1e-6
) -> dict[str, Tensor]:
    """Estimate the gradient of a scalar by central differences, one number at a time.

    Parameters
    ----------
    function : callable
        Without arguments; computes a scalar from the tensors as they are.
    tensors : mapping of str to Tensor
        What to differentiate with respect to, in float64, for example
        ``dict(layer.named_parameters())``. They are changed in place, one element at a time, and
        restored.
    step : float
        Half the distance between the two points. The error has a part of the order of step² and,
        from rounding, one of the order of 1e-16 / step.

    Returns
    -------
    dict of str to Tensor
        The gradients, each in the shape of its tensor.

    Raises
    ------
    TypeError
        If a tensor is not of float64: in float32 the difference is mostly rounding.
    ValueError
        If `step` is not positive or too small to change a number, a tensor has elements that
        share their memory, or the function does not return a tensor of one finite number.
    """
    step = _arguments.positive("step", step)
    if not isinstance(tensors, Mapping):
        raise TypeError(
            f"tensors must be a mapping of names to tensors, got {type(tensors).__name__}"
        )
    for name, tensor in tensors.items():
        if not isinstance(tensor, Tensor) or tensor.dtype != torch.float64:
            got = tensor.dtype if isinstance(tensor, Tensor) else type(tensor).__name__
            raise TypeError(f"tensors[{name!r}] must be a tensor of float64, got {got}")
        if any(s == 0 and n > 1 for s, n in zip(tensor.stride(), tensor.shape, strict=True)):
            raise ValueError(
                f"tensors[{name!r}] must have memory for each element; clone() it first"
            )

    def value() -> float:
        result = _arguments.scalar("function", function()).item()
        if not math.isfinite(result):
            raise ValueError(f"function must return a finite number, got {result}")
        return result

    gradients = {}
    with torch.no_grad():
        for name, tensor in tensors.items():
            gradients[name] = torch.empty_like(tensor)
            for index in itertools.product(*map(range, tensor.shape)):
                before = tensor[index].item()
                if before + step == before:
                    raise ValueError(f"step must be large enough to change {before}, got {step}")
                try:
                    tensor[index] = before + step
                    above = value()
                    tensor[index] = before - step
                    below = value()
                finally:
                    tensor[index] = before
                gradients[name][index] = (above - below) / (2 * step)
    return gradients


def _differentiable() -> contextlib.AbstractContextManager:
    """Record what follows, even where the caller has switched recording off."""
    if torch.is_inference_mode_enabled():
        raise RuntimeError("gradients cannot be computed in torch.inference_mode; leave it first")
    return torch.enable_grad()


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

"""Three other ways to a gradient through time; `rnn_tutorial.bptt` offers them."""

import itertools
from collections.abc import Callable, Mapping

import torch
from torch import Tensor, nn

from rnn_tutorial import _checks

State = Tensor | tuple[Tensor, ...]
# Takes the outputs of some steps and the slice of time that they are; returns their summed loss.
StepLoss = Callable[[Tensor, slice], Tensor]


def detach(state: State) -> State:
    """Cut a state, or a pair of them, off from the graph that made it; the values stay."""
    if isinstance(state, tuple | list):
        return tuple(part.detach() for part in state)
    return state.detach()


def truncated_bptt(
    layer: nn.Module,
    inputs: Tensor,
    loss_function: StepLoss,
    *,
    steps: int,
    every: int | None = None,
    hx: State | None = None,
) -> tuple[Tensor, dict[str, Tensor], State]:
    """Backpropagate through at most `steps` steps, the state being carried on and detached.

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
        Takes the outputs of some steps, in the layer's layout, and the slice of time that they
        are; returns the sum of their losses. The losses of all steps add up to the loss.
    steps : int
        Through how many steps to go back.
    every : int, optional
        How many steps' losses to send back at once, a divisor of `steps`.
    hx : Tensor or pair of Tensors, optional
        The initial state, for example the last one of the chunk before.

    Returns
    -------
    loss : Tensor, ()
        The loss of the whole sequence, exact, whatever `steps` is.
    gradients : dict of str to Tensor
        The truncated gradient of each parameter of the layer, by name.
    state : Tensor or pair of Tensors
        The last state, detached.

    Raises
    ------
    TypeError, ValueError
        If `steps` or `every` is no positive integer, `every` does not divide `steps`, or the
        layer is bidirectional: the state of its second direction comes from the future.

    References
    ----------
    .. [1] Williams and Peng, An efficient gradient-based algorithm for on-line training of
       recurrent network trajectories, Neural Computation 2, 1990.
    """
    steps = _checks.integer("steps", steps, 1)
    every = steps if every is None else _checks.integer("every", every, 1)
    if steps % every:
        raise ValueError(f"every must divide steps, got {every} and {steps}")
    time = _time_dimension(layer, inputs)
    length = inputs.shape[time]
    parameters = dict(layer.named_parameters())
    gradients = {name: torch.zeros_like(p) for name, p in parameters.items()}
    total = inputs.new_zeros(())
    state, begins = hx, [(0, hx)]  # the steps where a window can begin, and the states there
    for stop in range(every, length + every, every):
        now = slice(stop - every, min(stop, length))
        begin, window_state = next(pair for pair in begins if pair[0] >= stop - steps)
        window = inputs.narrow(time, begin, now.stop - begin)
        outputs, _ = layer(window, window_state)
        outputs = outputs.narrow(time, now.start - begin, now.stop - now.start)
        loss = loss_function(outputs, now)
        if loss.requires_grad:  # steps without a target may have a constant loss
            found = torch.autograd.grad(loss, list(parameters.values()))
            for sum_so_far, gradient in zip(gradients.values(), found, strict=True):
                sum_so_far += gradient
        total += loss.detach()
        with torch.no_grad():
            _, state = layer(inputs.narrow(time, now.start, now.stop - now.start), state)
        begins = [*begins, (now.stop, state)][-(steps // every) :]
    return total, gradients, detach(state)


def rtrl(
    layer: nn.Module, inputs: Tensor, loss_function: StepLoss, *, hx: Tensor | None = None
) -> tuple[Tensor, dict[str, Tensor], Tensor]:
    """Compute the gradient forward in time, by real-time recurrent learning [1]_.

    Beside the state it carries the influence ∂h_t/∂w of each weight on each unit, so it needs
    neither the past nor an end of the sequence. The price is the size of the influence, H times
    the number of weights for each sequence, and H times more work for each step than
    backpropagation through time needs.

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
    TypeError
        If the layer is no tanh RNN.
    ValueError
        If it has several layers or two directions.

    References
    ----------
    .. [1] Williams and Zipser, A learning algorithm for continually running fully recurrent neural
       networks, Neural Computation 1, 1989.
    """
    if getattr(layer, "nonlinearity", None) != "tanh":
        raise TypeError(f"layer must be a tanh RNN, got {layer!r}")
    if layer.num_layers > 1:
        raise ValueError(f"layer must have one layer, got {layer.num_layers}")
    time = _time_dimension(layer, inputs)
    single = inputs.dim() == 2
    sequences = (inputs.unsqueeze(1) if single else inputs.movedim(time, 0)).detach()
    weight_ih, weight_hh = layer.weight_ih_l0.detach(), layer.weight_hh_l0.detach()
    biases = (layer.bias_ih_l0 + layer.bias_hh_l0).detach() if layer.bias else 0
    features, hidden = weight_ih.shape[1], weight_hh.shape[0]
    if hx is None:
        h = sequences.new_zeros(sequences.shape[1], hidden)
    else:
        h = hx.detach().reshape(-1, hidden)

    # One weight matrix W for the joint input z_t = (x_t, h_{t-1}, 1), so that h_t = tanh(W z_t).
    columns = features + hidden + 1
    influence = h.new_zeros(len(h), hidden, hidden, columns)  # ∂h_i/∂W_jk of each sequence
    itself = torch.eye(hidden, dtype=h.dtype)
    gradient, total = h.new_zeros(hidden, columns), h.new_zeros(())
    for t, x in enumerate(sequences):
        z = torch.cat([x, h, h.new_ones(len(h), 1)], dim=1)
        h = torch.tanh(x @ weight_ih.T + h @ weight_hh.T + biases)
        through_state = torch.einsum("il,bljk->bijk", weight_hh, influence)
        directly = torch.einsum("ij,bk->bijk", itself, z)
        influence = (1 - h**2)[:, :, None, None] * (directly + through_state)

        output = h.clone().requires_grad_()
        in_layout = output if single else output.unsqueeze(time)
        loss = loss_function(in_layout, slice(t, t + 1))
        if loss.requires_grad:
            (d_h,) = torch.autograd.grad(loss, output)
            gradient += torch.einsum("bi,bijk->jk", d_h, influence)
        total += loss.detach()
    from_x, from_h, from_one = gradient.split([features, hidden, 1], dim=1)
    gradients = {"weight_ih_l0": from_x.clone(), "weight_hh_l0": from_h.clone()}
    if layer.bias:
        gradients |= {"bias_ih_l0": from_one[:, 0].clone(), "bias_hh_l0": from_one[:, 0].clone()}
    return total, gradients, h if single else h.unsqueeze(0)


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
        put back.
    step : float
        Half the distance of the two points. The error has a part of the order of step² and, from
        rounding, one of the order of 1e-16 / step.

    Returns
    -------
    dict of str to Tensor
        The gradients, each in the shape of its tensor.

    Raises
    ------
    TypeError
        If a tensor is not of float64: in float32 the difference is mostly rounding.
    ValueError
        If `step` is not positive, or the function does not return a single finite number.
    """
    step = _checks.positive("step", step)
    for name, tensor in tensors.items():
        if not isinstance(tensor, Tensor) or tensor.dtype != torch.float64:
            got = tensor.dtype if isinstance(tensor, Tensor) else type(tensor).__name__
            raise TypeError(f"tensors[{name!r}] must be a tensor of float64, got {got}")

    def value() -> float:
        result = function()
        if not isinstance(result, Tensor) or result.numel() != 1 or not result.isfinite().all():
            raise ValueError(f"function must return one finite number, got {result}")
        return result.item()

    gradients = {}
    with torch.no_grad():
        for name, tensor in tensors.items():
            gradients[name] = torch.empty_like(tensor)
            for index in itertools.product(*map(range, tensor.shape)):
                before = tensor[index].item()
                try:
                    tensor[index] = before + step
                    above = value()
                    tensor[index] = before - step
                    below = value()
                finally:
                    tensor[index] = before
                gradients[name][index] = (above - below) / (2 * step)
    return gradients


def _time_dimension(layer: nn.Module, inputs: Tensor) -> int:
    """Return which dimension of the inputs is time, after a check of the layer and the inputs."""
    if not hasattr(layer, "bidirectional"):
        raise TypeError(f"layer must be a recurrent layer, got {type(layer).__name__}")
    if layer.bidirectional:
        raise ValueError("layer must have one direction, got a bidirectional one")
    if not isinstance(inputs, Tensor):
        raise TypeError(f"inputs must be a tensor, got {type(inputs).__name__}")
    time = 1 if layer.batch_first and inputs.dim() == 3 else 0
    if inputs.dim() not in (2, 3) or inputs.shape[time] == 0:
        raise ValueError(
            "inputs must have two or three dimensions and at least one time step, "
            f"got {tuple(inputs.shape)}"
        )
    return time

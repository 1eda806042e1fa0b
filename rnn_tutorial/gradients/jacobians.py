"""The gradient microscope: how a change of the state at one step changes the states after it.

The Jacobian of one step, J_t = ∂h_t/∂h_{t-1}, has in row i and column j the derivative of unit i
after the step with respect to unit j before it, with inputs and weights held fixed. The product
J_t ⋯ J_{k+1} is dh_t/dh_k, and a gradient that goes back from step t to step k is multiplied by its
transpose. All of this works for the layers of `rnn_tutorial.networks.layers` and for torch.nn's, of
one direction, with any number of layers on top of each other.

The state is one vector of S numbers: the hidden states of all layers, the lowest first, and after
them, in an LSTM, the cell states of all layers. For one LSTM layer it is (h, c), with S twice the
hidden size; the upper right quarter of its Jacobian is ∂h_t/∂c_{t-1}.
"""

from collections.abc import Callable, Sequence
from functools import partial

import torch
from torch import Tensor, nn

from rnn_tutorial import _arguments
from rnn_tutorial.networks import plain
from rnn_tutorial.networks.kinds import State, cell_of, check_run


def state_jacobians(layer: nn.Module, inputs: Tensor, h0: State | None = None) -> Tensor:
    """Compute the Jacobian of each step, ∂h_t/∂h_{t-1}, along a run of the layer.

    Parameters
    ----------
    layer : Module
        An RNN, LSTM or GRU of one direction, ours or torch's. Dropout between layers is off.
    inputs : Tensor, (time, features) or (time, batch, features)
        The sequences; (batch, time, features) if the layer is ``batch_first``.
    h0 : Tensor, for the LSTM a pair of Tensors, optional
        The initial state as the layer takes it; zeros if missing.

    Returns
    -------
    Tensor, (time, S, S) or (time, batch, S, S)
        The Jacobian of step t at index t - 1. Time comes first, whatever ``batch_first`` is.

    Raises
    ------
    TypeError, ValueError
        If the layer is not one of those or has two directions, or the inputs or the state do not
        fit.
    """
    states, steps = _run(layer, inputs, h0)
    of_a_step = torch.func.jacrev(lambda state, x: _step(layer, state, x))
    of_all = torch.func.vmap(torch.func.vmap(of_a_step))
    jacobians = of_all(states[:-1], steps).detach()
    return jacobians.squeeze(1) if inputs.dim() == 2 else jacobians


def jacobian_products(jacobians: Tensor) -> Tensor:
    """Multiply the Jacobians of T steps, from the last step back.

    Parameters
    ----------
    jacobians : Tensor, (T, ..., S, S)
        One for each step, as `state_jacobians` returns them.

    Returns
    -------
    Tensor, (T + 1, ..., S, S)
        At index k the derivative of the last state with respect to the one k steps before it,
        dh_T/dh_{T-k}; at index 0 the identity.

    Raises
    ------
    TypeError, ValueError
        If `jacobians` is not a tensor of square matrices.
    """
    _arguments.square("jacobians", jacobians, at_least=3)
    product = torch.eye(jacobians.shape[-1], dtype=jacobians.dtype, device=jacobians.device)
    products = [product.expand(jacobians.shape[1:])]
    for jacobian in reversed(jacobians):
        products.append(products[-1] @ jacobian)
    return torch.stack(products)


def singular_values(matrices: Tensor) -> Tensor:
    """Return the singular values of each matrix, the largest first: how much it stretches.

    Parameters
    ----------
    matrices : Tensor, (..., S, S)
        Jacobians or products of them. The first value of each is its spectral norm.

    Returns
    -------
    Tensor, (..., S)
    """
    _arguments.square("matrices", matrices, at_least=2)
    return torch.linalg.svdvals(_arguments.finite("matrices", matrices))


def gradient_norms(
    layer: nn.Module,
    inputs: Tensor,
    loss_function: Callable[[Tensor], Tensor],
    h0: State | None = None,
) -> Tensor:
    """Compute the norm of dL/dh_t, the loss differentiated by the state, for each t.

    Parameters
    ----------
    layer, inputs, h0
        See `state_jacobians`.
    loss_function : callable
        Takes the outputs of all steps, in the layer's layout, and returns a scalar.

    Returns
    -------
    Tensor, (time + 1,) or (time + 1, batch)
        The Euclidean norm for the states h_0 to h_T. The last state reaches the loss through the
        output alone, every other one through the states after it too.

    Raises
    ------
    TypeError, ValueError
        As `state_jacobians`; or if `loss_function` does not return a tensor of one number that
        depends on the outputs.
    """
    states, steps = _run(layer, inputs, h0)
    # of the state, the outputs are the hidden states of the highest layer
    top = slice((layer.num_layers - 1) * layer.hidden_size, layer.num_layers * layer.hidden_size)
    single, batch_second = inputs.dim() == 2, inputs.dim() == 3 and layer.batch_first
    with torch.enable_grad():
        outputs = states[1:, :, top].clone().requires_grad_()  # (time, batch, hidden)
        in_layout = outputs[:, 0] if single else outputs.movedim(0, int(batch_second))
        loss = _arguments.scalar("loss_function", loss_function(in_layout.clone()))
    if not loss.requires_grad:
        raise ValueError("loss_function must depend on the outputs, got a constant")
    (by_output,) = torch.autograd.grad(loss, outputs, allow_unused=True)
    if by_output is None:
        raise ValueError("loss_function must depend on the outputs, got a loss of other tensors")
    gradient = torch.zeros_like(states[0])
    norms = []
    for state, x, direct in zip(states[:-1].flip(0), steps.flip(0), by_output.flip(0), strict=True):
        gradient[..., top] += direct
        norms.append(gradient.norm(dim=-1))
        # the gradient times the Jacobian of the step, which need not be known for that
        _, times_jacobian = torch.func.vjp(partial(_step, layer, x=x), state)
        gradient = times_jacobian(gradient)[0].detach()
    norms.append(gradient.norm(dim=-1))
    norms = torch.stack(norms[::-1])
    return norms[:, 0] if single else norms


def jacobian_bound(
    weight_hh: Tensor, lags: Sequence[int] | Tensor, *, slope: float = 1.0
) -> Tensor:
    """Bound the spectral norm of dh_t/dh_{t-k} in a simple recurrent network: (γ σ_max)^k.

    J_t is diag(σ'(a_t)) W_hh, so a step stretches by no more than the steepest slope γ of the
    activation times the largest singular value of W_hh. Below 1 the product vanishes for certain;
    above 1 it may explode, or vanish all the same [1]_.

    Parameters
    ----------
    weight_hh : Tensor, (hidden, hidden)
        The recurrent weights.
    lags : sequence of int, or Tensor of them
        How many steps k.
    slope : float
        The steepest slope γ: 1 for tanh and ReLU, 1/4 for the logistic function.

    Returns
    -------
    Tensor of float64, in the shape of `lags`

    References
    ----------
    .. [1] Pascanu, Mikolov and Bengio, On the difficulty of training recurrent neural networks,
       ICML 2013, section 2.1.
    """
    _arguments.square("weight_hh", weight_hh, at_least=2)
    if weight_hh.dim() > 2:
        raise ValueError(f"weight_hh must be one matrix, got shape {tuple(weight_hh.shape)}")
    slope = _arguments.positive("slope", slope)
    try:
        lags = torch.as_tensor(lags)
    except (TypeError, ValueError, RuntimeError) as error:
        raise TypeError(f"lags must be integers, got {type(lags).__name__}") from error
    if lags.dtype not in (torch.int64, torch.int32) or (lags.numel() and int(lags.min()) < 0):
        raise ValueError(f"lags must be integers of at least 0, got {lags.tolist()}")
    largest = torch.linalg.matrix_norm(
        _arguments.finite("weight_hh", weight_hh.detach().double()), ord=2
    )
    return (slope * largest) ** lags.to(largest)


def _run(layer: nn.Module, inputs: Tensor, h0: State | None) -> tuple[Tensor, Tensor]:
    """Return the states (time + 1, batch, S) and the inputs (time, batch, features)."""
    time = check_run(layer, inputs, h0, "h0")
    single = inputs.dim() == 2
    steps = inputs.detach().movedim(time, 0)
    steps = steps.unsqueeze(1) if single else steps  # (time, batch, features)
    pair = cell_of(layer) == "lstm"
    size = (1 + pair) * layer.num_layers * layer.hidden_size
    states = [steps.new_zeros(steps.shape[1], size)]
    if h0 is not None:
        parts = h0 if pair else (h0,)
        of_layers = [
            state for part in parts for state in (part.detach().unsqueeze(1) if single else part)
        ]
        states = [torch.cat(of_layers, dim=1).detach()]
    with torch.no_grad():
        for x in steps:
            states.append(_step(layer, states[-1], x))
    return torch.stack(states), steps


def _step(layer: nn.Module, state: Tensor, x: Tensor) -> Tensor:
    """Take one step of all layers with the state as one vector."""
    # the parts of the state, h and in an LSTM c, each with one row for each layer
    parts = state.unflatten(-1, (-1, layer.num_layers, layer.hidden_size)).unbind(-3)
    after = []
    for index, weights in enumerate(layer.all_weights):
        before = tuple(part[..., index, :] for part in parts)
        after.append(plain.step(layer, x, before, weights))
        x = after[-1][0]  # what the next layer reads
    return torch.cat([state for part in zip(*after, strict=True) for state in part], dim=-1)

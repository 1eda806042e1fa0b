"""Backpropagation through time, derived by hand.

The backward pass of each cell is a `torch.autograd.Function` below; they work alike. Write d(v)
for dL/dv, the total derivative of the loss with respect to v, and a_t for the sums that the
activations of step t act on; in the tanh cell a_t = W_ih x_t + b_ih + W_hh h_{t-1} + b_hh and
h_t = tanh(a_t). Then, from the last step to the first:

1. A state acts on the loss through what the layer puts out and through the next step, so
   d(h_t) = ∂L/∂h_t + W_hhᵀ d(a_{t+1}), where ∂L/∂h_t is what comes in from above.
2. The activation passes it on: d(a_t) = (1 - h_t²) ⊙ d(h_t), since the slope of tanh is 1 - tanh²;
   that of the logistic function is σ (1 - σ).
3. The weights are the same at every step, so their gradients are sums over the steps:
   d(W_hh) = Σ_t d(a_t) h_{t-1}ᵀ, d(W_ih) = Σ_t d(a_t) x_tᵀ, d(b) = Σ_t d(a_t). They wait until the
   loop is over. With all d(a_t) as the rows of one matrix, each sum is one matrix product.

The method is that of [1]_. Chapter 4 of the book goes through this derivation slowly, on one unit
with numbers and then in general, and chapter 6 through that of the gates. What is computed here can
be read without it in `rnn_tutorial.networks.plain`.

A batch comes in as rows, step after step; `rnn_tutorial.networks._rows` explains that form. The
loops run over views of the rows of one step: what is written into a view, as `out` or by a method
whose name ends in an underscore, is written into the whole matrix.

References
----------
.. [1] Werbos, Backpropagation through time: what it does and how to do it, Proceedings of the
   IEEE 78, 1990.
"""

import functools

import torch
from torch import Tensor
from torch.autograd import Function

from rnn_tutorial.networks import _rows


def _differentiable_once(backward):
    """Let a backward pass answer a second differentiation with an error that says what to do.

    `backward` takes the saved tensors as an argument and does not ask the context for them. All
    arguments of the forward pass are among them, even those that no formula needs: through them
    the error is reached, whatever the second differentiation is with respect to.
    """

    @functools.wraps(backward)
    def wrapper(ctx, *grads):
        saved = ctx.saved_tensors
        with torch.no_grad():
            results = backward(ctx, saved, *grads)
        if not torch.is_grad_enabled():  # on if the caller asked for a graph (create_graph=True)
            return results
        computed = [result for result in results if result is not None]
        guarded = iter(_NoSecondDerivative.apply(len(computed), *computed, *saved, *grads))
        return tuple(None if result is None else next(guarded) for result in results)

    return wrapper


class _NoSecondDerivative(Function):
    """Pass on the first `count` tensors; to differentiate them by any of the others is an error."""

    @staticmethod
    def forward(ctx, count, *tensors):
        return tuple(tensor.view_as(tensor) for tensor in tensors[:count])

    @staticmethod
    def backward(ctx, *grads):
        raise RuntimeError(
            "the hand-derived backward passes can be differentiated once only, got a second "
            "differentiation; use torch.nn's layer, which takes the same state_dict"
        )


class RNNFunction(Function):
    """One tanh or ReLU layer over time.

    Takes rows (N, features), h_0 (batch, hidden), the weights and biases of `rnn_step`, sizes and
    the nonlinearity; returns the states (N, hidden) and the last ones h_n (batch, hidden).
    The derivation is that of the module; the slope of ReLU is 1 where h_t > 0, else 0.
    """

    @staticmethod
    def forward(ctx, rows, h_0, weight_ih, weight_hh, bias_ih, bias_hh, sizes, nonlinearity):
        """Run all steps and keep what the backward pass needs."""
        activation = {"tanh": torch.tanh_, "relu": torch.relu_}[nonlinearity]
        states = _rows.room_for_states(h_0, len(rows))
        bias = None if bias_ih is None else bias_ih + bias_hh
        # the inputs' part of all sums goes where the states will be; each step completes its own
        _project(rows, weight_ih, bias, out=states[len(h_0) :])
        into_next = weight_hh.T.contiguous()  # in this layout the small products are faster
        for before, now in _rows.steps_of(states, sizes):
            activation(now.addmm_(before, into_next))
        ctx.save_for_backward(rows, h_0, weight_ih, weight_hh, bias_ih, bias_hh, states)
        ctx.sizes, ctx.nonlinearity = sizes, nonlinearity
        return states[len(h_0) :], _rows.last_states(states, sizes)

    @staticmethod
    @_differentiable_once
    def backward(ctx, saved, grad_outputs, grad_h_n):
        """Return the gradient of each argument, given those of the results."""
        rows, _h_0, weight_ih, weight_hh, bias_ih, _, states = saved
        through = {"tanh": _through_tanh, "relu": _through_relu}[ctx.nonlinearity]
        d_sums = grad_outputs.new_empty(grad_outputs.shape)  # d(a_t) for all t, filled by the loop
        d_h = grad_h_n[:0]  # d(h_t) of the sequences that have been met, overwritten step by step
        for size, (_, h), grad, d_a in _rows.backward_in_time(
            ctx.sizes,
            _rows.steps_of(states, ctx.sizes),
            *_rows.split(ctx.sizes, grad_outputs, d_sums),
        ):
            d_h = _rows.with_ended(d_h, grad_h_n, size).add_(grad)
            through(d_h, h, out=d_a)
            torch.mm(d_a, weight_hh, out=d_h)
        d_rows = d_sums @ weight_ih if ctx.needs_input_grad[0] else None
        d_weight_hh = d_sums.T @ _rows.before_each_step(states, ctx.sizes)
        d_bias_ih, d_bias_hh = _bias_gradients(bias_ih, d_sums)
        return d_rows, d_h, d_sums.T @ rows, d_weight_hh, d_bias_ih, d_bias_hh, None, None


class LSTMFunction(Function):
    """One LSTM layer over time.

    Takes rows (N, features), h_0 and c_0 (batch, hidden), the weights and biases of `lstm_step`
    and sizes; returns the states (N, hidden), h_n and c_n (batch, hidden).

    With c_t = f ⊙ c_{t-1} + i ⊙ g and h_t = o ⊙ tanh(c_t), the cell state has two ways to the loss:
    d(c_t) = (1 - tanh²(c_t)) ⊙ o ⊙ d(h_t) + f_{t+1} ⊙ d(c_{t+1}). From it d(i) = g ⊙ d(c_t),
    d(f) = c_{t-1} ⊙ d(c_t), d(g) = i ⊙ d(c_t), and d(o) = tanh(c_t) ⊙ d(h_t); each goes through the
    slope of its activation, and the rest is as in the tanh cell.
    """

    @staticmethod
    def forward(ctx, rows, h_0, c_0, weight_ih, weight_hh, bias_ih, bias_hh, sizes):
        """Run all steps and keep what the backward pass needs."""
        states, cells = _rows.room_for_states(h_0, len(rows)), _rows.room_for_states(c_0, len(rows))
        gates = rows.new_empty(len(rows), len(weight_hh))  # their sums first, then the gates
        _project(rows, weight_ih, None if bias_ih is None else bias_ih + bias_hh, out=gates)
        into_next = weight_hh.T.contiguous()
        for (h_before, h), (c_before, c), step in zip(
            _rows.steps_of(states, sizes),
            _rows.steps_of(cells, sizes),
            gates.split(sizes),
            strict=True,
        ):
            step.addmm_(h_before, into_next)
            i, f, g, o = step.chunk(4, dim=1)
            i.sigmoid_()
            f.sigmoid_()
            g.tanh_()
            o.sigmoid_()
            torch.mul(f, c_before, out=c).addcmul_(i, g)
            torch.mul(o, c.tanh(), out=h)
        ctx.save_for_backward(
            rows, h_0, c_0, weight_ih, weight_hh, bias_ih, bias_hh, states, cells, gates
        )
        ctx.sizes = sizes
        return states[len(h_0) :], _rows.last_states(states, sizes), _rows.last_states(cells, sizes)

    @staticmethod
    @_differentiable_once
    def backward(ctx, saved, grad_outputs, grad_h_n, grad_c_n):
        """Return the gradient of each argument, given those of the results."""
        rows, _h_0, _c_0, weight_ih, weight_hh, bias_ih, _, *kept = saved
        states, cells, gates = kept
        d_sums = torch.empty_like(gates)
        d_h, d_c = grad_h_n[:0], grad_c_n[:0]
        for size, (c_before, c), grad, step, d_a in _rows.backward_in_time(
            ctx.sizes,
            _rows.steps_of(cells, ctx.sizes),
            *_rows.split(ctx.sizes, grad_outputs, gates, d_sums),
        ):
            i, f, g, o = step.chunk(4, dim=1)
            d_i, d_f, d_g, d_o = d_a.chunk(4, dim=1)
            d_h = _rows.with_ended(d_h, grad_h_n, size).add_(grad)
            d_c = _rows.with_ended(d_c, grad_c_n, size)
            tanh_c = c.tanh()
            d_c += _through_tanh(d_h * o, tanh_c)
            _through_sigmoid(d_h * tanh_c, o, out=d_o)
            _through_sigmoid(d_c * g, i, out=d_i)
            _through_sigmoid(d_c * c_before, f, out=d_f)
            _through_tanh(d_c * i, g, out=d_g)
            d_c *= f
            torch.mm(d_a, weight_hh, out=d_h)
        d_rows = d_sums @ weight_ih if ctx.needs_input_grad[0] else None
        d_weight_hh = d_sums.T @ _rows.before_each_step(states, ctx.sizes)
        d_bias_ih, d_bias_hh = _bias_gradients(bias_ih, d_sums)
        return d_rows, d_h, d_c, d_sums.T @ rows, d_weight_hh, d_bias_ih, d_bias_hh, None


class GRUFunction(Function):
    """One GRU layer over time.

    Takes rows (N, features), h_0 (batch, hidden), the weights and biases of `gru_step`, sizes and
    reset_after; returns the states (N, hidden) and the last ones h_n (batch, hidden).

    With h_t = (1 - z) ⊙ n + z ⊙ h_{t-1}, d(z) = (h_{t-1} - n) ⊙ d(h_t), d(n) = (1 - z) ⊙ d(h_t),
    and the old state gets z ⊙ d(h_t) directly. If the reset gate acts after the product, on
    q = W_hn h_{t-1} + b_hn, then d(r) = q ⊙ d(a_n) and d(q) = r ⊙ d(a_n). If it acts before, on
    q = r ⊙ h_{t-1}, then d(q) = W_hnᵀ d(a_n), d(r) = h_{t-1} ⊙ d(q), and the old state gets
    r ⊙ d(q). The gates r and z pass their gradients on as those of the LSTM do.
    """

    @staticmethod
    def forward(ctx, rows, h_0, weight_ih, weight_hh, bias_ih, bias_hh, sizes, reset_after):
        """Run all steps and keep what the backward pass needs."""
        hidden = h_0.shape[1]
        two = 2 * hidden  # the rows of the two gates; those of the candidate follow
        bias, bias_n = bias_ih, rows.new_zeros(hidden)
        if bias_ih is not None:
            bias = bias_ih + bias_hh
            if reset_after:
                bias[two:], bias_n = bias_ih[two:], bias_hh[two:]
        states = _rows.room_for_states(h_0, len(rows))
        gates, inner = rows.new_empty(len(rows), 3 * hidden), rows.new_empty(len(rows), hidden)
        _project(rows, weight_ih, bias, out=gates)
        into_gates, into_n = weight_hh[:two].T.contiguous(), weight_hh[two:].T.contiguous()
        for (before, now), step, rz, q in zip(
            _rows.steps_of(states, sizes),
            *_rows.split(sizes, gates, gates[:, :two], inner),
            strict=True,
        ):
            rz.addmm_(before, into_gates).sigmoid_()
            r, z, n = step.chunk(3, dim=1)
            if reset_after:
                torch.addmm(bias_n, before, into_n, out=q)
                n.addcmul_(r, q).tanh_()
            else:
                torch.mul(r, before, out=q)
                n.addmm_(q, into_n).tanh_()
            torch.sub(before, n, out=now).mul_(z).add_(n)  # (1 - z) n + z before
        ctx.save_for_backward(
            rows, h_0, weight_ih, weight_hh, bias_ih, bias_hh, states, gates, inner
        )
        ctx.sizes, ctx.reset_after = sizes, reset_after
        return states[len(h_0) :], _rows.last_states(states, sizes)

    @staticmethod
    @_differentiable_once
    def backward(ctx, saved, grad_outputs, grad_h_n):
        """Return the gradient of each argument, given those of the results."""
        rows, _h_0, weight_ih, weight_hh, bias_ih, _, states, gates, inner = saved
        two = 2 * states.shape[1]
        w_gates, w_n = weight_hh[:two], weight_hh[two:]
        d_sums, d_inner = torch.empty_like(gates), torch.empty_like(inner)
        d_h = grad_h_n[:0]
        for size, (before, _), grad, step, q, d_a, d_q in _rows.backward_in_time(
            ctx.sizes,
            _rows.steps_of(states, ctx.sizes),
            *_rows.split(ctx.sizes, grad_outputs, gates, inner, d_sums, d_inner),
        ):
            r, z, n = step.chunk(3, dim=1)
            d_r, d_z, d_n = d_a.chunk(3, dim=1)
            d_h = _rows.with_ended(d_h, grad_h_n, size).add_(grad)
            kept = d_h * z
            _through_sigmoid(d_h * (before - n), z, out=d_z)
            _through_tanh(d_h - kept, n, out=d_n)
            if ctx.reset_after:
                torch.mul(d_n, r, out=d_q)
                _through_sigmoid(d_n * q, r, out=d_r)
                kept.addmm_(d_q, w_n)
            else:
                torch.mm(d_n, w_n, out=d_q)
                _through_sigmoid(d_q * before, r, out=d_r)
                kept.addcmul_(d_q, r)
            d_h = kept.addmm_(d_a.narrow(1, 0, two), w_gates)
        d_rows = d_sums @ weight_ih if ctx.needs_input_grad[0] else None
        previous = _rows.before_each_step(states, ctx.sizes)
        # W_hn multiplied h_{t-1} and its product gets d(q), or it multiplied q and gets d(a_n)
        d_product, multiplied = (d_inner, previous) if ctx.reset_after else (d_sums[:, two:], inner)
        d_weight_hh = torch.cat([d_sums[:, :two].T @ previous, d_product.T @ multiplied])
        d_bias_ih, d_bias_hh = _bias_gradients(bias_ih, d_sums)
        if d_bias_hh is not None:
            d_bias_hh[two:] = d_product.sum(0)
        return d_rows, d_h, d_sums.T @ rows, d_weight_hh, d_bias_ih, d_bias_hh, None, None


def _project(rows: Tensor, weight: Tensor, bias: Tensor | None, out: Tensor) -> None:
    """Multiply the inputs of all steps at once: only W_hh has to wait for its turn."""
    if bias is None:
        torch.mm(rows, weight.T, out=out)
    else:
        torch.addmm(bias, rows, weight.T, out=out)


def _through_tanh(grad: Tensor, y: Tensor, out: Tensor | None = None) -> Tensor:
    """Return grad ⊙ (1 - y²), for y = tanh, in one pass over the memory."""
    if out is None:
        return torch.ops.aten.tanh_backward(grad, y)
    return torch.ops.aten.tanh_backward.grad_input(grad, y, grad_input=out)


def _through_relu(grad: Tensor, y: Tensor, out: Tensor) -> Tensor:
    """Return grad where y > 0, else 0, for y = relu, in one pass over the memory."""
    return torch.ops.aten.threshold_backward.grad_input(grad, y, 0, grad_input=out)


def _through_sigmoid(grad: Tensor, y: Tensor, out: Tensor) -> Tensor:
    """Return grad ⊙ y (1 - y), for y = σ, in one pass over the memory."""
    return torch.ops.aten.sigmoid_backward.grad_input(grad, y, grad_input=out)


def _bias_gradients(bias: Tensor | None, d_sums: Tensor) -> tuple[Tensor | None, Tensor | None]:
    """Return the gradients of both biases, if there are any; both are added to the same sums."""
    if bias is None:
        return None, None
    total = d_sums.sum(0)
    return total, total.clone()

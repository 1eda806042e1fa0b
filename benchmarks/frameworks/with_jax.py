"""The four cells in JAX, which has no layers: a step, and `lax.scan` to repeat it."""

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jax.nn import sigmoid
from problem import HIDDEN, store

jax.config.update("jax_enable_x64", True)


# begin recurrence
def tanh_step(h, from_x, weight_hh, bias_hh):
    """Return the next state; `from_x` is W_ih x + b_ih."""
    return jnp.tanh(from_x + h @ weight_hh.T + bias_hh)


def lstm_step(state, from_x, weight_hh, bias_hh):
    """Return the next pair (h, c)."""
    h, c = state
    sums = from_x + h @ weight_hh.T + bias_hh
    i, f, g, o = jnp.split(sums, 4, axis=-1)
    c = sigmoid(f) * c + sigmoid(i) * jnp.tanh(g)
    return sigmoid(o) * jnp.tanh(c), c


def gru_step(h, from_x, weight_hh, bias_hh, *, reset_after=True):
    """Return the next state of a GRU."""
    x_r, x_z, x_n = jnp.split(from_x, 3, axis=-1)
    w_r, w_z, w_n = jnp.split(weight_hh, 3)
    b_r, b_z, b_n = jnp.split(bias_hh, 3)
    r = sigmoid(x_r + h @ w_r.T + b_r)
    z = sigmoid(x_z + h @ w_z.T + b_z)
    after = r * (h @ w_n.T + b_n)
    before = (r * h) @ w_n.T + b_n
    n = jnp.tanh(x_n + (after if reset_after else before))
    return (1 - z) * n + z * h


def layer(step, state, inputs, weight_ih, weight_hh, bias_ih, bias_hh):
    """Scan over (time, batch, features); the outputs are stacked."""

    def body(state, from_x):
        state = step(state, from_x, weight_hh, bias_hh)
        return state, state[0] if isinstance(state, tuple) else state

    return lax.scan(body, state, inputs @ weight_ih.T + bias_ih)[1]


# end recurrence


def run(cell, problem):
    """Return outputs and gradients of one cell."""
    steps = {
        "tanh": tanh_step,
        "lstm": lstm_step,
        "gru": gru_step,
        "gru_before": lambda *a: gru_step(*a, reset_after=False),
    }
    inputs, *weights, from_above = map(jnp.asarray, problem.values())
    h = jnp.zeros((inputs.shape[1], HIDDEN))
    state = (h, h) if cell == "lstm" else h

    def loss(inputs, weight_ih, weight_hh, bias_ih, bias_hh):
        outputs = layer(steps[cell], state, inputs, weight_ih, weight_hh, bias_ih, bias_hh)
        return (outputs * from_above).sum(), outputs

    differentiated = jax.jit(jax.grad(loss, argnums=(0, 2), has_aux=True))
    (d_inputs, d_weight_hh), outputs = differentiated(inputs, *weights)
    found = {"outputs": outputs, "d_inputs": d_inputs, "d_weight_hh": d_weight_hh}
    return {name: np.asarray(values) for name, values in found.items()}


if __name__ == "__main__":
    store("JAX", jax.__version__, run)

"""Hidden tests of `step_back`."""

from contextlib import contextmanager
from unittest import mock

from checking import Feedback, call, close, pair
from drawing import normal

from grading._shared import NAMES, dictionary, differences, leaky, leaky_back, leaky_step


@contextmanager
def _by_hand():
    """Refuse automatic differentiation, which all goes through these two."""

    def refuse(*_arguments, **_options):
        raise Feedback("This one is by hand: automatic differentiation is switched off.")

    with (
        mock.patch("torch.autograd._engine_run_backward", refuse),
        mock.patch("torch.autograd.graph._engine_run_backward", refuse),
        mock.patch("torch.autograd.forward_ad.enter_dual_level", refuse),
    ):
        yield


def _steps_back(env, seconds=5.0, sizes=((3, 4, 5), (1, 1, 1), (2, 2, 2), (4, 3, 3))):
    for offset, (batch, features, hidden) in enumerate(sizes):
        x, h, weights = leaky(1, batch, features, hidden, offset=10 * offset)
        d_h = normal(batch, hidden, offset=10 * offset + 7)
        _, c = leaky_step(x[0], h, weights)
        with _by_hand():
            found = call(env, "step_back", d_h, x[0], h, c, weights, seconds=seconds)
        what = "the gradient of the state before and a dictionary"
        before, gradients = pair(found, "step_back", what, kind=tuple | list)
        dictionary(gradients, weights, "step_back")
        yield before, gradients, (d_h, x[0], h, c, weights)


def step_back_state(env):
    """The gradient of the state before is that of differences."""
    for before, _, (d_h, x, h, _, weights) in _steps_back(env):
        wanted = differences(lambda v: (d_h * leaky_step(x, v, weights)[0]).sum(), h)  # noqa: B023
        text = "The gradient of the state before does not agree with differences."
        close(before, wanted, text, tolerance=1e-6)


def _weights_back(env, names):
    for _, gradients, arguments in _steps_back(env):
        d_h, x, h, _, weights = arguments
        _, exact = leaky_back(*arguments)
        for name in names:

            def loss(v):
                changed = {**weights, name: v}  # noqa: B023
                return (d_h * leaky_step(x, h, changed)[0]).sum()  # noqa: B023

            text = f"The gradient of `{name}` does not agree with differences."
            close(gradients[name], differences(loss, weights[name]), text, tolerance=1e-6)
            text = f"The gradient of `{name}` has fewer digits than a product of matrices gives."
            close(gradients[name], exact[name], text, tolerance=1e-11)


def step_back_weights(env):
    """The gradients of W_x, W_h and b are those of differences."""
    _weights_back(env, ("W_x", "W_h", "b"))


def step_back_rates(env):
    """The gradient of r is that of differences."""
    _weights_back(env, ("r",))


def step_back_large(env):
    """A large step takes no longer than its products, and is right."""
    for before, gradients, arguments in _steps_back(env, sizes=[(2, 3, 300)]):
        d_before, exact = leaky_back(*arguments)
        close(before, d_before, "With 300 units the gradient of the state before is wrong.")
        for name in NAMES:
            close(gradients[name], exact[name], f"With 300 units that of `{name}` is wrong.")

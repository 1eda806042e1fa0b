"""Hidden tests of `checks_out`."""

import hidden_gradients
import torch
from checking import call, expect
from drawing import generator, normal

from grading._shared import (
    NAMES,
    forward,
    leaky,
    leaky_back,
    leaky_step,
    same_tensors,
    true_truncated,
)


class _Problem:
    """A loss of a leaky network whose evaluations are counted, and its gradients.

    Each tensor is stored divided by a factor, so that gradients are that factor larger.
    """

    def __init__(self, offset, size=1.0, factors=(1.0, 1.0, 1.0, 1.0), sizes=(8, 3, 2, 5)):
        self.x, self.h_0, weights = leaky(*sizes, offset=offset)
        self.size, self.factors = size, dict(zip(NAMES, factors, strict=True))
        self.weights = {name: weights[name] / self.factors[name] for name in NAMES}
        # a weight that the loss does not read
        self.weights["idle"] = normal(3, offset=offset + 8)
        self.target = normal(*self.h_0.shape, offset=offset + 9)
        self.calls = 0

    def _network(self, weights):
        return {name: weights[name] * self.factors[name] for name in NAMES}

    def loss(self, weights):
        self.calls += 1
        weights = {name: torch.as_tensor(weight) for name, weight in weights.items()}
        states, _ = forward(leaky_step, self.x, self.h_0, self._network(weights))
        return float(self.size * ((states[1:] - self.target) ** 2).sum() / 2)

    def gradients(self, back=leaky_back, k=None, last_only=False):
        weights = self._network(self.weights)
        states, candidates = forward(leaky_step, self.x, self.h_0, weights)
        d_states = self.size * (states[1:] - self.target)
        if last_only:
            d_states[:-1] = 0
        arguments = (self.x, states, candidates, weights, d_states, k or len(self.x))
        found, _ = true_truncated(back, *arguments)
        found = {name: found[name] * self.factors[name] for name in NAMES}
        return {**found, "idle": torch.zeros_like(self.weights["idle"])}


def _verdict(env, problem, gradients):
    copies = {name: weight.clone() for name, weight in problem.weights.items()}
    given = {name: gradient.clone() for name, gradient in gradients.items()}
    problem.calls, allowed = 0, 8 * len(problem.weights)
    found = call(env, "checks_out", problem.loss, copies, given)
    expect(problem.calls <= allowed, f"{problem.calls} calls, allowed are {allowed}.")
    expect(found is not None and found is not ..., "`checks_out` must return True or False.")
    same_tensors(problem.weights.values(), copies.values())
    return bool(found)


def _judge(env, problem, wrong, what=""):
    """The right gradients pass, and no wrong ones do."""
    expect(_verdict(env, problem, problem.gradients()), f"Right gradients were refused{what}.")
    passed = sum(_verdict(env, problem, gradients) for gradients in wrong)
    expect(passed == 0, f"{passed} of {len(wrong)} wrong gradients passed{what}.")


def _spoiled(problem, ways):
    right = problem.gradients()
    return [way(dict(right), generator(number)) for number, way in enumerate(ways)]


def _without_leak(d_h, x_t, h_before, c, weights):
    before, gradients = leaky_back(d_h, x_t, h_before, c, weights)
    return before - (1 - torch.sigmoid(weights["r"])) * d_h, gradients


def checks_large_errors(env):
    """Wrong tensors, and the mistakes that are made in backpropagation through time."""
    for offset in (0, 40):
        problem = _Problem(offset)
        idle = {**problem.gradients(), "idle": torch.ones(3, dtype=torch.float64)}
        wrong = [
            *_spoiled(problem, hidden_gradients.LARGE),
            problem.gradients(last_only=True),
            problem.gradients(k=1),
            problem.gradients(back=_without_leak),
            idle,
        ]
        _judge(env, problem, wrong)


def checks_small_errors(env):
    """Errors of one to a few percent."""
    for offset in (80, 120):
        problem = _Problem(offset)
        _judge(
            env, problem, _spoiled(problem, hidden_gradients.SMALL), " (errors of a few percent)"
        )


def checks_sizes(env):
    """Losses of any size, and tensors of different sizes."""
    ways = [*hidden_gradients.LARGE, *hidden_gradients.SMALL]
    cases = [
        (" for a loss of the order of 1e-6", 1e-6, (1.0, 1.0, 1.0, 1.0)),
        (" for a loss of the order of 1e6", 1e6, (1.0, 1.0, 1.0, 1.0)),
        (" where two tensors' gradients differ by 1000", 1.0, (30.0, 1.0, 0.03, 1.0)),
        (" where some weights are large", 1.0, (0.03, 0.03, 1.0, 0.03)),
    ]
    for number, (what, size, factors) in enumerate(cases):
        problem = _Problem(160 + 40 * number, size, factors)
        _judge(env, problem, _spoiled(problem, ways), what)


def checks_calls(env):
    """A larger network, in which calls for each element would be many."""
    problem = _Problem(320, sizes=(6, 2, 3, 20))
    _judge(env, problem, _spoiled(problem, hidden_gradients.LARGE[:2]))

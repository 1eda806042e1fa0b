"""Hidden tests of the assignment "Backpropagation through time"."""

import math
from contextlib import contextmanager
from unittest import mock

import hidden_gradients
import torch
from checking import Feedback, call, close, expect
from secret import SEED

NAMES = ("W_x", "W_h", "b", "r")
DIFFERENCE = 1e-6  # half the distance of the two points of a central difference


def _generator(offset: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(SEED + offset)


def _random(*shape: int, offset: int = 0) -> torch.Tensor:
    return torch.randn(*shape, generator=_generator(offset + sum(shape)), dtype=torch.float64)


def _pair(value, name, what):
    expect(
        isinstance(value, tuple | list) and len(value) == 2,
        f"`{name}` must return two things: {what}.",
    )
    return value


def _same_tensors(before, after):
    for old, new in zip(before, after, strict=True):
        expect(torch.equal(old, new), "After the call an argument is not what it was.")


def _dictionary(found, weights, name):
    expect(
        isinstance(found, dict) and sorted(found) == sorted(weights),
        f"`{name}` must return a dictionary with the names of the weights.",
    )
    return found


# The network


def _leaky(time, batch, features, hidden, offset=0):
    weights = {
        "W_x": _random(hidden, features, offset=offset + 1),
        "W_h": _random(hidden, hidden, offset=offset + 2) / math.sqrt(hidden),
        "b": _random(hidden, offset=offset + 3),
        "r": _random(hidden, offset=offset + 4),
    }
    x = _random(time, batch, features, offset=offset + 5)
    return x, _random(batch, hidden, offset=offset + 6), weights


def _leaky_step(x, h, weights):
    rate = torch.sigmoid(weights["r"])
    c = torch.tanh(x @ weights["W_x"].T + h @ weights["W_h"].T + weights["b"])
    return (1 - rate) * h + rate * c, c


def _leaky_back(d_h, x_t, h_before, c, weights):
    rate = torch.sigmoid(weights["r"])
    d_a = (1 - c**2) * rate * d_h
    return (1 - rate) * d_h + d_a @ weights["W_h"], {
        "W_x": d_a.T @ x_t,
        "W_h": d_a.T @ h_before,
        "b": d_a.sum(dim=0),
        "r": (rate * (1 - rate) * (c - h_before) * d_h).sum(dim=0),
    }


# Another cell, with other names, which no function for recurrent layers knows


def _wave(time, batch, features, hidden, offset=0):
    weights = {
        "U": _random(hidden, features, offset=offset + 1),
        "gain": 0.5 + _random(hidden, offset=offset + 2).abs(),
    }
    x = _random(time, batch, features, offset=offset + 3)
    return x, _random(batch, hidden, offset=offset + 4), weights


def _wave_step(x, h, weights):
    c = weights["gain"] * h + x @ weights["U"].T
    return torch.sin(c), c


def _wave_back(d_h, x_t, h_before, c, weights):
    d_c = torch.cos(c) * d_h
    return weights["gain"] * d_c, {"U": d_c.T @ x_t, "gain": (d_c * h_before).sum(dim=0)}


CELLS = {
    "the leaky network": (_leaky, _leaky_step, _leaky_back),
    "another cell": (_wave, _wave_step, _wave_back),
}


def _forward(step, x, h_0, weights):
    states, candidates = [h_0], []
    for x_t in x:
        h, c = step(x_t, states[-1], weights)
        states.append(h)
        candidates.append(c)
    return torch.stack(states), torch.stack(candidates)


def _true_truncated(back, x, states, candidates, weights, d_states, k):
    total = {name: torch.zeros_like(weight) for name, weight in weights.items()}
    d_start = torch.zeros_like(states[0])
    for end in range(len(x)):
        d_h = d_states[end]
        for t in range(end, max(end - k, -1), -1):
            d_h, gradients = back(d_h, x[t], states[t], candidates[t], weights)
            for name, gradient in gradients.items():
                total[name] += gradient
        if end - k < 0:
            d_start += d_h
    return total, d_start


def _differences(function, tensor):
    """Return the gradient of a function of one tensor by central differences."""
    gradient = torch.empty_like(tensor)
    for index in range(tensor.numel()):
        change = torch.zeros_like(tensor).view(-1)
        change[index] = DIFFERENCE
        change = change.view_as(tensor)
        slope = (function(tensor + change) - function(tensor - change)) / (2 * DIFFERENCE)
        gradient.view(-1)[index] = slope
    return gradient


# leaky_forward


def _runs(env):
    for offset, sizes in enumerate([(7, 2, 3, 4), (1, 1, 1, 1), (5, 5, 4, 4), (3, 3, 3, 3)]):
        x, h_0, weights = _leaky(*sizes, offset=10 * offset)
        found = call(env, "leaky_forward", x, h_0, weights)
        yield _pair(found, "leaky_forward", "states and candidates"), (x, h_0, weights)


def forward_states(env):
    """The states agree with the definition, for many shapes."""
    for (states, _), arguments in _runs(env):
        close(states, _forward(_leaky_step, *arguments)[0], "A state differs from the definition.")


def forward_candidates(env):
    """The candidates agree with the definition."""
    for (_, candidates), arguments in _runs(env):
        wanted = _forward(_leaky_step, *arguments)[1]
        close(candidates, wanted, "A candidate differs from the definition.")


# step_back


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
        x, h, weights = _leaky(1, batch, features, hidden, offset=10 * offset)
        d_h = _random(batch, hidden, offset=10 * offset + 7)
        _, c = _leaky_step(x[0], h, weights)
        with _by_hand():
            found = call(env, "step_back", d_h, x[0], h, c, weights, seconds=seconds)
        what = "the gradient of the state before and a dictionary"
        before, gradients = _pair(found, "step_back", what)
        _dictionary(gradients, weights, "step_back")
        yield before, gradients, (d_h, x[0], h, c, weights)


def step_back_state(env):
    """The gradient of the state before is that of differences."""
    for before, _, (d_h, x, h, _, weights) in _steps_back(env):
        wanted = _differences(lambda v: (d_h * _leaky_step(x, v, weights)[0]).sum(), h)  # noqa: B023
        text = "The gradient of the state before does not agree with differences."
        close(before, wanted, text, tolerance=1e-6)


def _weights_back(env, names):
    for _, gradients, arguments in _steps_back(env):
        d_h, x, h, _, weights = arguments
        _, exact = _leaky_back(*arguments)
        for name in names:

            def loss(v):
                changed = {**weights, name: v}  # noqa: B023
                return (d_h * _leaky_step(x, h, changed)[0]).sum()  # noqa: B023

            text = f"The gradient of `{name}` does not agree with differences."
            close(gradients[name], _differences(loss, weights[name]), text, tolerance=1e-6)
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
        d_before, exact = _leaky_back(*arguments)
        close(before, d_before, "With 300 units the gradient of the state before is wrong.")
        for name in NAMES:
            close(gradients[name], exact[name], f"With 300 units that of `{name}` is wrong.")


# bptt


def _through_time(env, name, kind, sizes, offset, d_states=None, k=None):
    make, step, back = CELLS[kind]
    x, h_0, weights = make(*sizes, offset=offset)
    states, candidates = _forward(step, x, h_0, weights)
    if d_states is None:
        d_states = _random(sizes[0], sizes[1], sizes[3], offset=offset + 9)
    arguments = (back, x, states, candidates, weights, d_states)
    found = call(env, name, *arguments, *(() if k is None else (k,)))
    gradients, start = _pair(found, name, "a dictionary and the initial state's gradient")
    return _dictionary(gradients, weights, name), start, (step, h_0, *arguments)


def bptt_differences(env):
    """The gradients are those of differences of the loss, for two cells."""
    for kind in CELLS:
        for offset, sizes in enumerate([(6, 2, 3, 4), (1, 3, 2, 2), (3, 3, 3, 3)]):
            gradients, _, rest = _through_time(env, "bptt", kind, sizes, 10 * offset)
            step, h_0, _, x, _, _, weights, d_states = rest
            for name in weights:

                def loss(v):
                    changed = {**weights, name: v}  # noqa: B023
                    states, _ = _forward(step, x, h_0, changed)  # noqa: B023
                    return (d_states * states[1:]).sum()  # noqa: B023

                wanted = _differences(loss, weights[name])
                text = f"For {kind}, {sizes[0]} step(s), `{name}` does not agree with differences."
                close(gradients[name], wanted, text, tolerance=1e-6)


def bptt_start(env):
    """What reaches the initial state, for losses that read one state only, and all."""
    for kind in CELLS:
        for at in (0, 2, 4, slice(None)):
            d_states = torch.zeros(5, 2, 4, dtype=torch.float64)
            d_states[at] = _random(5, 2, 4)[at]
            _, start, rest = _through_time(env, "bptt", kind, (5, 2, 3, 4), 3, d_states)
            step, h_0, _, x, _, _, weights, _ = rest

            def loss(v):
                states, _ = _forward(step, x, v, weights)  # noqa: B023
                return (d_states * states[1:]).sum()  # noqa: B023

            read = "all states" if isinstance(at, slice) else f"the state after step {at + 1} of 5"
            text = f"For {kind} and a loss that reads {read}, the initial state's gradient is wrong"
            close(start, _differences(loss, h_0), f"{text}.", tolerance=1e-6)


def bptt_leaves_arguments(env):
    """No argument changes, and a second call gives the same, right result."""
    _, _, back = CELLS["another cell"]
    for _ in range(2):
        gradients, start, rest = _through_time(env, "bptt", "another cell", (4, 2, 3, 3), 5)
        _, _, _, x, states, candidates, weights, d_states = rest
        made = [*_wave(4, 2, 3, 3, offset=5)[2].values(), _random(4, 2, 3, offset=14)]
        _same_tensors(made, [*weights.values(), d_states])
        again = [*_forward(_wave_step, x, rest[1], weights)]
        _same_tensors(again, [states, candidates])
        wanted, at_start = _true_truncated(back, x, states, candidates, weights, d_states, 4)
        for name in weights:
            close(gradients[name], wanted[name], "The result of the call itself is wrong.")
        close(start, at_start, "The result of the call itself is wrong.")


# checks_out


class _Problem:
    """A loss of a leaky network whose evaluations are counted, and its gradients.

    Each tensor is stored divided by a factor, so that gradients are that factor larger.
    """

    def __init__(self, offset, size=1.0, factors=(1.0, 1.0, 1.0, 1.0), sizes=(8, 3, 2, 5)):
        self.x, self.h_0, weights = _leaky(*sizes, offset=offset)
        self.size, self.factors = size, dict(zip(NAMES, factors, strict=True))
        self.weights = {name: weights[name] / self.factors[name] for name in NAMES}
        # a weight that the loss does not read
        self.weights["idle"] = _random(3, offset=offset + 8)
        self.target = _random(*self.h_0.shape, offset=offset + 9)
        self.calls = 0

    def _network(self, weights):
        return {name: weights[name] * self.factors[name] for name in NAMES}

    def loss(self, weights):
        self.calls += 1
        weights = {name: torch.as_tensor(weight) for name, weight in weights.items()}
        states, _ = _forward(_leaky_step, self.x, self.h_0, self._network(weights))
        return float(self.size * ((states[1:] - self.target) ** 2).sum() / 2)

    def gradients(self, back=_leaky_back, k=None, last_only=False):
        weights = self._network(self.weights)
        states, candidates = _forward(_leaky_step, self.x, self.h_0, weights)
        d_states = self.size * (states[1:] - self.target)
        if last_only:
            d_states[:-1] = 0
        arguments = (self.x, states, candidates, weights, d_states, k or len(self.x))
        found, _ = _true_truncated(back, *arguments)
        found = {name: found[name] * self.factors[name] for name in NAMES}
        return {**found, "idle": torch.zeros_like(self.weights["idle"])}


def _verdict(env, problem, gradients):
    copies = {name: weight.clone() for name, weight in problem.weights.items()}
    given = {name: gradient.clone() for name, gradient in gradients.items()}
    found = call(env, "checks_out", problem.loss, copies, given)
    expect(found is not None and found is not ..., "`checks_out` must return True or False.")
    _same_tensors(problem.weights.values(), copies.values())
    return bool(found)


def _judge(env, problem, wrong, what=""):
    """The right gradients pass, and no wrong ones do."""
    expect(_verdict(env, problem, problem.gradients()), f"Right gradients were refused{what}.")
    passed = sum(_verdict(env, problem, gradients) for gradients in wrong)
    expect(passed == 0, f"{passed} of {len(wrong)} wrong gradients passed{what}.")


def _spoiled(problem, ways):
    right = problem.gradients()
    return [way(dict(right), _generator(number)) for number, way in enumerate(ways)]


def _without_leak(d_h, x_t, h_before, c, weights):
    before, gradients = _leaky_back(d_h, x_t, h_before, c, weights)
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
    """A larger network, with the calls counted."""
    problem = _Problem(320, sizes=(6, 2, 3, 20))
    allowed = 8 * len(problem.weights)
    for gradients in (problem.gradients(), *_spoiled(problem, hidden_gradients.LARGE[:2])):
        problem.calls = 0
        _verdict(env, problem, gradients)
        expect(problem.calls <= allowed, f"{problem.calls} calls, allowed are {allowed}.")
    _judge(env, problem, _spoiled(problem, hidden_gradients.LARGE[:2]))


# truncated


def _cut(env, kind, sizes, k, offset, d_states=None):
    found = _through_time(env, "truncated", kind, sizes, offset, d_states, k)
    gradients, start, (_, _, *arguments) = found
    return gradients, start, _true_truncated(*arguments, k)


def truncated_values(env):
    """The weights' gradients, for all errors and for one alone."""
    for kind in CELLS:
        for offset, (sizes, k) in enumerate([((7, 2, 3, 4), 3), ((6, 3, 3, 3), 2)]):
            for at in (slice(None), 0, 3, sizes[0] - 1):
                d_states = torch.zeros(sizes[0], sizes[1], sizes[3], dtype=torch.float64)
                d_states[at] = _random(*d_states.shape, offset=20 + offset)[at]
                found = _cut(env, kind, sizes, k, 10 * offset, d_states)
                which = "all errors" if isinstance(at, slice) else f"the error of step {at + 1}"
                for name, wanted in found[2][0].items():
                    text = f"For {kind}, {sizes[0]} steps, k = {k} and {which}: `{name}` is wrong."
                    close(found[0][name], wanted, text)


def truncated_full(env):
    """The full gradient if k is large, the direct part of each step if k is 1."""
    for kind in CELLS:
        for k in (1, 5, 6, 50):
            gradients, _, (wanted, _) = _cut(env, kind, (5, 2, 3, 4), k, 7)
            for name, value in wanted.items():
                close(gradients[name], value, f"For 5 steps and k = {k} `{name}` is wrong.")


def truncated_start(env):
    """What arrives at the initial state."""
    for kind in CELLS:
        for k in (1, 2, 4, 6):
            _, start, (_, wanted) = _cut(env, kind, (6, 2, 3, 4), k, 9)
            close(start, wanted, f"For 6 steps and k = {k} the initial state's gradient is wrong.")


# train_stream


def _run(x, h_0, weights, targets):
    weights = {name: weight.detach().requires_grad_() for name, weight in weights.items()}
    h, loss = h_0, torch.zeros((), dtype=torch.float64)
    for x_t, target in zip(x, targets, strict=True):
        h, _ = _wave_step(x_t, h, weights)
        loss = loss + ((h - target) ** 2).mean()
    found = torch.autograd.grad(loss, list(weights.values()))
    return loss, dict(zip(weights, found, strict=True)), h


def _stream(env, length, steps, run=_run):
    x, h_0, weights = _wave(length, 2, 3, 4, offset=30 + length)
    targets = _random(length, 2, 4, offset=31)
    arguments = (x, targets, h_0, weights)
    found = call(env, "train_stream", run, *arguments, steps, 0.1)
    expect(
        isinstance(found, tuple | list) and len(found) == 3,
        "`train_stream` must return the losses, the weights and the last state.",
    )
    _dictionary(found[1], weights, "train_stream")
    return found, arguments


def _true_stream(x, targets, h, weights, steps):
    losses = []
    for start in range(0, len(x), steps):
        window = slice(start, start + steps)
        loss, gradients, h = _run(x[window], h.detach(), weights, targets[window])
        losses.append(float(loss.detach()))
        weights = {name: weight - 0.1 * gradients[name] for name, weight in weights.items()}
    return losses, weights, h.detach()


def _agrees(found, arguments, steps, what):
    losses, weights, h = found
    wanted_losses, wanted_weights, wanted_h = _true_stream(*arguments, steps)
    expect(
        len(losses) == len(wanted_losses),
        f"{len(losses)} losses came back {what}, it must be {len(wanted_losses)}.",
    )
    losses = torch.tensor([float(loss) for loss in losses], dtype=torch.float64)
    close(losses, torch.tensor(wanted_losses).double(), f"A chunk's loss is wrong {what}.", 1e-6)
    for name, weight in wanted_weights.items():
        close(weights[name].detach(), weight, f"The new `{name}` is wrong {what}.")
    close(h.detach(), wanted_h, f"The last state is wrong {what}.")


def stream_values(env):
    """Losses, weights and the last state, with and without a shorter last chunk."""
    for length, steps in [(12, 4), (11, 4), (5, 9), (3, 1)]:
        found, arguments = _stream(env, length, steps)
        _agrees(found, arguments, steps, f"for {length} steps in chunks of {steps}")


def stream_graph(env):
    """Neither a chunk's initial state nor what comes back hangs on a graph."""

    def run(x, h_0, weights, targets):
        expect(not h_0.requires_grad, "A chunk began with a state that hangs on a graph.")
        return _run(x, h_0, weights, targets)

    found, arguments = _stream(env, 10, 3, run)
    losses, weights, h = found
    expect(not h.requires_grad, "The last state hangs on a graph.")
    expect(all(not w.requires_grad for w in weights.values()), "A weight hangs on a graph.")
    kept = [loss for loss in losses if isinstance(loss, torch.Tensor) and loss.requires_grad]
    expect(not kept, "A loss that came back hangs on a graph, and keeps all of it in memory.")
    _agrees(found, arguments, 3, "for 10 steps in chunks of 3")


def stream_leaves_arguments(env):
    """The caller's tensors and dictionary are what they were."""
    _, (x, targets, h_0, weights) = _stream(env, 8, 3)
    fresh_x, fresh_h, fresh = _wave(8, 2, 3, 4, offset=38)
    after = [x, targets, h_0, *weights.values()]
    _same_tensors([fresh_x, _random(8, 2, 4, offset=31), fresh_h, *fresh.values()], after)
    found, arguments = _stream(env, 8, 3)
    _agrees(found, arguments, 3, "for 8 steps in chunks of 3")

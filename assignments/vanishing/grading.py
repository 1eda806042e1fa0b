"""Hidden tests of the assignment "Gradients that vanish"."""

import itertools
import math

import hidden_models as models
import torch
from checking import call, close, expect
from secret import SEED

HIDDEN = 5


def _generator(offset: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(SEED + offset)


def _random(*shape: int, offset: int = 0) -> torch.Tensor:
    return torch.randn(*shape, generator=_generator(offset + sum(shape)), dtype=torch.float64)


def _rates(hidden: int, offset: int = 0) -> torch.Tensor:
    return 0.1 + 0.9 * torch.sigmoid(_random(hidden, offset=offset))


def _number(value, name):
    try:
        return float(value)
    except (TypeError, ValueError, RuntimeError):
        expect(False, f"`{name}` must return a number.")


# stretch


def _driven(hidden, features, offset, size=1.0):
    """Return a step whose Jacobian changes much with its inputs."""
    W = size * _random(hidden, hidden, offset=offset) / math.sqrt(hidden)
    U = _random(hidden, features, offset=offset + 1)

    def step(x_t, h):
        return torch.tanh(W @ h + U @ x_t) * torch.sigmoid(h.flip(0) - x_t.sum()) + 0.3 * h

    return step


def _whole(step, x, h):
    """Return the Jacobian of all steps in one go."""

    def run(state):
        for x_t in x:
            state = step(x_t, state)
        return state

    return torch.autograd.functional.jacobian(run, h)


def _true_stretch(step, x, h):
    states = [h]
    for x_t in x:
        states.append(step(x_t, states[-1]).detach())
    jacobians = [_whole(step, x[t:], states[t]) for t in reversed(range(len(x)))]
    return torch.stack([torch.linalg.matrix_norm(jacobian, ord=2) for jacobian in jacobians])


def _stretches(env, step, x, h_0, text):
    found = call(env, "stretch", step, x, h_0)
    wanted = _true_stretch(step, x, h_0)
    expect(isinstance(found, torch.Tensor), "`stretch` must return a tensor.")
    expect(
        found.shape == wanted.shape,
        f"The shape is {tuple(found.shape)} where it must be {tuple(wanted.shape)}.",
    )
    close(found / wanted, torch.ones_like(wanted), text, tolerance=1e-6)


def stretch_values(env):
    """Steps of several sizes, from one time step on."""
    for offset, (time, features, hidden) in enumerate([(6, 2, 4), (1, 3, 2), (4, 4, 4), (9, 2, 1)]):
        x, h_0 = _random(time, features, offset=offset), _random(hidden, offset=offset)
        step = _driven(hidden, features, 10 * offset)
        _stretches(env, step, x, h_0, f"With {time} steps a norm differs from that of the product.")


def stretch_order(env):
    """Jacobians that do not commute, and inputs that change much."""
    x = torch.tensor([[0.1], [6.0], [-3.0], [0.5], [2.0], [-0.2]], dtype=torch.float64)
    turns = [_random(3, 3, offset=k) for k in range(2)]

    def step(x_t, h):
        return (turns[0] if float(x_t) > 0 else turns[1]) @ h + torch.cos(h) * x_t

    _stretches(env, step, x, _random(3), "The norms are not those that belong to these lags.")


def stretch_skewed(env):
    """A matrix whose powers first grow and then fade."""
    W = torch.tensor([[0.5, 5.0], [0.0, 0.4]], dtype=torch.float64)
    x = torch.zeros(12, 1, dtype=torch.float64)
    text = "For a matrix that is not normal the norms are wrong."
    _stretches(env, lambda x_t, h: W @ h + x_t, x, torch.ones(2, dtype=torch.float64), text)


# ceiling


def _occurring(W, alpha, slope, k, offset):
    """Return the largest norm of a product that occurs for some slopes between 0 and the limit."""
    hidden = len(alpha)
    vertices = torch.tensor(list(itertools.product([0.0, slope], repeat=hidden)))
    jacobians = torch.diag(1 - alpha) + (vertices.double() * alpha)[:, :, None] * W
    largest = torch.linalg.matrix_norm(torch.linalg.matrix_power(jacobians, k), ord=2).max()
    drawn = torch.randint(len(jacobians), (200, k), generator=_generator(offset))
    product = jacobians[drawn[:, 0]]
    for column in drawn.T[1:]:
        product = product @ jacobians[column]
    return float(max(largest, torch.linalg.matrix_norm(product, ord=2).max()))


def _between(env, W, alpha, slope, k, offset, what):
    found = _number(call(env, "ceiling", W.clone(), alpha.clone(), slope, k), "ceiling")
    leak = float((1 - alpha).max())
    highest = leak + slope * float(torch.linalg.matrix_norm(torch.diag(alpha) @ W, ord=2))
    lowest = _occurring(W, alpha, slope, k, offset)
    expect(found >= lowest * (1 - 1e-9), f"{what}: larger norms than your bound occur.")
    expect(found <= highest**k * (1 + 1e-6), f"{what}: the summands allow a lower bound.")


def ceiling_plain(env):
    """Networks without a leak."""
    ones = torch.ones(4, dtype=torch.float64)
    skewed = torch.eye(4, dtype=torch.float64) * 0.5
    skewed[0, 3] = 4.0
    for k, slope in itertools.product((1, 2, 5), (0.25, 1.0, 1.3)):
        for number, W in enumerate((0.7 * _random(4, 4), skewed)):
            _between(env, W, ones, slope, k, number, f"All rates 1, slope {slope}, k = {k}")


def ceiling_leaky(env):
    """Rates that differ from unit to unit."""
    for offset, (k, slope) in enumerate(itertools.product((1, 3, 10), (0.25, 1.0, 1.5))):
        for size in (0.3, 1.5):
            W, alpha = size * _random(HIDDEN, HIDDEN, offset=offset), _rates(HIDDEN, offset)
            _between(env, W, alpha, slope, k, offset, f"Different rates, slope {slope}, k = {k}")


# clip


def _gradients(dtype=torch.float64, size=1.0):
    shapes = {"W": (4, 3), "b": (4,), "V": (2, 4), "s": (1,)}
    found = {
        name: (size * _random(*shape, offset=number)).to(dtype)
        for number, (name, shape) in enumerate(shapes.items())
    }
    return {**found, "idle": None}


def _flat(gradients):
    present = [g.double().flatten() for g in gradients.values() if g is not None]
    return torch.cat(present)


def _clipped(env, gradients, limit):
    found = call(env, "clip", gradients, limit)
    expect(isinstance(found, tuple | list) and len(found) == 2, "`clip` must return two things.")
    clipped, norm = found
    expect(
        isinstance(clipped, dict) and list(clipped) == list(gradients),
        "`clip` must return a dictionary with the names that it got.",
    )
    for name, gradient in gradients.items():
        if gradient is None:
            expect(clipped[name] is None, "What is `None` must stay `None`.")
        else:
            expect(isinstance(clipped[name], torch.Tensor), "A gradient came back as no tensor.")
            expect(
                clipped[name].shape == gradient.shape, "A gradient has another shape than it had."
            )
            expect(
                clipped[name].dtype == gradient.dtype, "A gradient has another type than it had."
            )
    return clipped, _number(norm, "clip")


def clip_values(env):
    """The norm is the limit, and the direction what it was."""
    for dtype, tolerance in ((torch.float64, 1e-6), (torch.float32, 1e-4)):
        for limit in (0.1, 1.0, 2.5):
            gradients = _gradients(dtype, size=3.0)
            clipped, norm = _clipped(env, gradients, limit)
            before = _flat(gradients)
            wanted = before * (limit / before.norm())
            text = f"With the limit {limit} the gradients are not the scaled ones."
            close(_flat(clipped), wanted, text, tolerance * limit)
            right = math.isclose(norm, float(before.norm()), rel_tol=1e-5)
            expect(right, "The norm is not that of all numbers together, before clipping.")


def clip_small(env):
    """Short gradients come back as they are, and the arguments stay as they are."""
    gradients = _gradients()
    copies = {name: None if g is None else g.clone() for name, g in gradients.items()}
    length = float(_flat(gradients).norm())
    clipped, _ = _clipped(env, gradients, 2 * length)
    close(_flat(clipped), _flat(copies), "Gradients that are short enough have changed.", 1e-12)
    clipped, _ = _clipped(env, gradients, length / 10)
    expect(list(copies) == list(gradients), "The dictionary that you got has changed.")
    close(_flat(gradients), _flat(copies), "After the call an argument is not what it was.", 0.0)
    wanted = _flat(copies) / 10
    close(_flat(clipped), wanted, "Gradients that are too long come back wrong.", 1e-6 * length)


def clip_extremes(env):
    """Numbers whose square float32 cannot hold, and numbers that are none."""
    gradients = _gradients(torch.float32, size=1e30)
    clipped, norm = _clipped(env, gradients, 1.0)
    before = _flat(gradients)
    close(_flat(clipped), before / before.norm(), "Of 1e30 in float32 the direction is lost.", 1e-4)
    expect(math.isclose(norm, float(before.norm()), rel_tol=1e-4), "The norm of 1e30 is wrong.")
    for bad in (math.nan, math.inf, -math.inf):
        gradients = _gradients()
        gradients["b"][1] = bad
        clipped, norm = _clipped(env, gradients, 1.0)
        expect(not _flat(clipped).any(), f"With a number that is {bad} the result must be zeros.")
        expect(not math.isfinite(norm), f"With a number that is {bad} the norm cannot be finite.")


# initial


def _start(env, alpha, slope, gain, generator):
    W = call(env, "initial", alpha.clone(), slope, gain, generator)
    expect(isinstance(W, torch.Tensor), "`initial` must return a tensor.")
    wanted = (len(alpha), len(alpha))
    expect(W.shape == wanted, f"The shape is {tuple(W.shape)} where it must be {wanted}.")
    expect(W.dtype == alpha.dtype, "The result must have the type of `alpha`.")
    return torch.diag(1 - alpha) + slope * alpha[:, None] * W.detach()


def initial_gain(env):
    """All singular values of the Jacobian at rest are the gain."""
    cases = itertools.product((2, 6, 9), (1.0, 0.25), (0.8, 1.0, 1.2))
    for offset, (hidden, slope, gain) in enumerate(cases):
        for alpha in (_rates(hidden, offset), torch.ones(hidden, dtype=torch.float64)):
            J = _start(env, alpha, slope, gain, _generator(offset))
            text = f"A singular value of the Jacobian is not {gain}, for the slope {slope}."
            close(
                torch.linalg.svdvals(J),
                torch.full((hidden,), gain, dtype=torch.float64),
                text,
                1e-6,
            )


def initial_random(env):
    """The generator decides, and it alone."""
    alpha = _rates(4)
    before = torch.get_rng_state()
    one = _start(env, alpha, 1.0, 1.0, _generator(1))
    expect(torch.equal(before, torch.get_rng_state()), "The call changed the global generator.")
    again = _start(env, alpha, 1.0, 1.0, _generator(1))
    close(again, one, "Two generators of one seed give different results.", 1e-12)
    other = _start(env, alpha, 1.0, 1.0, _generator(2))
    expect(not torch.allclose(one, other), "Generators of different seeds give the same result.")
    values = torch.linalg.svdvals(other)
    close(values, torch.ones(4).double(), "A singular value of the Jacobian is not the gain.", 1e-6)


def initial_uniform(env):
    """Over many draws each element of the Jacobian has the mean 0 and the same variance."""
    hidden, draws, generator = 3, 1500, _generator(7)
    alpha = _rates(hidden)
    drawn = torch.stack([_start(env, alpha, 1.0, 1.0, generator) for _ in range(draws)])
    # seven standard errors of a mean, whose variance is 1 / hidden
    far = 7 / math.sqrt(hidden * draws)
    expect((drawn.mean(dim=0).abs() < far).all(), "The mean of an element is not near 0.")
    even = (drawn.square().mean(dim=0) - 1 / hidden).abs()
    expect((even < 0.08).all(), "Some elements of the Jacobian are larger than others on average.")
    values = torch.linalg.svdvals(drawn)
    close(values, torch.ones(draws, hidden).double(), "A singular value is not the gain.", 1e-6)


# is_broken


def _batch():
    return _random(5, 30, models.FEATURES)


def _made(make, number):
    with torch.random.fork_rng(devices=[]):
        return make(SEED + number)


def _verdict(env, model, x):
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(SEED)
        found = call(env, "is_broken", model, x, seconds=20.0)
    expect(found is not None and found is not ..., "`is_broken` must return True or False.")
    return bool(found)


def _group(env, name):
    x = _batch()
    accused = sum(
        _verdict(env, _made(make, number), x.clone())
        for number, make in enumerate(models.TWINS[name])
    )
    expect(accused == 0, f"{accused} of {len(models.TWINS[name])} sound models were accused.")
    passed = sum(
        not _verdict(env, _made(make, number), x.clone())
        for number, make in enumerate(models.BROKEN[name])
    )
    expect(passed == 0, f"{passed} of {len(models.BROKEN[name])} broken models passed.")


def broken_arrival(env):
    """Gradients that are too small or too large for some step."""
    _group(env, "arrival")


def broken_truth(env):
    """Gradients that are not the derivative."""
    _group(env, "truth")


def broken_learning(env):
    """Parameters that learn nothing."""
    _group(env, "learning")


def broken_rows(env):
    """Answers that depend on more than their row."""
    _group(env, "rows")


def sound_models(env):
    """No false alarm, by a check that finds at least what is plain."""
    x = _batch()
    plain = [models.BROKEN[name][0] for name in ("arrival", "learning")]
    found = all(_verdict(env, _made(make, number), x.clone()) for number, make in enumerate(plain))
    expect(found, "Counts only if the check finds two plain faults.")
    accused = sum(
        _verdict(env, _made(make, 100 + number), x.clone())
        for number, make in enumerate(models.SOUND)
    )
    expect(accused == 0, f"{accused} of {len(models.SOUND)} sound models were accused.")


def _state(model):
    parts = {name: value.clone() for name, value in model.state_dict().items()}
    gradients = {name: p.grad for name, p in model.named_parameters()}
    modes = [module.training for module in model.modules()]
    needs = [parameter.requires_grad for parameter in model.parameters()]
    return parts, {n: None if g is None else g.clone() for n, g in gradients.items()}, modes, needs


def models_unchanged(env):
    """Neither the model nor the batch is changed."""
    cases = [
        (models.TWINS["rows"][0], False),
        (models.SOUND[0], False),
        (models.BROKEN["learning"][0], True),
        (models.BROKEN["rows"][4], True),
    ]
    for number, (make, broken) in enumerate(cases):
        model, x = _made(make, number), _batch()
        first = next(model.parameters())
        first.grad = torch.ones_like(first)
        before = _state(model)
        verdict = _verdict(env, model, x)
        after = _state(model)
        for old, new in zip(before[:2], after[:2], strict=True):
            same = all(
                (old[name] is None) == (new[name] is None)
                and (old[name] is None or torch.equal(old[name], new[name]))
                for name in old
            )
            expect(same, "A parameter, a buffer or a `.grad` is not what it was.")
        expect(before[2:] == after[2:], "The mode or `requires_grad` is not what it was.")
        expect(torch.equal(x, _batch()), "The batch is not what it was.")
        expect(verdict is broken, "Counts only if the verdict is right.")

"""Hidden tests of the assignment "Recurrence and state"."""

import hashlib
import itertools
import math

import torch
from checking import call, close, expect, need
from secret import SEED

LETTERS = "abc"


def _generator(offset: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(SEED + offset)


def _random(*shape: int, offset: int = 0) -> torch.Tensor:
    return torch.randn(*shape, generator=_generator(offset + sum(shape)), dtype=torch.float64)


def _pair(value, name, what):
    expect(
        isinstance(value, tuple) and len(value) == 2,
        f"`{name}` must return two things: {what}.",
    )
    return value


# jordan_step


def _jordan(batch, features, hidden, outputs, offset=0):
    weights = {
        "W_x": _random(hidden, features, offset=offset + 1),
        "W_c": _random(hidden, outputs, offset=offset + 2),
        "b": _random(hidden, offset=offset + 3),
        "W_y": _random(outputs, hidden, offset=offset + 4),
        "b_y": _random(outputs, offset=offset + 5),
    }
    x = _random(batch, features, offset=offset + 6)
    return x, _random(batch, outputs, offset=offset + 7), weights


def _true_jordan(x, context, weights, leak):
    hidden = torch.tanh(x @ weights["W_x"].T + context @ weights["W_c"].T + weights["b"])
    y = hidden @ weights["W_y"].T + weights["b_y"]
    return y, leak * context + (1 - leak) * y


def jordan_output(env):
    """The output agrees with the definition, for many shapes."""
    for offset, sizes in enumerate([(2, 3, 4, 2), (1, 1, 1, 1), (5, 4, 4, 4), (3, 2, 7, 3)]):
        x, context, weights = _jordan(*sizes, offset=10 * offset)
        found = call(env, "jordan_step", x, context, weights, 0.3)
        y, _ = _pair(found, "jordan_step", "the output and the new context")
        wanted, _ = _true_jordan(x, context, weights, 0.3)
        close(y, wanted, "The output differs from the definition: check each product and bias.")


def jordan_context(env):
    """The new context agrees with the definition, at both ends of the leak and between."""
    for offset, leak in enumerate([0.0, 0.3, 0.9, 1.0]):
        x, context, weights = _jordan(4, 3, 5, 2, offset=10 * offset)
        found = call(env, "jordan_step", x, context, weights, leak)
        _, new = _pair(found, "jordan_step", "the output and the new context")
        _, wanted = _true_jordan(x, context, weights, leak)
        close(new, wanted, f"With leak {leak} the new context differs from the definition.")


def jordan_leaves_arguments(env):
    """Neither the context nor the weights are changed."""
    x, context, weights = _jordan(2, 3, 4, 2)
    before = [x.clone(), context.clone(), *(value.clone() for value in weights.values())]
    found = call(env, "jordan_step", x, context, weights, 0.5)
    _pair(found, "jordan_step", "the output and the new context")
    for old, new in zip(before, [x, context, *weights.values()], strict=True):
        expect(torch.equal(old, new), "After the call an argument is not what it was.")


# unroll


def _sums(x_t, state):
    total = 0.5 * state + x_t.sum(dim=-1, keepdim=True)
    return torch.cat([total, x_t], dim=-1), total


def unroll_values(env):
    """Outputs and final state are those of a plain loop; shapes do not help a wrong axis."""
    for batch, time in [(3, 3), (2, 5), (4, 1)]:
        x, state = _random(batch, time, 2), _random(batch, 1, offset=5)
        wanted, final = [], state
        for t in range(time):
            y, final = _sums(x[:, t], final)
            wanted.append(y)
        found = call(env, "unroll", _sums, x.clone(), state.clone())
        outputs, last = _pair(found, "unroll", "all outputs and the final state")
        close(outputs, torch.stack(wanted, dim=1), "The outputs are not those of the steps.")
        close(last, final, "The state that comes back is not the one after the last step.")


def unroll_calls(env):
    """The step is called once for each time step, in order, with the state before it."""
    calls = []

    def step(x_t, state):
        calls.append((x_t.clone(), state))
        return x_t, state + 1

    x = _random(2, 6, 3)
    found = call(env, "unroll", step, x, torch.zeros(2, 1))
    expect(len(calls) == 6, f"For 6 time steps `step` was called {len(calls)} times.")
    for t, (x_t, state) in enumerate(calls):
        expect(torch.equal(x_t, x[:, t]), f"Call {t} did not get the inputs of time step {t}.")
        expect(float(state[0, 0]) == t, f"Call {t} did not get the state that call {t - 1} left.")
    expect(float(found[1][0, 0]) == 6, "The state that comes back is not the last one.")


def unroll_tuples(env):
    """A state may be anything that the step understands, such as an LSTM's pair."""

    def step(x_t, state):
        h, c = state
        c = c + x_t
        return h, (torch.tanh(c), c)

    x, zero = _random(2, 4, 3), torch.zeros(2, 3, dtype=torch.float64)
    found = call(env, "unroll", step, x, (zero, zero))
    _, state = _pair(found, "unroll", "all outputs and the final state")
    expect(isinstance(state, tuple) and len(state) == 2, "A state that is a pair must stay one.")
    close(state[1], x.sum(dim=1), "With a pair as the state the final state is wrong.")


# parameters


def _true_parameters(cell, features, hidden, layers, bidirectional):
    gates = {"rnn": 1, "gru": 3, "peephole": 4}[cell]
    directions = 2 if bidirectional else 1
    total = 0
    for layer in range(layers):
        inputs = features if layer == 0 else directions * hidden
        one = gates * hidden * (inputs + hidden + 1) + (3 * hidden if cell == "peephole" else 0)
        total += directions * one
    return total


def _count(env, cases):
    for case in cases:
        found = call(env, "parameters", *case)
        cell, _, _, layers, bidirectional = case
        described = f"{cell}, {layers} layer(s), {'two directions' if bidirectional else 'one'}"
        expect(found == _true_parameters(*case), f"The number is wrong for: {described}.")


def parameters_one_layer(env):
    """One layer, one direction, each cell."""
    _count(env, [(cell, 7, 5, 1, False) for cell in ("rnn", "gru", "peephole")])
    _count(env, [(cell, 1, 1, 1, False) for cell in ("rnn", "gru", "peephole")])


def parameters_layers(env):
    """Several layers, one direction."""
    cells = ("rnn", "gru", "peephole")
    _count(env, [(cell, 6, 4, n, False) for cell in cells for n in (2, 3)])


def parameters_directions(env):
    """Two directions, with and without layers above."""
    cells = ("rnn", "gru", "peephole")
    _count(env, [(cell, 6, 4, n, True) for cell in cells for n in (1, 2, 4)])


# last_states


def _padded(batch, time, hidden, directions, offset):
    outputs = _random(batch, time, directions * hidden, offset=offset)
    lengths = torch.randint(1, time + 1, (batch,), generator=_generator(offset))
    lengths[0], lengths[-1] = time, 1
    for row, length in enumerate(lengths):
        outputs[row, length:] = 1000.0  # what nobody may read
    return outputs, lengths


def _last(env, directions):
    for offset, (batch, time, hidden) in enumerate([(4, 6, 3), (3, 1, 2), (5, 5, 5)]):
        outputs, lengths = _padded(batch, time, hidden, directions, offset)
        forward = torch.stack([outputs[i, n - 1, :hidden] for i, n in enumerate(lengths)])
        wanted = torch.cat([forward, outputs[:, 0, hidden:]], dim=1)
        found = call(env, "last_states", outputs, lengths, directions == 2)
        expect(isinstance(found, torch.Tensor), "`last_states` must return a tensor.")
        expect(not (found == 1000.0).any(), "A state that belongs to padding was read.")
        close(found, wanted, "A state was read at a step where that direction had not ended.")


def last_forward(env):
    """One direction."""
    _last(env, 1)


def last_both(env):
    """Two directions."""
    _last(env, 2)


# MACHINE


def assigned(student_id):
    """Return modulus, remainder and increments, as the notebook gives them."""
    digest = hashlib.sha256(student_id.strip().lower().encode()).digest()
    k = 4 + digest[0] % 4
    increments = (digest[2] % 2 * (k - 2) + 1, digest[3] % k, digest[4] % k)
    return k, digest[1] % k, dict(zip(LETTERS, increments, strict=True))


def _machine(env):
    machine = need(env, "MACHINE", dict)
    student = need(env, "STUDENT_ID", str)
    expect(student.strip(), "STUDENT_ID is empty.")
    wanted = ["W_h", "W_x", "b", "b_out", "h_0", "w_out"]
    expect(sorted(machine) == wanted, f"MACHINE must have the keys {', '.join(wanted)}.")
    tensors = {key: torch.as_tensor(value).double() for key, value in machine.items()}
    hidden = len(tensors["b"].flatten())
    shapes = {
        "W_h": (hidden, hidden),
        "W_x": (hidden, 3),
        "b": (hidden,),
        "b_out": (),
        "h_0": (hidden,),
        "w_out": (hidden,),
    }
    for key, shape in shapes.items():
        got = tuple(tensors[key].shape)
        expect(got == shape, f"{key} has shape {got} where it must be {shape}.")
    expect(hidden <= 32, f"The machine has {hidden} units, at most 32 are allowed.")
    return tensors, assigned(student)


def _run(machine, words):
    """Accept or reject words of one length; return the verdicts and the smallest margin."""
    h = machine["h_0"].expand(len(words), -1)
    margin = math.inf
    for letters in words.T:
        x = torch.nn.functional.one_hot(letters, 3).double()
        before = x @ machine["W_x"].T + h @ machine["W_h"].T + machine["b"]
        margin = min(margin, float(before.abs().min()))
        h = (before > 0).double()
    score = h @ machine["w_out"] + machine["b_out"]
    return score > 0, min(margin, float(score.abs().min()))


def _truth(words, k, r, increments):
    values = torch.tensor([increments[letter] for letter in LETTERS])
    return values[words].sum(dim=1) % k == r


def _agree(env, words, what):
    machine, (k, r, increments) = _machine(env)
    verdicts, _ = _run(machine, words)
    wrong = int((verdicts != _truth(words, k, r, increments)).sum())
    expect(wrong == 0, f"The machine is wrong about {wrong} of {len(words)} {what}.")


def machine_short(env):
    """All words up to six letters, the empty one too."""
    machine, (_, r, _) = _machine(env)
    accepted = bool(machine["h_0"] @ machine["w_out"] + machine["b_out"] > 0)
    expect(accepted == (r == 0), "The machine is wrong about the empty word.")
    for length in range(1, 7):
        words = torch.tensor(list(itertools.product(range(3), repeat=length)))
        _agree(env, words, f"words of length {length}")


def machine_long(env):
    """Random long words."""
    for length in (17, 60, 301):
        words = torch.randint(3, (200, length), generator=_generator(length))
        _agree(env, words, f"random words of length {length}")


def machine_margin(env):
    """No unit ever stands near its threshold, so that a little noise changes nothing."""
    machine, (k, r, increments) = _machine(env)
    words = torch.randint(3, (200, 40), generator=_generator(4))
    verdicts, margin = _run(machine, words)
    # a machine that computes something else has no margin worth a point
    wrong = verdicts != _truth(words, k, r, increments)
    expect(not wrong.any(), "The margin counts only if the machine is right.")
    expect(margin >= 0.2, f"A unit came as near as {margin:.2g} to its threshold; keep 0.2 away.")


# half_life


def _half_lives(env, matrices, tolerance=1e-6):
    for what, matrix, wanted in matrices:
        found = call(env, "half_life", matrix)
        try:
            found = float(found)
        except (TypeError, ValueError):
            found = math.nan
        right = math.isclose(found, wanted, rel_tol=tolerance, abs_tol=tolerance)
        expect(right, f"The number of steps is wrong for {what}.")


def _steps(radius):
    return math.log(0.5) / math.log(radius)


def half_life_plain(env):
    """Diagonal and symmetric matrices."""
    a = _random(4, 4)
    symmetric = (a + a.T) / 2
    radius = float(torch.linalg.eigvalsh(symmetric).abs().max())
    _half_lives(
        env,
        [
            ("a diagonal matrix", torch.diag(torch.tensor([0.5, 0.9, 0.1])).double(), _steps(0.9)),
            (
                "a matrix with a negative eigenvalue",
                torch.diag(torch.tensor([-0.95, 0.3])).double(),
                _steps(float(torch.tensor(0.95))),
            ),
            ("a symmetric matrix", symmetric / radius * 0.8, _steps(0.8)),
        ],
    )


def half_life_rotation(env):
    """Complex pairs, and a matrix whose largest singular value says something else."""
    angle = torch.tensor(1.1, dtype=torch.float64)
    c, s = torch.cos(angle), torch.sin(angle)
    rotation = 0.7 * torch.stack([torch.stack([c, -s]), torch.stack([s, c])])
    skewed = torch.tensor([[0.5, 8.0], [0.0, 0.4]], dtype=torch.float64)
    general = _random(5, 5)
    general = general / torch.linalg.eigvals(general).abs().max() * 0.6
    _half_lives(
        env,
        [
            ("a rotation that shrinks", rotation, _steps(0.7)),
            ("a matrix that is not normal", skewed, _steps(0.5)),
            ("a random matrix", general, _steps(0.6)),
        ],
    )


def half_life_never(env):
    """What does not decay has no half-life, and what is gone after a step has none left."""
    _half_lives(
        env,
        [
            ("the identity", torch.eye(3, dtype=torch.float64), math.inf),
            ("a matrix that grows", 1.5 * torch.eye(2, dtype=torch.float64), math.inf),
            ("the zero matrix", torch.zeros(2, 2, dtype=torch.float64), 0.0),
        ],
    )


# forgetting


def _leaky(x_t, state):
    state = 0.8 * state + torch.tanh(x_t)
    return 3.0 * state.sum(dim=-1, keepdim=True), state


def _true_forgetting(step, x, other, state):
    distances, one, two = [], state, state
    for t in range(x.shape[1]):
        _, one = step(x[:, t], one)
        _, two = step(other[:, t], two)
        distances.append((one - two).norm(dim=-1).mean())
    return torch.stack(distances)


def forgetting_values(env):
    """The curve of a leaky state, for several batches."""
    for batch, time in [(1, 5), (4, 7), (3, 3)]:
        x = _random(batch, time, 2)
        other = x.clone()
        other[:, 0] = _random(batch, 2, offset=9)
        state = _random(batch, 2, offset=3)
        found = call(env, "forgetting", _leaky, x, other, state)
        close(found, _true_forgetting(_leaky, x, other, state), "The curve is not the distance.")


def forgetting_nothing(env):
    """Where nothing differs the distance is zero, and a difference shows when it is met."""
    x, state = _random(2, 6, 2), torch.zeros(2, 2, dtype=torch.float64)
    same = call(env, "forgetting", _leaky, x, x.clone(), state)
    close(same, torch.zeros(6, dtype=torch.float64), "Two equal sequences must not differ.")
    other = x.clone()
    other[:, 3] += 1.0
    found = call(env, "forgetting", _leaky, x, other, state)
    met = [float(value) > 0 for value in found]
    expect(met == [False] * 3 + [True] * 3, "The inputs differ from step 3 on, the curve does not.")

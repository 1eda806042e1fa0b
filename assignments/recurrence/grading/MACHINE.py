"""Hidden tests of `MACHINE`."""

import hashlib
import itertools
import math

import torch
from checking import at_least, expect, need
from drawing import generator

LETTERS = "abc"


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
        words = torch.randint(3, (200, length), generator=generator(length))
        _agree(env, words, f"random words of length {length}")


def machine_margin(env):
    """No unit ever stands near its threshold, so that a little noise changes nothing."""
    machine, (k, r, increments) = _machine(env)
    words = torch.randint(3, (200, 40), generator=generator(4))
    verdicts, margin = _run(machine, words)
    # a machine that computes something else has no margin worth a point
    wrong = verdicts != _truth(words, k, r, increments)
    expect(not wrong.any(), "The margin counts only if the machine is right.")
    at_least(margin, 0.2, f"A unit came as near as {margin:.2g} to its threshold; keep 0.2 away.")

"""Hidden tests of `filtered`."""

import torch
from checking import call_alone, close, expect
from drawing import normal


def _true_filtered(row, temperature, min_p, top_p):
    """Filter one row of logits, in plain Python."""
    p = (row / temperature).softmax(dim=0).tolist()
    p = [value if value >= min_p * max(p) else 0.0 for value in p]
    p = [value / sum(p) for value in p]
    kept, mass = set(), 0.0
    for i in sorted(range(len(p)), key=lambda i: -p[i]):
        if mass >= top_p:
            break
        kept.add(i)
        mass += p[i]
    total = sum(p[i] for i in kept)
    return [p[i] / total if i in kept else 0.0 for i in range(len(p))]


def _filtered(env, settings):
    for offset, shape in enumerate([(7,), (4, 6), (2, 3, 5), (5, 5)]):
        logits = 2 * normal(*shape, offset=20 + offset)
        for temperature, min_p, top_p in settings:
            found = call_alone(env, "filtered", logits.clone(), temperature, min_p, top_p)
            rows = [_true_filtered(row, temperature, min_p, top_p)
                    for row in logits.reshape(-1, shape[-1])]  # fmt: skip
            wanted = torch.tensor(rows, dtype=torch.float64).view(shape)
            described = f"temperature {temperature}, min_p {min_p}, top_p {top_p}"
            close(found, wanted, f"A probability is wrong for {described}.", 1e-6)
            expect(bool(((found == 0) == (wanted == 0)).all()), f"Not 0 for {described}.")


def filtered_temperature(env):
    """The temperature alone."""
    _filtered(env, [(0.3, 0.0, 1.0), (1.0, 0.0, 1.0), (2.5, 0.0, 1.0)])


def filtered_min(env):
    """The bound relative to the largest, alone."""
    _filtered(env, [(1.0, 0.12, 1.0), (1.0, 0.4, 1.0), (1.0, 1.0, 1.0)])


def filtered_top(env):
    """The nucleus alone."""
    _filtered(env, [(1.0, 0.0, 0.83), (1.0, 0.0, 0.47), (1.0, 0.0, 0.01)])


def filtered_all(env):
    """All three, in their order."""
    _filtered(env, [(1.7, 0.13, 0.72), (0.6, 0.05, 0.9), (2.2, 0.3, 0.6), (1.7, 0.21, 0.87)])

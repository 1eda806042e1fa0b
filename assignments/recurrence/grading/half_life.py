"""Hidden tests of `half_life`."""

import math

import torch
from checking import call, expect
from drawing import normal


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
    a = normal(4, 4)
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
    general = normal(5, 5)
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

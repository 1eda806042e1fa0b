"""A figure of linear algebra: what a matrix does to the unit circle."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes

from rnn_tutorial.figures._style import NEUTRAL, WIDTH


def stretching(matrix: np.ndarray) -> tuple[Axes, Axes]:
    """Draw the unit circle and what a matrix makes of it, with the singular vectors.

    Parameters
    ----------
    matrix : ndarray, (2, 2)
        The matrix.

    Returns
    -------
    two Axes
        Before, with the two right singular vectors; after, with their images, whose lengths are
        the singular values.

    Raises
    ------
    ValueError
        If the matrix is not of that shape.
    """
    matrix = np.asarray(matrix, dtype=float)
    if matrix.shape != (2, 2):
        raise ValueError(f"matrix must have shape (2, 2), got {matrix.shape}")
    angle = np.linspace(0, 2 * np.pi, 200)
    circle = np.stack([np.cos(angle), np.sin(angle)])
    _, values, vectors = np.linalg.svd(matrix)
    vectors = vectors * np.sign(vectors.sum(axis=1, keepdims=True) + 1e-12)  # to the upper right
    reach = max(values[0], 1.0)
    wide, high = 2.1 * reach, 1.15 * reach  # room for the labels at the sides
    _, axes = plt.subplots(1, 2, figsize=(WIDTH, 2.1))
    before, after = axes
    for ax, points, arrows, names in (
        (before, circle, vectors.T, ("1", "1")),
        (after, matrix @ circle, matrix @ vectors.T, [f"{value:.3g}" for value in values]),
    ):
        ax.plot(*points, color="#666666", linewidth=1.2)
        for arrow, name, color in zip(arrows.T, names, (NEUTRAL[1][0], NEUTRAL[2][0]), strict=True):
            ax.annotate("", arrow, (0, 0), arrowprops={"color": color, "arrowstyle": "->", "lw": 2})
            away = arrow / np.linalg.norm(arrow)
            side = "center" if abs(away[0]) < 0.5 else "left" if away[0] > 0 else "right"
            ax.annotate(
                f"length {name}", arrow, 9 * away, textcoords="offset points",
                color=color, ha=side, va="bottom" if side == "center" else "center",
            )  # fmt: skip
        ax.set(xlim=(-wide, wide), ylim=(-high, high), aspect="equal")
    before.set_title(r"unit vectors $\mathbf{x}$")
    after.set_title(r"their images $\mathbf{Wx}$")
    return before, after

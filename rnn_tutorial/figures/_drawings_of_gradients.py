"""Drawings of gradients: the hand network's way back, and what a step does to a circle."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes

from rnn_tutorial.figures._drawing import GRADIENT, W_HH, W_IH, Canvas


def hand_network(
    states: Sequence[float],
    inputs: Sequence[float],
    gradients: Sequence[float],
    factors: Sequence[float],
    shares: Sequence[float],
) -> Axes:
    """Draw a network of one unit laid out in time, its gradient, and what each use of w adds to it.

    Parameters
    ----------
    states : sequence of float
        The states h_0 to h_T.
    inputs : sequence of float
        The inputs x_1 to x_T.
    gradients : sequence of float
        The total derivatives of the loss with respect to the states, dL/dh_1 to dL/dh_T.
    factors : sequence of float
        The partial derivatives of a state with respect to the one before, from ∂h_2/∂h_1 on.
    shares : sequence of float
        What each use of w adds to dL/dw, at steps 1 to T.

    Returns
    -------
    Axes
        Without scales: above the states the gradients, with a factor at each arrow back; below the
        inputs the shares, which fall to their sum.

    Raises
    ------
    ValueError
        If the lengths do not fit the number of states.
    """
    steps = len(states) - 1
    _check_lengths(steps, inputs=inputs, gradients=gradients, factors=factors, shares=shares)
    gap, radius, row, back, fall = 2.2, 0.56, 3.5, 5.0, 0.85
    canvas = Canvas(gap * steps + 2.3, 5.7)
    places = [0.75 + gap * t for t in range(steps + 1)]
    loss = places[-1] + 1.1
    for t, (x, state) in enumerate(zip(places, states, strict=True)):
        canvas.state(x, row, "", radius=radius)
        canvas.text(x, row + 0.22, f"$h_{t}$")
        canvas.text(x, row - 0.19, _short(state))
        if t == 0:
            continue
        canvas.arrow(
            (x - gap + radius, row), (x - radius, row), color=W_HH, label="$w$", side="above"
        )  # fmt: skip
        canvas.text(x, 1.95, f"$x_{t}={inputs[t - 1]:g}$")
        canvas.arrow((x, 2.25), (x, row - radius), color=W_IH)
        canvas.text(x, back, _short(gradients[t - 1]), color=GRADIENT)
        middle = x - gap / 2
        canvas.arrow((middle, row - 0.12), (middle, fall + 0.2), color=GRADIENT, dashed=True)
        canvas.text(middle, fall, _short(shares[t - 1]), color=GRADIENT)
        if t > 1:
            canvas.arrow(
                (x - 0.6, back), (x - gap + 0.58, back), color=GRADIENT, dashed=True,
                label=f"× {factors[t - 2]:.3f}",
            )  # fmt: skip
            canvas.text(middle - gap / 2, fall, "$+$", color=GRADIENT)
    canvas.arrow((places[-1] + radius, row), (loss - 0.2, row))
    canvas.text(loss, row, "$L$")
    canvas.arrow(
        (loss, row + 0.3), (loss, back), (places[-1] + 0.58, back), color=GRADIENT, dashed=True
    )
    canvas.text(0.1, back, r"$\mathrm{d}L/\mathrm{d}h_t$", "right", GRADIENT)
    canvas.text(0.1, fall, r"$\mathrm{d}L/\mathrm{d}w\;=$", "right", GRADIENT)
    canvas.text(middle + gap / 2, fall, "$=$", color=GRADIENT)
    canvas.text(middle + gap / 2 + 0.2, fall, _short(sum(shares)), "right", GRADIENT)
    return canvas.ax


def _check_lengths(steps: int, **numbers: Sequence[float]) -> None:
    """Refuse numbers that are not one for each step; of factors there is one less."""
    for name, given in numbers.items():
        right = steps - 1 if name == "factors" else steps
        if len(given) != right:
            raise ValueError(f"{name} must be {right} for {steps + 1} states, got {len(given)}")


def gated_unit(
    states: Sequence[float],
    inputs: Sequence[float],
    keeps: Sequence[float],
    writes: Sequence[float],
    factors: Sequence[float],
) -> Axes:
    """Draw the hand network with a valve on its state and one on what it writes.

    Parameters
    ----------
    states : sequence of float
        The cell states c_0 to c_T.
    inputs : sequence of float
        The inputs x_1 to x_T.
    keeps, writes : sequence of float
        The forget gates and the input gates, f_1 to f_T and i_1 to i_T.
    factors : sequence of float
        The derivatives of a cell state with respect to the one before, from dc_2/dc_1 on.

    Returns
    -------
    Axes
        Without scales: above the states the gradient of the last one, with a factor at each arrow
        back; the valves are as wide as the gates are open.

    Raises
    ------
    ValueError
        If the lengths do not fit the number of states.
    """
    steps = len(states) - 1
    _check_lengths(steps, inputs=inputs, keeps=keeps, writes=writes, factors=factors)
    gap, radius, row, gate, low, back = 3.1, 0.56, 4.5, 3.35, 2.1, 6.0
    canvas = Canvas(gap * steps + 1.5, 6.6)
    places = [0.75 + gap * t for t in range(steps + 1)]
    gradient = 1.0
    for t in range(steps, -1, -1):
        x = places[t]
        canvas.state(x, row, "", radius=radius)
        canvas.text(x, row + 0.22, f"$c_{t}$")
        canvas.text(x, row - 0.19, _short(states[t]))
        if t:
            canvas.text(x, back, "1" if t == steps else _short(gradient), color=GRADIENT)
        if t > 1:
            canvas.arrow(
                (x - 0.6, back), (x - gap + 0.6, back), color=GRADIENT, dashed=True,
                label=f"× {factors[t - 2]:.3f}",
            )  # fmt: skip
            gradient *= factors[t - 2]
        if t == 0:
            continue
        valve, plus = x - gap + 1.05, x - 1.0
        canvas.line((x - gap + radius, row), (valve - 0.25, row), width=2.6)
        canvas.line((valve + 0.25, row), (plus - 0.22, row), width=2.6)
        canvas.arrow((plus + 0.22, row), (x - radius, row), width=2.6)
        canvas.valve(valve, row, keeps[t - 1])
        canvas.text(valve, row + 0.3, _short(keeps[t - 1]), "above")
        canvas.plus(plus, row)
        canvas.valve(plus, gate, writes[t - 1], upright=True)
        canvas.text(plus - 0.25, gate, _short(writes[t - 1]), "left")
        canvas.arrow((plus, gate + 0.25), (plus, row - 0.22))
        canvas.line((plus, low + 0.35), (plus, gate - 0.25))
        canvas.box(plus, low, r"$\tanh$")
        canvas.arrow((x - gap, row - radius), (x - gap, low), (plus - 0.48, low), color=W_HH)
        canvas.text(x - gap + 0.8, low, f"$w\\,h_{t - 1}$", "above", W_HH)
        canvas.arrow((plus, 0.7), (plus, low - 0.35), color=W_IH)
        canvas.text(plus, 0.4, f"$x_{t}={inputs[t - 1]:g}$")
    canvas.text(0.1, back, rf"$\mathrm{{d}}c_{steps}/\mathrm{{d}}c_t$", "right", GRADIENT)
    return canvas.ax


def _short(number: float) -> str:
    """Write a number to three digits, an exact zero as 0, with a minus sign."""
    return "0" if number == 0 else f"{number:.3f}".replace("-", "\N{MINUS SIGN}")


def ellipses(curves: Mapping[str, np.ndarray]) -> Axes:
    """Draw what becomes of a circle, three pictures in a row, all to the same scale.

    Parameters
    ----------
    curves : mapping of str to array of shape (points, 2)
        The images of the unit circle's points by title. What leaves a square of side 2.6 around
        the origin is not shown.

    Returns
    -------
    Axes
        Without scales; the circle itself is pale in each picture.
    """
    side, high = 2.7, 3.3
    rows = -(-len(curves) // 3)
    canvas = Canvas(3 * side + 0.2, high * rows)
    turn = np.linspace(0, 2 * np.pi, 181)
    circle = np.stack([np.cos(turn), np.sin(turn)], axis=1)
    for place, (title, curve) in enumerate(curves.items()):
        x = 0.1 + side * (place % 3 + 0.5)
        y = high * (rows - 1 - place // 3) + 1.4
        canvas.lit = False
        canvas.curve(circle + (x, y))
        canvas.lit = True
        canvas.curve(np.asarray(curve) + (x, y), color=W_HH, width=2)
        canvas.text(x, y + 1.2, title, "above")
    return canvas.ax


def gradient_ways() -> Axes:
    """Draw the two ways by which a gradient goes back through an LSTM from step to step.

    Returns
    -------
    Axes
        Without scales: cell states above, hidden states below. The gradient's arrows are dashed:
        the direct way with the forget gate as its factor, the other through the hidden state.
    """
    canvas = Canvas(9.0, 5.4)
    high, low, gap = 3.9, 1.0, 3.3
    places = [1.2 + gap * k for k in range(3)]
    for k, (x, t) in enumerate(zip(places, ("t-2", "t-1", "t"), strict=True)):
        canvas.state(x, high, rf"$\mathbf{{c}}_{{{t}}}$", radius=0.5)
        canvas.state(x, low, rf"$\mathbf{{h}}_{{{t}}}$", radius=0.5)
        canvas.arrow((x, high - 0.5), (x, low + 0.5))
        if not k:
            continue
        before = x - gap
        canvas.arrow((before + 0.5, high), (x - 0.5, high), width=2.6)
        canvas.valve(x - gap / 2, high)
        start, stop = (before + 0.4, low + 0.3), (x - 0.4, high - 0.3)
        canvas.arrow(start, stop, color=W_HH)
        canvas.arrow(
            (x - 0.35, high + 0.42), (before + 0.35, high + 0.42), color=GRADIENT, dashed=True,
            label=rf"$\mathbf{{f}}_{{{t}}}$", bend=-0.25,
        )  # fmt: skip
        canvas.arrow(
            (x - 0.3, high - 0.44), (before + 0.5, low + 0.05), color=GRADIENT, dashed=True,
            bend=-0.35,
        )  # fmt: skip
        canvas.arrow(
            (before + 0.14, low + 0.5), (before + 0.14, high - 0.5), color=GRADIENT, dashed=True
        )
    return canvas.ax

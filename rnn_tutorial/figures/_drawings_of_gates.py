"""Drawings of the gated cells, with one part lit at a time."""

from collections.abc import Callable

import numpy as np
from matplotlib.axes import Axes

from rnn_tutorial.figures._drawing import W_HH, W_IH, Canvas

_CELL = 2.6  # the width of a line that carries the state on
_H_BUS, _X_BUS, _GATES, _LINE = 1.75, 1.3, 2.9, 5.3  # heights in the drawing of the LSTM


def _lights(canvas: Canvas, step: int | None, steps: int) -> Callable[..., None]:
    """Return a switch: what is drawn next stands out if one of the steps given to it is lit."""
    if step is not None and step not in range(1, steps + 1):
        raise ValueError(f"step must be None or between 1 and {steps}, got {step!r}")
    lit = set(range(1, steps + 1)) if step is None else {step}

    def light(*of: int) -> None:
        canvas.lit = not lit.isdisjoint(of)

    return light


def _feed(canvas: Canvas, x: float, top: float) -> None:
    """Lead the input and the state to the lower edge of a box, side by side."""
    canvas.arrow((x + 0.18, _X_BUS), (x + 0.18, top), color=W_IH)
    canvas.dot(x + 0.18, _X_BUS, W_IH)
    canvas.arrow((x - 0.18, _H_BUS), (x - 0.18, top), color=W_HH)
    canvas.dot(x - 0.18, _H_BUS, W_HH)


def lstm_cell(step: int | None = None) -> Axes:
    r"""Draw one step of an LSTM, of which one part may stand out.

    The lines below are the input, in the color of :math:`\mathbf{W}_{ih}`, and the state before,
    in that of :math:`\mathbf{W}_{hh}`. Each box is a layer of its own that reads both; a valve
    multiplies what runs through it by the gate that enters at its side.

    Parameters
    ----------
    step : int or None
        What stands out: 1 the forget gate and what it keeps, 2 the candidate and the input gate,
        3 the sum that is the new cell state, 4 the output gate and the new hidden state. All of it
        by default.

    Returns
    -------
    Axes
        Without scales; the cell state passes through at the top.

    Raises
    ------
    ValueError
        If `step` is not None and not between 1 and 4.
    """
    canvas = Canvas(9.7, 6.7)
    light = _lights(canvas, step, 4)
    forget, write, candidate, show, out = 2.2, 3.55, 4.9, 6.55, 7.75
    for last, steps in ((show, (0,)), (forget, (1,)), (candidate, (2,)), (show, (4,))):
        light(*steps)  # the lines are pale to their end, and lit to the box that reads them
        canvas.line((1.0, _H_BUS), (last - 0.18, _H_BUS), color=W_HH)
        canvas.line((1.35, 0.65), (1.35, _X_BUS), (last + 0.18, _X_BUS), color=W_IH)
    light(1, 2, 4)
    canvas.text(1.0, _H_BUS, r"$\mathbf{h}_{t-1}$", "left")
    canvas.text(1.35, 0.35, r"$\mathbf{x}_t$")
    for x, name, gate, steps in (
        (forget, r"$\sigma$", "f", (1,)),
        (write, r"$\sigma$", "i", (2,)),
        (candidate, r"$\tanh$", "g", (2,)),
        (show, r"$\sigma$", "o", (4,)),
    ):
        light(*steps)
        _feed(canvas, x, _GATES - 0.35)
        canvas.box(x, _GATES, name)
        light(*steps, 0 if gate == "o" else 3)
        side = "right" if gate in "fg" else "left"
        canvas.text(x, _GATES + 0.65, rf"$\mathbf{{{gate}}}_t$", side)

    light(1, 3)
    canvas.line((1.0, _LINE), (forget, _LINE), width=_CELL)
    canvas.arrow((forget, _LINE), (candidate - 0.22, _LINE), width=_CELL)
    canvas.text(1.0, _LINE, r"$\mathbf{c}_{t-1}$", "left")
    canvas.valve(forget, _LINE)
    canvas.arrow((forget, _GATES + 0.35), (forget, _LINE - 0.06))

    light(2, 3)
    canvas.valve(candidate, 4.15, upright=True)
    canvas.line((candidate, _GATES + 0.35), (candidate, 3.9))
    canvas.arrow((write, _GATES + 0.35), (write, 4.15), (candidate - 0.06, 4.15))
    canvas.arrow((candidate, 4.4), (candidate, _LINE - 0.22))

    light(3)
    canvas.plus(candidate, _LINE)
    light(3, 4)
    canvas.arrow((candidate + 0.22, _LINE), (9.0, _LINE), width=_CELL)
    canvas.text(8.98, _LINE, r"$\mathbf{c}_t$", "right")

    light(4)
    canvas.dot(out, _LINE)
    canvas.arrow((out, _LINE), (out, 4.78))
    canvas.box(out, 4.45, r"$\tanh$", height=0.62)
    canvas.line((out, 4.14), (out, 3.9))
    canvas.valve(out, 3.65, upright=True)
    canvas.arrow((show, _GATES + 0.35), (show, 3.65), (out - 0.06, 3.65))
    canvas.arrow((out, 3.4), (out, _H_BUS), (9.0, _H_BUS))
    canvas.text(8.98, _H_BUS, r"$\mathbf{h}_t$", "right")
    canvas.dot(8.5, _H_BUS)
    canvas.arrow((8.5, _H_BUS), (8.5, 6.05))
    canvas.text(8.5, 6.05, r"$\mathbf{h}_t$", "above")
    return canvas.ax


def scan_rounds(steps: int = 8) -> Axes:
    """Draw the rounds of a parallel scan, after which every step is composed with all before it.

    Parameters
    ----------
    steps : int
        The length of the sequence, from 2 to 8.

    Returns
    -------
    Axes
        Without scales: the steps below, one row for each round, and filled what is done.

    Raises
    ------
    ValueError
        If `steps` is not between 2 and 8.
    """
    if not 2 <= steps <= 8:
        raise ValueError(f"steps must be between 2 and 8, got {steps}")
    gap, high, radius = 1.0, 1.6, 0.27
    rounds = (steps - 1).bit_length()
    canvas = Canvas(3.1 + gap * steps, high * rounds + 2.4)
    places = [3.2 + gap * t for t in range(steps)]
    for number in range(rounds + 1):
        y, back = 1.2 + high * number, 2**number // 2
        if number:
            times = f"{back} step{'s' * (back > 1)} back"
            canvas.text(0.1, y, f"round {number}:\n{times}", "right")
        for t, x in enumerate(places):
            canvas.state(x, y, "", radius=radius, marked=t < 2**number)
            if number:
                canvas.arrow((x, y - high + radius), (x, y - radius))
            if number and t >= back:
                way = np.array([gap * back, high]) / np.hypot(gap * back, high)
                start = np.array([x - gap * back, y - high]) + radius * way
                canvas.arrow(tuple(start), tuple((x, y) - radius * way))
    for t, x in enumerate(places, 1):
        canvas.text(x, 0.45, f"${t}$")
        canvas.text(x, y + radius + 0.08, rf"$\mathbf{{h}}_{t}$", "above")
    canvas.text(0.1, 0.45, "step", "right")
    return canvas.ax


def gru_cell(step: int | None = None) -> Axes:
    r"""Draw one step of torch's GRU, of which one part may stand out.

    The colors of the lines are those of :func:`lstm_cell`. The reset gate is a valve on
    :math:`\mathbf{W}_{hn} \mathbf{h}_{t-1} + \mathbf{b}_{hn}`, after the matrix.

    Parameters
    ----------
    step : int or None
        What stands out: 1 the reset gate and what it lets through, 2 the candidate, 3 the update
        gate, which keeps the old state as far as it does not write the candidate. All of it by
        default.

    Returns
    -------
    Axes
        Without scales; the state passes through at the top.

    Raises
    ------
    ValueError
        If `step` is not None and not between 1 and 3.
    """
    canvas = Canvas(9.3, 6.7)
    light = _lights(canvas, step, 3)
    update, reset, product, valve, total, candidate = 2.1, 3.4, 4.35, 5.0, 5.85, 7.05
    for h_stop, x_stop, steps in (
        (product, total, (0,)),
        (product, reset + 0.18, (1,)),
        (product, total, (2,)),
        (update - 0.18, update + 0.18, (3,)),
    ):
        light(*steps)  # the lines are pale to their end, and lit to the box that reads them
        canvas.line((1.2, _LINE), (1.2, _H_BUS), (h_stop, _H_BUS), color=W_HH)
        canvas.line((1.55, 0.65), (1.55, _X_BUS), (x_stop, _X_BUS), color=W_IH)
    light(1, 2, 3)
    canvas.text(1.0, _LINE, r"$\mathbf{h}_{t-1}$", "left")
    canvas.line((0.98, _LINE), (1.2, _LINE), width=_CELL)
    canvas.dot(1.2, _LINE)
    canvas.text(1.55, 0.35, r"$\mathbf{x}_t$")

    light(1)
    _feed(canvas, reset, _GATES - 0.35)
    canvas.box(reset, _GATES, r"$\sigma$")
    light(1, 2)
    canvas.arrow((reset, _GATES + 0.35), (reset, 3.7), (valve, 3.7), (valve, _GATES + 0.06))
    canvas.text((reset + valve) / 2, 3.7, r"$\mathbf{r}_t$", "above")
    canvas.line((product, _H_BUS), (product, _GATES), (valve - 0.25, _GATES), color=W_HH)
    canvas.text(product, 2.3, r"$\mathbf{W}_{hn}$", "right", W_HH)
    canvas.valve(valve, _GATES)
    canvas.arrow((valve + 0.25, _GATES), (total - 0.22, _GATES))

    light(2)
    canvas.arrow((total, _X_BUS), (total, _GATES - 0.22), color=W_IH)
    canvas.text(total, 2.0, r"$\mathbf{W}_{in}$", "right", W_IH)
    canvas.plus(total, _GATES)
    canvas.arrow((total + 0.22, _GATES), (candidate - 0.48, _GATES))
    canvas.box(candidate, _GATES, r"$\tanh$")

    light(2, 3)
    canvas.text(candidate, 3.6, r"$\mathbf{n}_t$", "right")
    canvas.line((candidate, _GATES + 0.35), (candidate, 4.2))

    light(3)
    _feed(canvas, update, _GATES - 0.35)
    canvas.box(update, _GATES, r"$\sigma$")
    canvas.text(update, 3.6, r"$\mathbf{z}_t$", "right")
    canvas.arrow((update, _GATES + 0.35), (update, _LINE - 0.06))
    canvas.dot(update, 4.45)
    canvas.line((update, 4.45), (3.1, 4.45))
    canvas.plus(3.4, 4.45, "1{-}")
    canvas.arrow((3.7, 4.45), (candidate - 0.06, 4.45))
    canvas.valve(candidate, 4.45, upright=True)
    canvas.arrow((candidate, 4.7), (candidate, _LINE - 0.22))
    canvas.line((1.2, _LINE), (update, _LINE), width=_CELL)
    canvas.valve(update, _LINE)
    canvas.arrow((update + 0.25, _LINE), (candidate - 0.22, _LINE), width=_CELL)
    canvas.plus(candidate, _LINE)
    canvas.arrow((candidate + 0.22, _LINE), (8.6, _LINE), width=_CELL)
    canvas.text(8.58, _LINE, r"$\mathbf{h}_t$", "right")
    canvas.dot(8.0, _LINE)
    canvas.arrow((8.0, _LINE), (8.0, 6.05))
    canvas.text(8.0, 6.05, r"$\mathbf{h}_t$", "above")
    return canvas.ax

"""Drawings of recurrent networks: the loop, the unrolled network, and what it is connected to."""

from collections.abc import Collection, Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes

from rnn_tutorial.figures._drawing import GRADIENT, RADIUS, W_HH, W_IH, W_OUT, Canvas


def _step(canvas: Canvas, x: float, t: str, *, labels: bool) -> None:
    """Draw one step: its input below, its state, its output above."""
    canvas.text(x, 0.35, rf"$\mathbf{{x}}_{t}$")
    canvas.state(x, 2.2, rf"$\mathbf{{h}}_{t}$")
    canvas.text(x, 4.1, rf"$\mathbf{{s}}_{t}$")
    names = (r"$\mathbf{W}_{ih}$", r"$\mathbf{W}_{\mathrm{out}}$") if labels else (None, None)
    for low, color, name in ((0.66, W_IH, names[0]), (2.2 + RADIUS, W_OUT, names[1])):
        canvas.arrow((x, low), (x, low + 1.1), color=color, label=name, side="left")


def loop_and_unrolled(steps: int = 3) -> Axes:
    """Draw a recurrent network twice: with its loop, and laid out in time with the same weights.

    Parameters
    ----------
    steps : int
        How many steps are laid out, from 1 to 4.

    Returns
    -------
    Axes
        Without scales; each of the three matrices has one color.

    Raises
    ------
    ValueError
        If `steps` is not between 1 and 4.
    """
    if not 1 <= steps <= 4:
        raise ValueError(f"steps must be between 1 and 4, got {steps}")
    canvas = Canvas(6.1 + 1.7 * (steps - 1), 4.45)
    _step(canvas, 0.95, "t", labels=True)
    canvas.loop(0.95, 2.2, r"$\mathbf{W}_{hh}$", W_HH)
    canvas.text(3.4, 2.2, "$=$", fontsize=18)
    canvas.text(4.1, 2.2, r"$\mathbf{h}_0$")
    for t in range(1, steps + 1):
        x = 5.6 + 1.7 * (t - 1)
        _step(canvas, x, str(t), labels=False)
        start = 4.4 if t == 1 else x - 1.7 + RADIUS
        canvas.arrow((start, 2.2), (x - RADIUS, 2.2), color=W_HH, label=r"$\mathbf{W}_{hh}$")
    return canvas.ax


def hand_loop(
    states: Sequence[float], inputs: Sequence[float], w: float, *, reached: float | None = None
) -> Axes:
    """Draw a network of one unit with its loop, and laid out in time with its numbers.

    Parameters
    ----------
    states : sequence of float
        The states h_1 to h_T, at most four.
    inputs : sequence of float
        The inputs x_1 to x_T.
    w : float
        The weight of the loop; that of the input is 1.
    reached : float, optional
        How much of the gradient at the last state reaches the first one. By default, outputs are
        drawn in place of that.

    Returns
    -------
    Axes
        Without scales: input below, output or gradient above, time to the right.

    Raises
    ------
    ValueError
        If there is not an input for each of one to four states.
    """
    if not 1 <= len(states) <= 4 or len(inputs) != len(states):
        raise ValueError(
            f"inputs must be one for each of 1 to 4 states, got {len(inputs)} and {len(states)}"
        )
    gap, radius, row = 2.1, 0.56, 2.3
    top = row + radius
    weight = rf"$\times\,{w:g}$"
    canvas = Canvas(4.3 + gap * len(states), 4.7 if reached is None else 4.2)
    unrolled = [5.1 + gap * t for t in range(len(states))]
    values = [f"{state:.3f}" for state in states]
    for x, value, read in zip(
        [1.0, *unrolled], ["$h_t$", *values], ["$x_t$", *(f"${x:g}$" for x in inputs)], strict=True
    ):
        canvas.text(x, 0.35, read)
        canvas.arrow((x, 0.66), (x, row - radius), color=W_IH)
        canvas.state(x, row, value, radius=radius)
        if x in unrolled[1:]:
            canvas.arrow((x - gap + radius, row), (x - radius, row), color=W_HH, label=weight)
    canvas.loop(1.0, row, weight, W_HH, radius=radius)
    canvas.text(3.95, row, "$=$", fontsize=18)
    if reached is None:
        for x, t in zip([1.0, *unrolled], ["t", *range(1, len(states) + 1)], strict=True):
            canvas.arrow((x, top), (x, 4.0), color=W_OUT)
            canvas.text(x, 4.25, f"$s_{t}$")
    else:
        canvas.arrow(
            (unrolled[-1] - 0.2, top), (unrolled[-1] - 0.2, 3.6), (unrolled[0] + 0.2, 3.6),
            (unrolled[0] + 0.2, top), color=GRADIENT, dashed=True,
            label=f"{reached:.3f} of the gradient gets back",
        )  # fmt: skip
    return canvas.ax


def jordan_and_elman() -> Axes:
    """Draw Jordan's network, whose output is fed back, beside Elman's, whose state is.

    Returns
    -------
    Axes
        Without scales: input below, hidden units in the middle, output above.
    """
    canvas = Canvas(8.3, 5.5)
    for x, title in ((1.35, "Jordan, 1986"), (5.9, "Elman, 1990")):
        canvas.text(x - 0.4, 4.9, title, "heading")
        canvas.text(x, 0.35, r"$\mathbf{x}_t$")
        canvas.arrow(
            (x, 0.66), (x, 1.73), color=W_IH, label=r"$\mathbf{W}_{ih}$", side="left"
        )  # fmt: skip
        canvas.state(x, 2.15, r"$\mathbf{h}_t$")
        canvas.arrow(
            (x, 2.57), (x, 3.84), color=W_OUT, label=r"$\mathbf{W}_{\mathrm{out}}$", side="left"
        )
        canvas.box(x, 4.2, r"$\mathbf{s}_t$", width=0.8)
    canvas.arrow(
        (1.75, 4.2), (2.65, 4.2), (2.65, 2.15), (1.77, 2.15), label=r"$\mathbf{W}_{\mathrm{back}}$",
        side="right",
    )  # fmt: skip
    canvas.loop(5.9, 2.15, r"$\mathbf{W}_{hh}$", W_HH)
    return canvas.ax


def window_and_state(text: str, window: int = 3) -> Axes:
    """Draw two ways to predict the last letter of a text: from a fixed window, and from a state.

    Parameters
    ----------
    text : str
        From 3 to 8 letters, of which the last is to be predicted.
    window : int
        How many letters the window holds, fewer than are read.

    Returns
    -------
    Axes
        Without scales: the window above, what it does not see pale; below it the chain of states.

    Raises
    ------
    ValueError
        If the text has not 3 to 8 letters, or the window does not leave one out.
    """
    if not 3 <= len(text) <= 8:
        raise ValueError(f"text must have 3 to 8 letters, got {text!r}")
    if not 1 <= window < len(text) - 1:
        raise ValueError(f"window must be from 1 to {len(text) - 2}, got {window}")
    read, last, gap = text[:-1], text[-1], 1.3
    canvas = Canvas(gap * len(read) + 0.2, 7.9)
    places = [0.75 + gap * t for t in range(len(read))]
    for bottom, reach in ((4.3, window), (0.1, len(read))):
        for t, (x, letter) in enumerate(zip(places, read, strict=True)):
            canvas.lit = t >= len(read) - reach
            canvas.cell(x - 0.31, bottom, letter)
        canvas.lit = True
    seen = places[-window:]
    middle = (seen[0] + seen[-1]) / 2
    for x in seen:
        canvas.arrow((x, 4.92), (x, 5.7))
    canvas.box(middle, 6.05, "one layer", width=gap * (window - 1) + 0.9)
    canvas.arrow((middle, 6.4), (middle, 7.05))
    canvas.text(middle, 7.05, last, "above")
    for t, x in enumerate(places):
        canvas.arrow((x, 0.72), (x, 1.68), color=W_IH)
        canvas.state(x, 2.1, rf"$\mathbf{{h}}_{t + 1}$")
        if t:
            canvas.arrow((x - gap + RADIUS, 2.1), (x - RADIUS, 2.1), color=W_HH)
    canvas.arrow((x, 2.52), (x, 3.3), color=W_OUT)
    canvas.text(x, 3.3, last, "above")
    return canvas.ax


Labels = Sequence[str | None]


def task_shapes(
    shapes: Mapping[str, tuple[Labels, Labels]], *, fed_back: Collection[str] = ()
) -> Axes:
    """Draw a network laid out in time for each of several shapes of task, two in a row.

    Parameters
    ----------
    shapes : mapping of str to two sequences
        For each shape what is read and what is written at each step, None where nothing is.
    fed_back : collection of str
        The shapes in which each output is the next input.

    Returns
    -------
    Axes
        Without scales: inputs below, states in the middle, outputs above. All arrows of one matrix
        have one color.

    Raises
    ------
    ValueError
        If a shape does not have as many inputs as outputs, or `fed_back` names an unknown shape.
    """
    for name, (reads, writes) in shapes.items():
        if len(reads) != len(writes):
            raise ValueError(
                f"shapes must have as many inputs as outputs, None where there is none, got "
                f"{len(reads)} and {len(writes)} for {name!r}"
            )
    if unknown := set(fed_back) - set(shapes):
        raise ValueError(f"fed_back must name shapes, got {sorted(unknown)}")
    longest = max(len(reads) for reads, _ in shapes.values())
    across, rows = longest + 0.4, -(-len(shapes) // 2)
    canvas = Canvas(2 * across, 3.9 * rows)
    for place, (name, (reads, writes)) in enumerate(shapes.items()):
        left = across * (place % 2)
        bottom = 3.9 * (rows - 1 - place // 2)
        canvas.text(left + 0.17, bottom + 3.6, name, "right")
        middle, radius = bottom + 1.65, 0.3
        for t, (read, written) in enumerate(zip(reads, writes, strict=True)):
            x = left + 0.6 + t
            canvas.state(x, middle, "", radius=radius)
            if t:
                canvas.arrow((x - 1 + radius, middle), (x - radius, middle), color=W_HH)
            if read is not None:
                canvas.arrow((x, bottom + 0.5), (x, middle - radius), color=W_IH)
                canvas.text(x, bottom + 0.48, read, "below")
            if written is not None:
                canvas.arrow((x, middle + radius), (x, bottom + 2.8), color=W_OUT)
                canvas.text(x, bottom + 2.76, written, "above")
                if name in fed_back and t + 1 < len(reads):
                    high, low = bottom + 3.03, bottom + 0.5
                    canvas.arrow(
                        (x + 0.18, high), (x + 0.5, high), (x + 0.5, low), (x + 1, low),
                        (x + 1, middle - radius), color=W_IH,
                    )  # fmt: skip
    return canvas.ax


def outputs_and_h_n(steps: int = 3) -> Axes:
    """Draw which states a network of two layers and two directions returns.

    Parameters
    ----------
    steps : int
        The length of the sequence, from 2 to 4.

    Returns
    -------
    Axes
        Without scales. The states that are in ``h_n`` are filled; ``outputs`` holds the two states
        of the upper layer of each step, the forward one first.

    Raises
    ------
    ValueError
        If `steps` is not between 2 and 4.
    """
    if not 2 <= steps <= 4:
        raise ValueError(f"steps must be between 2 and 4, got {steps}")
    gap, shift = 1.95, 0.42
    canvas = Canvas(gap * (steps - 1) + 5.0, 7.7)
    places = [2.5 + gap * t for t in range(steps)]
    for t, x in enumerate(places, 1):
        canvas.text(x, 0.3, rf"$\mathbf{{x}}_{t}$")
        for layer, low in enumerate((0.62, 3.9)):
            forward, backward = low + 1.0, low + 2.1
            canvas.arrow((x - 0.12, low), (x - shift, forward - RADIUS))
            canvas.arrow((x + 0.12, low), (x + shift, backward - RADIUS))
            canvas.line((x - shift, forward + RADIUS), (x - shift, low + 2.85))
            canvas.line((x + shift, backward + RADIUS), (x + shift, low + 2.85))
            if t < steps:
                canvas.arrow((x - shift + RADIUS, forward), (x + gap - shift - RADIUS, forward))
                canvas.arrow((x + gap + shift - RADIUS, backward), (x + shift + RADIUS, backward))
            canvas.state(x - shift, forward, "", marked=t == steps)
            canvas.state(x + shift, backward, "", marked=t == 1)
            for left, last in ((x - 0.84, steps), (x, 1)):
                marked = layer == 1 and t == last
                canvas.cell(left, low + 2.85, width=0.84, size=0.4, marked=marked)
            if t == steps:
                start = x - shift + RADIUS
                canvas.arrow((start, forward), (x + 1.1, forward))
                canvas.code(x + 1.1, forward, f"h_n[{2 * layer}]", "right")
            if t == 1:
                canvas.arrow((x + shift - RADIUS, backward), (x - 1.1, backward))
                canvas.code(x - 1.1, backward, f"h_n[{2 * layer + 1}]", "left")
        canvas.code(x, 7.15, f"[:, {t - 1}]", "above")
    canvas.code(places[0] - 0.95, 6.93, "outputs", "left")
    return canvas.ax


def encoder_decoder(read: Sequence[str], written: Sequence[str]) -> Axes:
    """Draw a network that reads one sequence and another that writes one from its last state.

    Parameters
    ----------
    read, written : sequence of str
        The tokens of the two sequences, at most five each. Each token that is written is the next
        input of the decoder, whose first is a mark for the start.

    Returns
    -------
    Axes
        Without scales: the encoder above the decoder, the state that they share filled.

    Raises
    ------
    ValueError
        If one of the sequences has no token, or more than five.
    """
    for name, tokens in (("read", read), ("written", written)):
        if not 1 <= len(tokens) <= 5:
            raise ValueError(f"{name} must have 1 to 5 tokens, got {len(tokens)}")
    gap, high, low = 1.55, 5.9, 1.65
    canvas = Canvas(2.1 + gap * max(len(read), len(written)), 6.5)
    canvas.text(0.1, high, "encoder", "right")
    canvas.text(0.1, low, "decoder", "right")
    for t, token in enumerate(read):
        x = 2.5 + gap * t
        canvas.text(x, high - 1.45, token, "below")
        canvas.arrow((x, high - 1.43), (x, high - RADIUS), color=W_IH)
        canvas.state(x, high, rf"$\mathbf{{h}}_{t + 1}$", marked=t == len(read) - 1)
        if t:
            canvas.arrow((x - gap + RADIUS, high), (x - RADIUS, high), color=W_HH)
    canvas.line((x + RADIUS, high), (x + 0.9, high), (x + 0.9, 3.65), (1.7, 3.65), (1.7, low))
    for t, token in enumerate(written):
        x = 2.5 + gap * t
        canvas.state(x, low, rf"$\mathbf{{d}}_{t + 1}$")
        start = x - 0.8 if t == 0 else x - gap + RADIUS
        canvas.arrow((start, low), (x - RADIUS, low), color=W_HH)
        canvas.arrow((x, low + RADIUS), (x, low + 1.05), color=W_OUT)
        canvas.text(x, low + 1.03, token, "above")
        canvas.arrow((x, low - 1.1), (x, low - RADIUS), color=W_IH)
        if t == 0:
            canvas.text(x, low - 1.1, "start", "below")
        else:
            canvas.text(x, low - 1.1, written[t - 1], "below")
    return canvas.ax


def attention(tokens: Sequence[str], weights: Sequence[float]) -> Axes:
    """Draw how a decoder's state weighs the states of an encoder.

    Parameters
    ----------
    tokens : sequence of str
        What the encoder reads, from 2 to 6 tokens.
    weights : sequence of float
        How much of each state goes into the sum; not negative, 1 altogether.

    Returns
    -------
    Axes
        Without scales: each state runs through a valve that is as wide as its weight into a sum.

    Raises
    ------
    ValueError
        If there is not a weight for each of 2 to 6 tokens, or they do not add up to 1.
    """
    if not 2 <= len(tokens) <= 6 or len(weights) != len(tokens):
        raise ValueError(
            f"weights must be one for each of 2 to 6 tokens, got {len(weights)} and {len(tokens)}"
        )
    if min(weights) < 0 or abs(sum(weights) - 1) > 0.01:
        raise ValueError(f"weights must be at least 0 and add up to 1, got {list(weights)}")
    gap, row, gate, total = 1.65, 1.75, 3.35, 5.2
    places = [1.0 + gap * k for k in range(len(tokens))]
    right, center = places[-1] + 1.9, (places[0] + places[-1]) / 2
    canvas = Canvas(right + 0.75, 6.7)
    canvas.state(right, row, r"$\mathbf{d}_t$")
    canvas.line((right, row + RADIUS), (right, 2.6), (places[0] - 0.5, 2.6))
    for k, (x, token, weight) in enumerate(zip(places, tokens, weights, strict=True)):
        canvas.text(x, 0.5, token, "below")
        canvas.arrow((x, 0.52), (x, row - RADIUS), color=W_IH)
        canvas.state(x, row, rf"$\mathbf{{h}}_{k + 1}$")
        if k:
            canvas.arrow((x - gap + RADIUS, row), (x - RADIUS, row), color=W_HH)
        canvas.line((x, row + RADIUS), (x, gate - 0.25))
        canvas.arrow((x - 0.5, 2.6), (x - 0.5, gate), (x - 0.1, gate))
        canvas.valve(x, gate, weight, upright=True)
        canvas.text(x + 0.2, gate, f"{weight:.2f}", "right")
        away = np.array([center - x, total - gate - 0.25])
        end = np.array([center, total]) - 0.22 * away / np.hypot(*away)
        canvas.arrow((x, gate + 0.25), tuple(end))
    canvas.plus(center, total)
    canvas.arrow((center, total + 0.22), (center, total + 1.0))
    canvas.text(center, total + 0.98, "context", "above")
    return canvas.ax

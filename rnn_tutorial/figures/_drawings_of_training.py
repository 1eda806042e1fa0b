"""Drawings of training and of use: layers with shapes, texts that are written, forecasts."""

from collections.abc import Sequence

from matplotlib.axes import Axes

from rnn_tutorial.figures._drawing import GRADIENT, RADIUS, W_HH, W_IH, W_OUT, Canvas

_GAP = 1.5  # from step to step


def _chain(canvas: Canvas, left: float, y: float, inputs: Sequence[str], outputs: Sequence[str]):
    """Draw states in a row, with what each reads below and writes above, nothing if it is empty."""
    for t, (read, written) in enumerate(zip(inputs, outputs, strict=True)):
        x = left + _GAP * t
        canvas.state(x, y, "")
        if t:
            canvas.arrow((x - _GAP + RADIUS, y), (x - RADIUS, y), color=W_HH)
        if read:
            canvas.arrow((x, y - 1.2), (x, y - RADIUS), color=W_IH)
            canvas.text(x, y - 1.2, read, "below")
        if written:
            canvas.arrow((x, y + RADIUS), (x, y + 1.2), color=W_OUT)
            canvas.text(x, y + 1.18, written, "above")


def _back_to_input(canvas: Canvas, x: float, y: float, width: float = 0.28) -> None:
    """Lead what the state at a place has written, half as wide as said, to the next input."""
    high, low, middle = y + 1.45, y - 1.35, x + _GAP / 2
    canvas.arrow(
        (x + width, high), (middle, high), (middle, low), (x + _GAP, low), (x + _GAP, y - RADIUS),
        color=W_IH,
    )  # fmt: skip


def teacher_forcing(text: str, predicted: str, written: str) -> Axes:
    """Draw how a network reads in training, the true text, and in generation, what it wrote itself.

    Parameters
    ----------
    text : str
        The true text, from 3 to 6 letters.
    predicted, written : str
        What the network writes at each step, in training and in generation: a letter fewer.

    Returns
    -------
    Axes
        Without scales: training above, where what the network predicts is compared with the text;
        generation below, where it becomes the next input.

    Raises
    ------
    ValueError
        If the lengths do not fit.
    """
    if not 3 <= len(text) <= 6 or {len(predicted), len(written)} != {len(text) - 1}:
        raise ValueError(
            "text must have 3 to 6 letters, and predicted and written one fewer, got "
            f"{text!r}, {predicted!r} and {written!r}"
        )
    steps, left = len(text) - 1, 2.8
    canvas = Canvas(left + _GAP * (steps - 1) + 0.75, 8.75)
    high, low = 5.95, 1.8
    _chain(canvas, left, high, text[:-1], predicted)
    canvas.text(0.1, high + 2.45, "text", "right")
    canvas.text(0.1, high + 1.4, "predicted", "right")
    canvas.text(0.1, high - 1.42, "reads the text", "right", color=W_IH)
    for t, letter in enumerate(text[1:]):
        x = left + _GAP * t
        canvas.text(x, high + 2.45, letter)
        canvas.line((x - 0.05, high + 1.7), (x - 0.05, high + 2.15), color=GRADIENT)
        canvas.line((x + 0.05, high + 1.7), (x + 0.05, high + 2.15), color=GRADIENT)
    canvas.text(0.1, high + 1.93, "loss", "right", GRADIENT)
    _chain(canvas, left, low, [text[0], *[""] * (steps - 1)], written)
    for t in range(steps - 1):
        _back_to_input(canvas, left + _GAP * t, low)
    canvas.text(0.1, low + 1.4, "drawn", "right")
    canvas.text(0.1, low - 1.42, "reads itself", "right", color=W_IH)
    return canvas.ax


def generation_loop() -> Axes:
    """Draw how text is generated: from the state to its logits, a draw, and back to the input.

    Returns
    -------
    Axes
        Without scales, from below to above, and from the top back to the bottom.
    """
    canvas = Canvas(6.5, 7.7)
    x = 2.0
    canvas.text(x, 0.5, r"$\mathbf{x}_t$")
    canvas.arrow((x, 0.82), (x, 1.68), color=W_IH, label=r"$\mathbf{W}_{ih}$", side="left")
    canvas.state(x, 2.1, r"$\mathbf{h}_t$")
    canvas.loop(x, 2.1, r"$\mathbf{W}_{hh}$", W_HH)
    name = r"$\mathbf{W}_{\mathrm{out}}$"
    canvas.arrow((x, 2.52), (x, 3.4), color=W_OUT, label=name, side="left")
    canvas.text(x, 3.65, r"$\mathbf{s}_t$")
    canvas.arrow((x, 3.92), (x, 4.55))
    canvas.box(x, 4.9, "softmax", width=1.9)
    canvas.arrow((x, 5.25), (x, 5.85))
    canvas.box(x, 6.2, "draw", width=1.9)
    canvas.arrow((x + 0.95, 6.2), (5.0, 6.2), (5.0, 0.5), (x + 0.35, 0.5))
    canvas.text(5.0, 3.4, "next\ninput", "right")
    canvas.arrow((x, 6.55), (x, 7.1))
    canvas.text(x, 7.1, "text", "above")
    return canvas.ax


def dropout_places(layers: int = 2, steps: int = 3) -> Axes:
    """Draw where dropout acts in a network of several layers: between layers, not between steps.

    Parameters
    ----------
    layers, steps : int
        The size of the network, at most 3 layers and 4 steps.

    Returns
    -------
    Axes
        Without scales. A filled square on an arrow is dropout; from step to step there is none.

    Raises
    ------
    ValueError
        If there are not 1 to 3 layers, or not 2 to 4 steps.
    """
    if not 1 <= layers <= 3 or not 2 <= steps <= 4:
        raise ValueError(f"layers must be 1 to 3 and steps 2 to 4, got {layers} and {steps}")
    pitch, gap = 2.0, 1.9
    canvas = Canvas(gap * (steps - 1) + 1.5, pitch * layers + 2.3)
    for t in range(steps):
        x = 0.75 + gap * t
        canvas.text(x, 0.35, rf"$\mathbf{{x}}_{t + 1}$")
        for layer in range(layers + 1):
            low = 0.62 if layer == 0 else pitch * layer + 0.2 + RADIUS
            top = pitch * layer + 2.2 - RADIUS if layer < layers else low + 1.0
            color = W_IH if layer < layers else W_OUT
            canvas.arrow((x, low), (x, top), color=color)
            if 0 < layer < layers:
                canvas.cell(x - 0.16, (low + top - 0.2) / 2 - 0.16, size=0.32, marked=True)
            if layer < layers:
                y = pitch * layer + 2.2
                canvas.state(x, y, "")
                if t:
                    canvas.arrow((x - gap + RADIUS, y), (x - RADIUS, y), color=W_HH)
    return canvas.ax


def stack_of_layers(layers: Sequence[str], shapes: Sequence[str], names: Sequence[str]) -> Axes:
    """Draw layers on top of each other, and the shape of what goes from one to the next.

    Parameters
    ----------
    layers : sequence of str
        The layers, the first one below.
    shapes, names : sequence of str
        The shapes of what goes into the first layer, from layer to layer, and out of the last, and
        what it is called in code.

    Returns
    -------
    Axes
        Without scales: the input below, the output above.

    Raises
    ------
    ValueError
        If there is not one shape and one name more than layers.
    """
    if {len(shapes), len(names)} != {len(layers) + 1}:
        raise ValueError(
            f"shapes and names must be {len(layers) + 1} for {len(layers)} layers, got "
            f"{len(shapes)} and {len(names)}"
        )
    pitch, x = 1.75, 3.4
    canvas = Canvas(8.2, pitch * len(layers) + 1.3)
    for place, (name, shape) in enumerate(zip(names, shapes, strict=True)):
        y = pitch * place + 0.75
        canvas.arrow((x, y - 0.52), (x, y + 0.52))
        canvas.code(x - 0.1, y, name, "left")
        canvas.code(x + 0.1, y, shape, "right")
        if place < len(layers):
            canvas.box(x, y + pitch / 2, layers[place], width=5.4)
    return canvas.ax


def training_loop() -> Axes:
    """Draw one turn of training: a batch forward, the loss, the gradient back, a step.

    Returns
    -------
    Axes
        Without scales: forward on the left from below to above, backward on the right, dashed.
    """
    canvas = Canvas(8.6, 6.6)
    x, back = 2.1, 6.3
    canvas.text(x, 0.35, "inputs")
    canvas.arrow((x, 0.6), (x, 1.5))
    canvas.box(x, 1.95, "network", width=2.4, height=0.9)
    canvas.arrow((x, 2.4), (x, 3.6), label="logits", side="left")
    canvas.box(x, 4.05, "loss function", width=3.0, height=0.9)
    canvas.arrow((x, 4.5), (x, 5.6))
    canvas.text(x, 5.62, "loss", "above")
    canvas.text(0.1, 5.3, "targets", "right")
    canvas.arrow((0.9, 5.05), (0.9, 4.5))
    canvas.arrow((x + 0.5, 5.9), (back, 5.9), (back, 4.55), color=GRADIENT, dashed=True)
    canvas.code(back - 0.2, 5.95, "loss.backward()", "above", GRADIENT)
    canvas.box(back, 4.2, "gradients", width=2.4, color=GRADIENT)
    canvas.arrow((back, 3.85), (back, 3.2), color=GRADIENT, dashed=True)
    canvas.box(back, 2.85, "clip", width=2.4)
    canvas.arrow((back, 2.5), (back, 1.95), (x + 1.2, 1.95))
    canvas.code((x + 1.2 + back) / 2, 1.9, "optimizer.step()", "below")
    return canvas.ax


def forecast_ways(window: int = 3, ahead: int = 3) -> Axes:
    """Draw two ways to forecast several steps: one step again and again, and all steps at once.

    Parameters
    ----------
    window, ahead : int
        How many values are read, from 2 to 4, and how many are forecast, 2 or 3.

    Returns
    -------
    Axes
        Without scales: recursive above, direct below; time runs to the right.

    Raises
    ------
    ValueError
        If the numbers are out of these ranges.
    """
    if not 2 <= window <= 4 or ahead not in (2, 3):
        raise ValueError(f"window must be 2 to 4 and ahead 2 or 3, got {window} and {ahead}")
    names = [rf"$x_{{t-{k}}}$" if k else "$x_t$" for k in range(window - 1, -1, -1)]
    found = [rf"$\hat{{x}}_{{t+{k}}}$" for k in range(1, ahead + 1)]
    left = 0.75
    canvas = Canvas(left + _GAP * (window + ahead - 2) + 1.1, 9.0)
    high, low = 6.2, 1.75
    for y, title in ((high, "recursive"), (low, "direct")):
        canvas.text(0.3, y + 1.6, title, "heading")
    empty = [""] * (window - 1)
    _chain(canvas, left, high, [*names, *[""] * (ahead - 1)], [*empty, *found])
    for k in range(ahead - 1):
        _back_to_input(canvas, left + _GAP * (window - 1 + k), high, 0.48)
    _chain(canvas, left, low, names, [*empty, ""])
    x = left + _GAP * (window - 1)
    for k, name in enumerate(found):
        end = x + _GAP * k
        canvas.arrow((x + 0.2 * k, low + RADIUS * (1 - 0.18 * k)), (end, low + 1.2), color=W_OUT)
        canvas.text(end, low + 1.18, name, "above")
    return canvas.ax


def windows_and_cut(values: Sequence[object], length: int, cut: int) -> Axes:
    """Draw the windows of a series, each with its target, and where the test begins.

    Parameters
    ----------
    values : sequence
        The series, from 4 to 8 values that are short when written.
    length : int
        Of a window; there are at most 4 windows.
    cut : int
        How many values lie before the cut.

    Returns
    -------
    Axes
        Without scales: the series above, below it one row for each window, whose target is filled.
        A window belongs to the part in which its target lies.

    Raises
    ------
    ValueError
        If the numbers are out of these ranges, or no target lies on one side of the cut.
    """
    windows = len(values) - length
    if not 4 <= len(values) <= 8 or not 1 <= windows <= 4:
        raise ValueError(
            f"values must be 4 to 8, in at most 4 windows, got {len(values)} of length {length}"
        )
    if not length < cut < len(values):
        raise ValueError(f"cut must be between {length} and {len(values)}, got {cut}")
    size, pitch, left = 0.8, 1.1, 1.5
    top = pitch * windows + 0.6
    canvas = Canvas(left + size * len(values) + 1.0, top + size + 0.7)
    edge = left + size * cut
    canvas.text(left - 0.15, top + size / 2, "series", "left")
    canvas.text(edge - 0.15, top + size + 0.3, "train", "left")
    canvas.text(edge + 0.15, top + size + 0.3, "test", "right")
    canvas.line((edge, 0.1), (edge, top + size + 0.6), width=2.4)
    for t, value in enumerate(values):
        canvas.cell(left + size * t, top, str(value), size=size)
    for row in range(windows):
        y = top - 0.2 - pitch * (row + 1)
        target = row + length
        canvas.text(left - 0.15, y + size / 2, "test" if target >= cut else "train", "left")
        for t in range(row, target + 1):
            canvas.cell(left + size * t, y, str(values[t]), size=size, marked=t == target)
    return canvas.ax

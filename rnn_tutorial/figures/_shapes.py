"""A picture of how a recurrent network is connected to inputs and outputs."""

from collections.abc import Collection, Mapping, Sequence

import matplotlib.pyplot as plt
from matplotlib.axes import Axes

from rnn_tutorial.figures._style import arrow

Labels = Sequence[str | None]


def task_shapes(
    shapes: Mapping[str, tuple[Labels, Labels]], *, fed_back: Collection[str] = ()
) -> list[Axes]:
    """Draw a network laid out in time for each of several shapes of task, two panels in a row.

    Parameters
    ----------
    shapes : mapping of str to two sequences
        For each shape what is read and what is written at each step, None where nothing is.
    fed_back : collection of str
        The shapes in which each output is the next input, drawn as a dashed arrow.

    Returns
    -------
    list of Axes
        One for each shape, without scales: inputs below, states in the middle, outputs above.

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
    rows = -(-len(shapes) // 2)
    _, axes = plt.subplots(rows, 2, figsize=(5.6, 2.1 * rows), squeeze=False)
    for ax in axes.flat:
        ax.axis("off")
    longest = max(len(reads) for reads, _ in shapes.values())
    used = list(axes.flat[: len(shapes)])
    for ax, (name, (reads, writes)) in zip(used, shapes.items(), strict=True):
        for t, (read, written) in enumerate(zip(reads, writes, strict=True)):
            ax.plot(t, 0, "s", color="white", markeredgecolor="#000000", markersize=19)
            ax.text(t, 0, f"$h_{t + 1}$", ha="center", va="center")
            if t:
                arrow(ax, (t - 0.72, 0), (t - 0.28, 0))
            if read is not None:
                arrow(ax, (t, -0.82), (t, -0.36))
                ax.text(t, -0.88, read, ha="center", va="top")
            if written is not None:
                arrow(ax, (t, 0.36), (t, 0.82))
                ax.text(t, 0.88, written, ha="center", va="bottom")
                if name in fed_back and t + 1 < len(reads):
                    arrow(ax, (t + 0.12, 1.0), (t + 0.9, 0.36), style="--")
        ax.set(xlim=(-0.6, longest - 0.4), ylim=(-1.4, 1.4))
        ax.set_title(name)
    return used

"""The words of the book's drawings: input below, output above, time to the right.

A drawing has a unit of its own, the cell, which is half an inch both ways. Each shared matrix has
one color wherever it stands, a valve multiplies what runs through it, a dashed arrow is a gradient,
and hatching is padding. All colors are constants of this module, without shades in between, so that
a page can exchange them for those of its theme.
"""

from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Circle, FancyBboxPatch, PathPatch, Polygon, Rectangle
from matplotlib.path import Path
from matplotlib.text import Text

from rnn_tutorial.figures._style import ON_PALE

INK, PAPER, DIM = "#000000", "#FFFFFF", "#DDDDDD"
W_IH, W_HH, W_OUT = "#9A6700", "#332288", "#0A7285"
GRADIENT = "#882255"
MARK = "#F2D98B"  # lies under what a drawing is about, in the dark too
PALETTE = (INK, PAPER, DIM, W_IH, W_HH, W_OUT, GRADIENT, MARK, ON_PALE)

UNIT = 0.5  # inches in a cell
RADIUS = 0.42  # of a state
_HEAD, _HALF = 0.2, 0.085  # an arrowhead's length and half its width
_MATH, _WORDS = 13, 11  # points: subscripts are still 9
# What stands at which side of a point is aligned like this, and this many cells away.
_SIDES = {
    "above": ((0, 0.1), "center", "bottom"),
    "below": ((0, -0.1), "center", "top"),
    "left": ((-0.12, 0), "right", "center"),
    "right": ((0.12, 0), "left", "center"),
    "at": ((0, 0), "center", "center"),
    "heading": ((0, 0.12), "left", "bottom"),
}

Point = tuple[float, float]


class Canvas:
    """A sheet to draw on, measured in cells.

    Parameters
    ----------
    width, height : float
        In cells. A drawing of more than 11 cells is too small to read on a phone.

    Attributes
    ----------
    ax : Axes
        Without scales, as large as the figure.
    lit : bool
        Whether what is drawn next stands out. If not, it is pale and lies below all that does.
    """

    def __init__(self, width: float, height: float):
        figure = plt.figure(figsize=(UNIT * width, UNIT * height))
        figure.set_layout_engine("none")  # of the style; the axes are as large as the figure
        self.ax: Axes = figure.add_axes((0, 0, 1, 1))
        self.ax.set(xlim=(0, width), ylim=(0, height), aspect="equal")
        self.ax.axis("off")
        self.lit = True

    def _color(self, color: str) -> str:
        return color if self.lit or color == PAPER else DIM

    def _add(self, patch, layer: float):
        patch.set(zorder=layer + (2 if self.lit else 0), clip_on=False)
        return self.ax.add_patch(patch)

    def text(
        self, x: float, y: float, text: str, side: str = "at", color: str = INK, **options
    ) -> Text:
        """Write at a point or beside it: formulas as on the page, larger than words."""
        (dx, dy), ha, va = _SIDES[side]
        options = {"fontsize": _MATH if "$" in text else _WORDS, "linespacing": 1.15} | options
        return self.ax.text(
            x + dx, y + dy, text, ha=ha, va=va, color=self._color(color),
            zorder=6 if self.lit else 2.5, **options,
        )  # fmt: skip

    def code(self, x: float, y: float, text: str, side: str = "at", color: str = INK) -> Text:
        """Write a name as it stands in code."""
        return self.text(x, y, text, side, color, family="DejaVu Sans Mono", fontsize=9)

    def line(self, *points: Point, color: str = INK, width: float = 1.4, dashed: bool = False):
        """Draw a line through points, with round corners."""
        return self._line(_rounded(points), color, width, dashed)

    def _line(self, path: Path, color: str, width: float, dashed: bool):
        style = (0, (3.2, 2)) if dashed else "-"
        return self._add(
            PathPatch(
                path, fill=False, edgecolor=self._color(color), linewidth=width, linestyle=style,
                capstyle="butt", joinstyle="round", label="line",
            ), 1,
        )  # fmt: skip

    def curve(self, points: np.ndarray, color: str = INK, width: float = 1.4) -> None:
        """Draw a closed curve through many points."""
        self._line(Path(points, closed=False), color, width, dashed=False)

    def arrow(
        self,
        *points: Point,
        label: str | None = None,
        side: str = "above",
        color: str = INK,
        dashed: bool = False,
        bend: float = 0,
        width: float = 1.4,
    ) -> None:
        """Draw an arrow through points, labeled at the middle of its longest part.

        `bend` curves an arrow of two points to its left by that many cells.
        """
        nodes = np.asarray(points, dtype=float)
        if bend:
            (x0, y0), (x1, y1) = nodes
            away = np.array([y0 - y1, x1 - x0]) / np.hypot(x1 - x0, y1 - y0)
            control = nodes.mean(axis=0) + 2 * bend * away
            middle, before = nodes.mean(axis=0) + bend * away, control
        else:
            longest = np.argmax(np.hypot(*np.diff(nodes, axis=0).T))
            middle, before = nodes[longest : longest + 2].mean(axis=0), nodes[-2]
        tip = nodes[-1]
        along = (tip - before) / np.hypot(*(tip - before))
        base = tip - _HEAD * along
        if bend:
            path = Path([nodes[0], control, base], [Path.MOVETO, Path.CURVE3, Path.CURVE3])
        else:
            path = _rounded([*nodes[:-1], base])
        self._line(path, color, width, dashed)
        self._head(tip, along, color)
        if label:
            self.text(*middle, label, side, color)

    def _head(self, tip: np.ndarray, along: np.ndarray, color: str) -> None:
        base, across = tip - _HEAD * along, _HALF * np.array([-along[1], along[0]])
        corners = [tip, base + across, base - across]
        self._add(Polygon(corners, facecolor=self._color(color), linewidth=0, label="head"), 1.1)

    def loop(
        self, x: float, y: float, label: str, color: str, *, radius: float = RADIUS
    ) -> None:  # fmt: skip
        """Draw the arrow from a state back to itself, on its right."""
        far = x + radius + 1.08
        start = (x + 0.85 * radius, y + 0.55 * radius)
        tip, along = np.array([x + 0.8 * radius, y - 0.6 * radius]), np.array([-0.94, 0.34])
        path = Path(
            [start, (far, y + 0.85), (far, y - 0.85), tip - _HEAD * along],
            [Path.MOVETO, Path.CURVE4, Path.CURVE4, Path.CURVE4],
        )
        self._line(path, color, 1.4, dashed=False)
        self._head(tip, along, color)
        self.text(far - 0.25, y, label, "right", color)

    def state(self, x: float, y: float, text: str, *, marked: bool = False, radius: float = RADIUS):
        """Draw a state, a circle."""
        fill = MARK if marked and self.lit else PAPER
        self._add(
            Circle((x, y), radius, facecolor=fill, edgecolor=self._color(INK), linewidth=1.4), 2
        )
        self.text(x, y, text, color=ON_PALE if fill == MARK else INK)

    def box(
        self, x: float, y: float, text: str, *, width: float = 0.95, height: float = 0.7,
        color: str = INK, marked: bool = False,
    ) -> None:  # fmt: skip
        """Draw a layer or a function, a box with round corners around its middle."""
        fill = MARK if marked and self.lit else PAPER
        style = "round,pad=0,rounding_size=0.12"
        corner = (x - width / 2, y - height / 2)
        self._add(
            FancyBboxPatch(
                corner, width, height, boxstyle=style, facecolor=fill,
                edgecolor=self._color(color), linewidth=1.4,
            ), 2,
        )  # fmt: skip
        self.text(x, y, text, color=ON_PALE if fill == MARK else color)

    def cell(
        self, x: float, y: float, text: str = "", *, size: float = 0.62, padding: bool = False,
        marked: bool = False, width: float | None = None,
    ) -> None:  # fmt: skip
        """Draw one element of a table, whose lower left corner is given; padding is hatched."""
        width = size if width is None else width
        if padding:
            self._add(
                Rectangle((x, y), width, size, facecolor=PAPER, edgecolor=DIM, hatch="////",
                          linewidth=0), 2,
            )  # fmt: skip
        fill = "none" if padding else MARK if marked and self.lit else PAPER
        self._add(
            Rectangle((x, y), width, size, facecolor=fill, edgecolor=self._color(INK), linewidth=1),
            2.1,
        )
        if text:
            color = ON_PALE if fill == MARK else INK
            self.text(x + width / 2, y + size / 2 - 0.02, text, color=color)

    def plus(self, x: float, y: float, text: str = "+") -> None:
        """Draw a sum, or another operation of one sign."""
        radius = 0.22 if len(text) == 1 else 0.3
        self._add(
            Circle((x, y), radius, facecolor=PAPER, edgecolor=self._color(INK), linewidth=1.4), 2
        )
        self.text(x, y - 0.01, f"${text}$")

    def valve(self, x: float, y: float, opening: float = 0.25, *, upright: bool = False) -> None:
        """Draw a gate on a line: a pipe whose throat is as wide as the gate is open, 0 to 1."""
        half, wide = 0.25, 0.24
        outline = np.array(
            [(-half, wide), (0, wide * opening), (half, wide),
             (half, -wide), (0, -wide * opening), (-half, -wide)]
        )  # fmt: skip
        corners = (outline[:, ::-1] if upright else outline) + (x, y)
        self._add(
            Polygon(corners, facecolor=PAPER, edgecolor=self._color(INK), linewidth=1.4,
                    joinstyle="miter"), 2,
        )  # fmt: skip

    def dot(self, x: float, y: float, color: str = INK) -> None:
        """Mark where a line divides."""
        self._add(Circle((x, y), 0.07, facecolor=self._color(color), linewidth=0), 1.5)

    def cut(self, x: float, y: float, color: str = GRADIENT) -> None:
        """Cut a line that runs from left to right: two strokes across."""
        for shift in (-0.08, 0.08):
            self.line(
                (x + shift - 0.1, y - 0.24), (x + shift + 0.1, y + 0.24), color=color, width=1.6
            )

    def brace(self, start: float, stop: float, y: float, label: str) -> None:
        """Draw a bracket over a stretch, with what it is called."""
        corners = [(start, y - 0.12), (start, y), (stop, y), (stop, y - 0.12)]
        self._line(Path(corners), INK, 1, dashed=False)
        self.text((start + stop) / 2, y, label, "above")


def _rounded(points: Sequence[Point], radius: float = 0.16) -> Path:
    """Return the path through points, with its corners rounded."""
    nodes = np.asarray(points, dtype=float)
    vertices, codes = [nodes[0]], [Path.MOVETO]
    for before, corner, after in zip(nodes, nodes[1:], nodes[2:], strict=False):
        for end, code in ((before, Path.LINETO), (after, Path.CURVE3)):
            if code == Path.CURVE3:
                vertices.append(corner)
                codes.append(Path.CURVE3)
            way = end - corner
            length = np.hypot(*way)
            vertices.append(corner + way * min(radius, length / 2) / length)
            codes.append(code)
    return Path([*vertices, nodes[-1]], [*codes, Path.LINETO])

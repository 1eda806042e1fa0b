"""Drawing: every function takes data and returns Axes; one style for the whole book."""

from rnn_tutorial.figures._curves import learning_curves, lines, medians
from rnn_tutorial.figures._dynamics import bifurcation, branches, cobwebs, curves
from rnn_tutorial.figures._marks import bars, confusion_matrix, dots, stems
from rnn_tutorial.figures._style import COLORS, LABELS, LINE_STYLES, STYLE, use_style

__all__ = [
    "COLORS",
    "LABELS",
    "LINE_STYLES",
    "STYLE",
    "bars",
    "bifurcation",
    "branches",
    "cobwebs",
    "confusion_matrix",
    "curves",
    "dots",
    "learning_curves",
    "lines",
    "medians",
    "stems",
    "use_style",
]

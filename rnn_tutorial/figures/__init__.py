"""Drawing: every function takes data and returns Axes; one style for the whole book."""

from rnn_tutorial.figures._curves import learning_curves, lines, medians
from rnn_tutorial.figures._marks import bars, confusion_matrix, dots, stems
from rnn_tutorial.figures._style import COLORS, LABELS, LINE_STYLES, STYLE, use_style
from rnn_tutorial.figures._surfaces import descent

__all__ = [
    "COLORS",
    "LABELS",
    "LINE_STYLES",
    "STYLE",
    "bars",
    "confusion_matrix",
    "descent",
    "dots",
    "learning_curves",
    "lines",
    "medians",
    "stems",
    "use_style",
]

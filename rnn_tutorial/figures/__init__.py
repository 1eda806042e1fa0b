"""Drawing: every function takes data and returns Axes; one style for the whole book."""

from rnn_tutorial.figures._curves import learning_curves, lines, medians
from rnn_tutorial.figures._history import curves, pictures, timeline
from rnn_tutorial.figures._linear import stretching
from rnn_tutorial.figures._marks import bars, confusion_matrix, dots, stems
from rnn_tutorial.figures._style import COLORS, LABELS, LINE_STYLES, STYLE, use_style

__all__ = [
    "COLORS",
    "LABELS",
    "LINE_STYLES",
    "STYLE",
    "bars",
    "confusion_matrix",
    "curves",
    "dots",
    "learning_curves",
    "lines",
    "medians",
    "pictures",
    "stems",
    "stretching",
    "timeline",
    "use_style",
]

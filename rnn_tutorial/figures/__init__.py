"""Drawing: every function takes data and returns Axes; one style for the whole book."""

from rnn_tutorial.figures._choices import choices
from rnn_tutorial.figures._cobwebs import bifurcation, branches, cobwebs
from rnn_tutorial.figures._curves import learning_curves, lines, medians
from rnn_tutorial.figures._gate_maps import gate_maps, runs
from rnn_tutorial.figures._linear import stretching
from rnn_tutorial.figures._marks import bars, confusion_matrix, dots, pairs, stems
from rnn_tutorial.figures._shapes import task_shapes
from rnn_tutorial.figures._spectra import band_panels, counts, spectra, stretch_map
from rnn_tutorial.figures._state_maps import shaded_text, state_map, state_plane
from rnn_tutorial.figures._style import COLORS, LABELS, LINE_STYLES, STYLE, use_style
from rnn_tutorial.figures._surfaces import descent
from rnn_tutorial.figures._through_time import reference, scaling, stacked_costs, unrolled
from rnn_tutorial.figures._time_series import change_panels, forecast_band, series_parts, tracking
from rnn_tutorial.figures._timeline import pictures, timeline

# Sphinx documents no imported name without it.
__all__ = [name for name in dir() if name[0] != "_"]

"""Drawing: every function but `code_of`, which shows code, takes data and returns Axes.

There is one style for the whole book.
"""

from rnn_tutorial import _extras

_extras.needs("figures", "PIL", "matplotlib", "pandas")

from rnn_tutorial.figures._choices import choices
from rnn_tutorial.figures._cobwebs import bifurcation, branches, cobwebs
from rnn_tutorial.figures._code import Code, code_of
from rnn_tutorial.figures._curves import learning_curves, lines, medians, stairs
from rnn_tutorial.figures._drawings_of_batches import (
    look_up,
    padded_and_packed,
    rows_and_resets,
    streams_and_chunks,
)
from rnn_tutorial.figures._drawings_of_gates import gru_cell, lstm_cell, scan_rounds
from rnn_tutorial.figures._drawings_of_gradients import (
    ellipses,
    gated_unit,
    gradient_ways,
    hand_network,
)
from rnn_tutorial.figures._drawings_of_networks import (
    attention,
    encoder_decoder,
    hand_loop,
    jordan_and_elman,
    loop_and_unrolled,
    outputs_and_h_n,
    task_shapes,
    window_and_state,
)
from rnn_tutorial.figures._drawings_of_training import (
    dropout_places,
    forecast_ways,
    generation_loop,
    stack_of_layers,
    teacher_forcing,
    training_loop,
    windows_and_cut,
)
from rnn_tutorial.figures._gate_maps import gate_maps, runs
from rnn_tutorial.figures._linear import stretching
from rnn_tutorial.figures._marks import (
    bars,
    confusion_matrix,
    dots,
    pair_panels,
    pairs,
    probability_map,
    shifts,
    stems,
)
from rnn_tutorial.figures._spectra import band_panels, counts, spectra, stretch_map
from rnn_tutorial.figures._state_maps import shaded_text, state_map, state_plane
from rnn_tutorial.figures._style import COLORS, LABELS, LINE_STYLES, STYLE, use_style
from rnn_tutorial.figures._surfaces import descent
from rnn_tutorial.figures._through_time import reference, scaling, stacked_costs
from rnn_tutorial.figures._time_series import change_panels, forecast_band, series_parts, tracking
from rnn_tutorial.figures._timeline import pictures, timeline

# Sphinx documents no imported name without it.
__all__ = [name for name in dir() if name[0] != "_"]

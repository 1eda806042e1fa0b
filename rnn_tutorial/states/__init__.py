"""What a hidden state holds: orbits, probes, memory, automata, and gates over time."""

from rnn_tutorial.states.automata import (
    LETTER_MACHINE,
    Extraction,
    Transitions,
    extract,
    minimize,
    walk,
)
from rnn_tutorial.states.dynamics import (
    APART,
    METHODS,
    Step,
    fixed_points,
    iterate,
    lyapunov_exponent,
)
from rnn_tutorial.states.gates import trace
from rnn_tutorial.states.memory import linear_states, memory_curve, recall_curve, tanh_states
from rnn_tutorial.states.probing import control_labels, probe, unit_scores

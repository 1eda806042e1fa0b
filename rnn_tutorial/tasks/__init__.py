"""Synthetic tasks: sequences whose rule is known, drawn from a generator.

Each docstring gives the shapes, the definition with its source, and the floor: the score of the
best guess that knows the task and sees the input of a single step, without a memory. Whatever
scores better has remembered something. A size or number that makes no sense raises ValueError or
TypeError.
"""

from rnn_tutorial.tasks.elman_streams import letters, temporal_xor, word_boundaries
from rnn_tutorial.tasks.grammars import (
    counting,
    embedded_reber,
    legal,
    next_symbols,
    one_number_stack,
    outer_right,
    parity,
    pop,
    push,
    reber_stream,
    top,
)
from rnn_tutorial.tasks.recall import adding, copy_memory, latch, temporal_order
from rnn_tutorial.tasks.sequences import NOTHING, Sequences, only_where

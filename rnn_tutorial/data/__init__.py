"""What a network reads: surnames, plays and series from installed packages; text; batches."""

from rnn_tutorial.data.batching import Batches, Streams, pack, pad
from rnn_tutorial.data.labeled import LabeledTexts, Split, deduplicate, split
from rnn_tutorial.data.letters import describe
from rnn_tutorial.data.milestones import MILESTONES, Milestone
from rnn_tutorial.data.name_lists import SURNAME_COUNTS, SURNAME_LOCALES, surnames
from rnn_tutorial.data.own_texts import read_texts
from rnn_tutorial.data.plays import (
    Play,
    casts,
    cut_each,
    encoded_tragedies,
    shakespeare,
    tragedies,
    validation_tragedies,
)
from rnn_tutorial.data.series import seattle_weather, sunspots
from rnn_tutorial.data.speech import Speeches, speeches, split_by_play, split_by_speech
from rnn_tutorial.data.streams import streams_of, windows_at
from rnn_tutorial.data.subwords import END, Pair, Subwords, learn_merges, merge, pieces
from rnn_tutorial.data.text import (
    PADDING,
    UNKNOWN,
    Vocabulary,
    clean,
    strip_accents,
    truncate,
    words,
)

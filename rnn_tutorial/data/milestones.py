"""Milestones of recurrent networks, 1943 to 2024: the data of chapter 1's timeline and table.

The year is that of the reference: where a preprint came before the conference, `note` says so. What
each work added is said in a few words, by its title or abstract; the chapter goes into the rest.
"""

from typing import NamedTuple

__all__ = ["KINDS", "MILESTONES", "Milestone", "as_markdown"]

KINDS = ("loops", "training", "cells", "language", "recurrence again")


class Milestone(NamedTuple):
    """One work.

    Parameters
    ----------
    year : int
        When it was published.
    name : str
        Who or what, in a word or two.
    kind : str
        One of `KINDS`.
    added : str
        What it added, in a few words.
    reference : str
        Its key in ``book/references.bib``.
    note : str
        Another date that matters.
    """

    year: int
    name: str
    kind: str
    added: str
    reference: str
    note: str = ""


MILESTONES = (
    Milestone(1943, "McCulloch, Pitts", "loops", "nets with circles", "mcculloch1943logical"),
    Milestone(1956, "Kleene", "loops", "what such nets can recognize", "kleene1956representation"),
    Milestone(1972, "Amari", "loops", "learned pattern sequences", "amari1972learning"),
    Milestone(1982, "Hopfield", "loops", "recall lowers an energy", "hopfield1982neural"),
    Milestone(
        1986, "Rumelhart et al.", "training", "made backprop known", "rumelhart1986learning"
    ),
    Milestone(1986, "Jordan", "training", "outputs fed back", "jordan1986serial"),
    Milestone(
        1987, "Robinson, Fallside", "training", "patterns that change", "robinson1987utility"
    ),
    Milestone(
        1988, "Werbos", "training", "gradients for a gas market", "werbos1988generalization"
    ),
    Milestone(
        1989, "Williams, Zipser", "training", "learning in real time", "williams1989learning"
    ),
    Milestone(1990, "Elman", "training", "a copy as context", "elman1990finding"),
    Milestone(1990, "Werbos", "training", "gradients through time", "werbos1990backpropagation"),
    Milestone(
        1991, "Hochreiter", "training", "gradients vanish", "hochreiter1991untersuchungen"
    ),
    Milestone(1994, "Bengio et al.", "training", "why long lags are hard", "bengio1994learning"),
    Milestone(
        1995, "Siegelmann, Sontag", "loops", "Turing machines", "siegelmann1995computational",
        "shorter paper in 1991",
    ),
    Milestone(1997, "LSTM", "cells", "input and output gate", "hochreiter1997long"),
    Milestone(1997, "Schuster, Paliwal", "cells", "two directions", "schuster1997bidirectional"),
    Milestone(
        1999, "Gers et al.", "cells", "forget gate", "gers1999learning", "journal in 2000"
    ),
    Milestone(2001, "Jaeger", "training", "only the readout learns", "jaeger2001short"),
    Milestone(2006, "Graves et al.", "language", "labels without cuts", "graves2006connectionist"),
    Milestone(2008, "Graves, Schmidhuber", "language", "handwriting", "graves2008offline"),
    Milestone(2010, "Mikolov et al.", "language", "RNN language model", "mikolov2010recurrent"),
    Milestone(
        2013, "Pascanu et al.", "training", "clipping by norm, analyzed", "pascanu2013difficulty"
    ),
    Milestone(2014, "GRU", "cells", "two gates, one state", "cho2014learning"),
    Milestone(
        2014, "Sutskever et al.", "language", "sequence to sequence", "sutskever2014sequence"
    ),
    Milestone(
        2015, "Bahdanau et al.", "language", "attention on an RNN", "bahdanau2015neural",
        "preprint in 2014",
    ),
    Milestone(2017, "Transformer", "language", "no recurrence", "vaswani2017attention"),
    Milestone(2021, "S4", "recurrence again", "state spaces", "gu2021efficiently"),
    Milestone(2023, "LRU", "recurrence again", "linear recurrent unit", "orvieto2023resurrecting"),
    Milestone(2023, "RWKV", "recurrence again", "trains like attention", "peng2023rwkv"),
    Milestone(2023, "Mamba", "recurrence again", "input selects the state", "gu2023mamba"),
    Milestone(2024, "xLSTM", "recurrence again", "exponential gates", "beck2024xlstm"),
    Milestone(2024, "minGRU", "recurrence again", "gates without the state", "feng2024rnns"),
)  # fmt: skip


def as_markdown() -> str:
    """Return the milestones as a Markdown table with citations, as the chapter shows it.

    Returns
    -------
    str
        A header and one line for each milestone, without a line break at the end.
    """
    lines = ["| year | what it added | who | read it |", "|---|---|---|---|"]
    for year, name, _, added, reference, note in MILESTONES:
        when = f"{year} ({note})" if note else f"{year}"
        lines.append(f"| {when} | {added} | {name} | {{cite}}`{reference}` |")
    return "\n".join(lines)

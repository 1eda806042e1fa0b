"""Elman's third simulation: the error of the next letter shows where words begin."""

import torch

from rnn_tutorial import tasks
from rnn_tutorial.experiments.classics.elman import squared_errors, train
from rnn_tutorial.experiments.engine.experiment import Experiment
from rnn_tutorial.experiments.engine.published import Published
from rnn_tutorial.tasks import Sequences
from rnn_tutorial.training.objectives import check_finite

SEEDS = tuple(range(100, 110))
LETTERS = 4963  # that the paper trains on
SENTENCES = 300  # the letters after the first 4963 are the test
STREAMS = 4
SHOWN = 40  # letters of the test in the table of errors


def split(sequences: Sequences, text: str) -> tuple[Sequences, Sequences, str]:
    """Cut a stream, so that both parts write each letter in the same code.

    Returns
    -------
    training, test : Sequences
        The first 4963 steps, and the rest.
    letters : str
        The letters that are to be predicted in the test.
    """
    training = Sequences(*(part[:LETTERS] for part in sequences[:3]))
    test = Sequences(*(part[LETTERS:] for part in sequences[:3]))
    return training, test, text[LETTERS + 1 :]


def run(units: int, seed: int) -> dict[str, list[dict]]:
    """Train on 4963 letters for ten passes, then test on the sentences that follow.

    Returns
    -------
    dict
        ``""``: mean squared error where the next letter is the first of a word ("onset"), the
        second ("second"), and where it is inside a word at all ("inside"); the first over the
        last ("ratio"). ``"errors"``: along 40 letters of the test, the root of the mean squared
        error, and whether the letter begins a word.
    """
    generator = torch.Generator().manual_seed(seed)
    torch.manual_seed(seed)
    training, test, letters = split(*tasks.word_boundaries(SENTENCES, generator=generator))
    model = train(training, units, 10, 0.01, streams=STREAMS)
    errors = squared_errors(model, test).mean(1)
    check_finite(errors)
    inside = test.counts
    second = torch.zeros_like(inside)
    second[1:] = ~inside[:-1] & inside[1:]
    summary = {
        "onset": errors[~inside].mean().item(),
        "second": errors[second].mean().item(),
        "inside": errors[inside].mean().item(),
    }
    summary["ratio"] = summary["onset"] / summary["inside"]
    shown = zip(letters, (~inside).tolist(), errors.sqrt().tolist(), strict=True)
    return {
        "": [summary],
        "errors": [
            {"step": step, "letter": letter, "onset": int(onset), "rms": value}
            for step, (letter, onset, value) in enumerate(list(shown)[:SHOWN])
        ],
    }


EXPERIMENT = Experiment(
    "word_boundaries",
    "Elman's words without blanks: the error rises where a word begins",
    run,
    {"20 units": 20},
    SEEDS,
    headline="ratio",
    published=Published(
        changed=("task", "training"),
        reference="elman1990finding",
        claim=(
            "A network that predicts the next letter of a text without blanks is most often wrong "
            "about the first letter of a word; its error falls along the word, and so shows where "
            "words begin."
        ),
        number="the error peaks where a word begins",
        read_from="figure",
        brief="peaks where a word begins",
        compared={"ratio": "error at a beginning over that inside a word"},
        setup=(
            "15 words, each letter a random code of five bits; 5 inputs, 20 tanh units, 5 logistic "
            "outputs; 4963 letters, 10 passes; tested on the sentences that follow, about 2300 "
            "letters"
        ),
        deviations=(
            "backpropagation through 15 steps and Adam; the paper's network has context units "
            "that are copies of the hidden ones",
            "four streams side by side",
            "the words are those of the paper's example and one more, not its lexicon",
            "the codes of the letters are drawn anew for each seed",
        ),
        criterion=(
            "mean squared error where a word begins above 1.5 times that inside words, on fresh "
            "sentences"
        ),
        holds=lambda table: table["onset"] > 1.5 * table["inside"],
        tuned_on=tuple(range(10)),
    ),
)

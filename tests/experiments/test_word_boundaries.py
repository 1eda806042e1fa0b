"""The third simulation of Elman's: where a word begins, and what the error there is."""

import pytest
import torch

from rnn_tutorial import tasks
from rnn_tutorial.experiments.classics import elman, word_boundaries
from rnn_tutorial.tasks import Sequences
from rnn_tutorial.tasks.elman_streams import WORDS


@pytest.fixture(scope="module")
def stream():
    return tasks.word_boundaries(300, generator=torch.Generator().manual_seed(0))


def test_the_parts_are_one_text_in_one_code(stream):
    training, test, letters = word_boundaries.split(*stream)
    assert len(training.inputs) == 4963
    sequences, text = stream
    assert torch.equal(torch.cat([training.inputs, test.inputs]), sequences.inputs)
    assert torch.equal(torch.cat([training.counts, test.counts]), sequences.counts)
    assert letters == text[4964:]
    assert len(letters) == len(test.targets) > 1500
    codes = {}
    for letter, code in zip(text, sequences.inputs.tolist(), strict=False):
        assert codes.setdefault(letter, code) == code
    for letter, code in zip(letters, test.targets.tolist(), strict=True):
        assert codes[letter] == code


def test_the_measures_are_of_the_right_letters(monkeypatch):
    """A network that errs by a known amount at onsets, at second letters and further on."""
    cost = {}

    def errors(model, sequences):
        onset = ~sequences.counts
        second = torch.cat([torch.tensor([False]), onset[:-1] & ~onset[1:]])
        values = 0.01 * torch.ones(len(onset))
        values[second], values[onset] = 0.04, 0.25
        cost["inside"] = values[~onset].mean().item()
        return values[:, None].expand(-1, 5)

    monkeypatch.setattr(word_boundaries, "squared_errors", errors)
    monkeypatch.setattr(word_boundaries, "train", lambda *args, **options: None)
    tables = word_boundaries.run(20, 0)
    (record,) = tables[""]
    assert record["onset"] == pytest.approx(0.25)
    assert record["second"] == pytest.approx(0.04)
    assert record["inside"] == pytest.approx(cost["inside"], abs=1e-6)
    assert record["ratio"] == pytest.approx(0.25 / cost["inside"], rel=1e-5)
    rows = tables["errors"]
    assert [row["step"] for row in rows] == list(range(40))
    assert all(row["rms"] == pytest.approx(0.5) for row in rows if row["onset"])
    assert all(row["rms"] <= 0.2001 for row in rows if not row["onset"])
    # the first letter after a beginning, up to the next one, is a word or a part of one
    text = "".join(" " * row["onset"] + row["letter"] for row in rows)
    assert set(text.split()[1:-1]) <= {*WORDS}


def test_an_error_that_is_not_finite_is_a_failed_run(monkeypatch):
    def errors(model, sequences):
        return torch.full((len(sequences.inputs), 5), float("nan"))

    monkeypatch.setattr(word_boundaries, "squared_errors", errors)
    monkeypatch.setattr(word_boundaries, "train", lambda *args, **options: None)
    with pytest.raises(FloatingPointError, match="not finite"):
        word_boundaries.run(20, 0)


def test_streams_side_by_side_cut_the_sequence_into_contiguous_parts(monkeypatch):
    """With one chunk a pass, the first prediction of each stream is made from its first step."""
    seen = []

    class Spy(elman.SequenceModel):
        def forward(self, inputs, state=None):
            seen.append(inputs)
            return super().forward(inputs, state)

    monkeypatch.setattr(elman, "SequenceModel", Spy)
    values = torch.arange(26.0)[:, None]
    steps = Sequences(values, values / 26, torch.ones(26, dtype=torch.bool))
    torch.manual_seed(0)
    elman.train(steps, 3, 1, 0.01, streams=4)
    (chunk,) = seen
    assert chunk[:, :, 0].T.tolist() == [list(range(6 * k, 6 * k + 6)) for k in range(4)]

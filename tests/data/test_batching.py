import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn.utils.rnn import pad_packed_sequence

from rnn_tutorial.data import Batches, LabeledTexts, Vocabulary, pack, pad
from rnn_tutorial.data.batching import check_lengths

SEQUENCES = st.lists(st.lists(st.integers(2, 9), min_size=1, max_size=12), min_size=1, max_size=30)


@given(SEQUENCES)
def test_padding_fills_after_the_end_only(sequences):
    padded, lengths = pad(sequences)
    assert padded.shape == (len(sequences), max(map(len, sequences)))
    assert padded.dtype == lengths.dtype == torch.int64
    for row, length, sequence in zip(padded, lengths, sequences, strict=True):
        assert row[:length].tolist() == sequence
        assert (row[length:] == 0).all()


def test_padding_refuses_nothing_and_empty_sequences():
    with pytest.raises(ValueError, match="empty batch"):
        pad([])
    with pytest.raises(ValueError, match=r"length 0 at positions \[1, 3\]"):
        pad([[1], [], [2], []])


@given(SEQUENCES)
def test_packing_is_undone_by_unpacking(sequences):
    padded, lengths = pad(sequences)
    features = padded[..., None].double()
    unpacked, unpacked_lengths = pad_packed_sequence(pack(features, lengths), batch_first=True)
    assert torch.equal(unpacked, features)
    assert torch.equal(unpacked_lengths, lengths)


@pytest.mark.parametrize(
    ("lengths", "error", "message"),
    [
        (torch.tensor([2, 0]), ValueError, r"from 1 to 3, got \[2, 0\]"),
        (torch.tensor([2, 4]), ValueError, r"from 1 to 3, got \[2, 4\]"),
        (torch.tensor([2]), ValueError, r"shape \(2,\).*got \(1,\)"),
        (torch.tensor([2.0, 3.0]), TypeError, "tensor of integers, got torch.float32"),
        ([2, 3], TypeError, "tensor of integers, got list"),
    ],
)
def test_lengths_that_do_not_fit_are_refused(lengths, error, message):
    with pytest.raises(error, match=message):
        check_lengths(lengths, 2, 3)
    with pytest.raises(error, match=message):
        pack(torch.zeros(2, 3, 1), lengths)


def test_packing_refuses_wrong_shapes():
    with pytest.raises(ValueError, match=r"\(batch, time, features\), got \(2, 3\)"):
        pack(torch.zeros(2, 3), torch.tensor([1, 1]))
    with pytest.raises(ValueError, match="must not be empty"):
        pack(torch.zeros(0, 3, 1), torch.zeros(0, dtype=torch.int64))


@given(SEQUENCES, st.integers(1, 7), st.booleans(), st.none() | st.integers(0, 5))
def test_an_epoch_holds_every_example_once(sequences, batch_size, bucket, seed):
    generator = None if seed is None else torch.Generator().manual_seed(seed)
    batches = Batches(
        sequences, range(len(sequences)), batch_size, generator=generator, bucket=bucket
    )
    seen = []
    for (tokens, lengths), targets in batches:
        assert len(tokens) == len(lengths) == len(targets) <= batch_size
        for row, length, target in zip(tokens, lengths, targets, strict=True):
            assert row[:length].tolist() == sequences[target]
            seen.append(int(target))
    assert sorted(seen) == list(range(len(sequences)))
    assert len(batches) == len(list(batches))


def names(count, seed=0):
    generator = torch.Generator().manual_seed(seed)
    lengths = torch.randint(2, 20, (count,), generator=generator).tolist()
    return [[2] * length for length in lengths]


def waste(batches):
    cells = sum(tokens.numel() for (tokens, _), _ in batches)
    return 1 - sum(int(lengths.sum()) for (_, lengths), _ in batches) / cells


def test_bucketing_is_the_default_and_saves_most_of_the_padding():
    def wasted(**options):
        options["generator"] = torch.Generator().manual_seed(1)
        return waste(Batches(names(5000), [0] * 5000, 64, **options))

    assert wasted(bucket=False) > 0.3
    assert wasted() < 0.05


def test_the_order_is_new_each_epoch_and_the_same_for_the_same_seed():
    def epochs(seed):
        batches = Batches(names(100), range(100), 8, generator=torch.Generator().manual_seed(seed))
        return [[t for _, targets in batches for t in targets.tolist()] for _ in range(2)]

    first, second = epochs(0)
    assert first != second
    assert epochs(0) == [first, second]
    assert epochs(1) != [first, second]


def test_lengths_come_in_no_order_when_shuffled():
    batches = Batches(names(640), [0] * 640, 16, generator=torch.Generator().manual_seed(0))
    assert len(batches) < Batches.POOL
    longest = [int(lengths.max()) for (_, lengths), _ in batches]
    assert longest != sorted(longest)


@pytest.mark.parametrize("bucket", [True, False])
def test_without_a_generator_batches_keep_the_order(bucket):
    batches = Batches(names(10), range(10), 4, bucket=bucket)
    assert [targets.tolist() for _, targets in batches] == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9]]


def test_batches_refuse_bad_arguments():
    with pytest.raises(ValueError, match="same length, got 1 and 2"):
        Batches([[1]], [0, 1], 1)
    with pytest.raises(ValueError, match="at least one sequence, got none"):
        Batches([], [], 1)
    with pytest.raises(ValueError, match="batch_size must be at least 1, got 0"):
        Batches([[1]], [0], 0)
    with pytest.raises(TypeError):
        pad([[1.7]])


def test_another_padding_index_is_used():
    (tokens, _), _ = next(iter(Batches([[1, 2], [3]], [0, 1], 2, padding_index=7)))
    assert tokens.tolist() == [[1, 2], [3, 7]]


def test_only_a_pool_is_sorted_so_that_batches_stay_different_each_epoch(monkeypatch):
    monkeypatch.setattr(Batches, "POOL", 4)
    sequences = [[2] * length for length in range(1, 401)]
    batches = Batches(sequences, range(400), 10, generator=torch.Generator().manual_seed(0))
    lengths = [lengths for (_, lengths), _ in batches]
    spread = torch.tensor([float(part.max() - part.min()) for part in lengths])
    assert spread.min() > 10, "sorted all together, a batch of ten would span nine"
    assert spread.max() < 300, "not sorted, it would span most of the lengths"


def test_texts_are_encoded_and_cut_off():
    data, vocabulary = LabeledTexts(("abc", "ca"), (1, 0), ("x", "y")), Vocabulary("ac")
    (((tokens, lengths), labels),) = Batches.from_texts(data, vocabulary, 2, 2)
    assert tokens.tolist() == [[2, 1], [3, 2]]
    assert (lengths.tolist(), labels.tolist()) == ([2, 2], [1, 0])
    drawn = Batches.from_texts(data, vocabulary, 1, 3, generator=torch.Generator())
    assert (len(drawn), drawn.generator is None) == (2, False)

"""From sequences of indices to tensors: padding, packing, batches of similar length."""

import operator
from collections.abc import Iterable, Iterator, Sequence

import torch
from torch import Tensor
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence

from rnn_tutorial import _arguments
from rnn_tutorial.data.labeled import LabeledTexts
from rnn_tutorial.data.streams import streams_of
from rnn_tutorial.data.text import Vocabulary


def pad(
    sequences: Sequence[Sequence[int]], padding_index: int = Vocabulary.padding_index
) -> tuple[Tensor, Tensor]:
    """Put sequences of different lengths into one rectangle.

    Parameters
    ----------
    sequences : sequence of sequences of int
        B sequences, none of them empty.
    padding_index : int
        What fills the space after the end of a shorter one.

    Returns
    -------
    padded : Tensor of int64, (batch, time)
        As wide as the longest sequence.
    lengths : Tensor of int64, (batch,)
        The true lengths, on the CPU, where packing wants them.

    Raises
    ------
    ValueError
        If there is no sequence, or an empty one.
    TypeError
        If an element or `padding_index` is not an integer.
    """
    padding_index = _arguments.integer("padding_index", padding_index)
    if len(sequences) == 0:
        raise ValueError("sequences must hold at least one sequence, got an empty batch")
    lengths = torch.tensor([len(sequence) for sequence in sequences])
    if (lengths == 0).any():
        empty = (lengths == 0).nonzero().flatten().tolist()
        raise ValueError(f"sequences must not be empty, got length 0 at positions {empty}")
    padded = torch.full((len(sequences), int(lengths.max())), padding_index)
    real = torch.arange(padded.shape[1]) < lengths[:, None]
    padded[real] = _integers("sequences", (i for sequence in sequences for i in sequence))
    return padded, lengths


def encoded(
    texts: Iterable[str], vocabulary: Vocabulary, max_length: int | None = None
) -> list[list[int]]:
    """Encode texts as the vocabulary says, cut off after `max_length` tokens.

    Raises
    ------
    ValueError
        If a text is blank, or the vocabulary was made from tokens; the message says at which
        position.
    """
    sequences = []
    for position, text in enumerate(texts):
        try:
            sequences.append(vocabulary.encode(text, max_length=max_length))
        except (TypeError, ValueError) as error:
            raise type(error)(f"{error} (at position {position})") from error
    return sequences


def _integers(name: str, values: Iterable[int]) -> Tensor:
    try:
        return torch.tensor([operator.index(value) for value in values])
    except TypeError as error:
        raise TypeError(f"{name} must hold integers: {error}") from None


def check_tokens(tokens: Tensor, vocabulary_size: int) -> None:
    """Refuse whatever is not a batch of tokens, (batch, time), from a vocabulary."""
    if not isinstance(tokens, Tensor) or tokens.dtype not in (torch.int64, torch.int32):
        got = tokens.dtype if isinstance(tokens, Tensor) else type(tokens).__name__
        raise TypeError(f"tokens must be a tensor of int64 or int32, got {got}")
    if tokens.dim() != 2:
        raise ValueError(f"tokens must have shape (batch, time), got {tuple(tokens.shape)}")
    if tokens.numel() == 0:
        raise ValueError(f"tokens must not be empty, got shape {tuple(tokens.shape)}")
    low, high = int(tokens.min()), int(tokens.max())
    if low < 0 or high >= vocabulary_size:
        raise ValueError(
            f"tokens must be indices from 0 to {vocabulary_size - 1}, "
            f"got values from {low} to {high}"
        )


def check_lengths(lengths: Tensor, batch_size: int, time_steps: int) -> Tensor:
    """Return `lengths` as an int64 tensor on the CPU after checking it against a padded batch.

    Raises
    ------
    TypeError
        If `lengths` is not a tensor of integers.
    ValueError
        If its shape is not (batch_size,) or a length is not from 1 to `time_steps`.
    """
    integers = (torch.int64, torch.int32, torch.int16, torch.int8, torch.uint8)
    if not isinstance(lengths, Tensor) or lengths.dtype not in integers:
        got = lengths.dtype if isinstance(lengths, Tensor) else type(lengths).__name__
        raise TypeError(f"lengths must be a tensor of integers, got {got}")
    if lengths.shape != (batch_size,):
        raise ValueError(
            f"lengths must have shape ({batch_size},), one for each sequence of the batch, "
            f"got {tuple(lengths.shape)}"
        )
    lengths = lengths.to("cpu", torch.int64)
    if batch_size and not 1 <= int(lengths.min()) <= int(lengths.max()) <= time_steps:
        raise ValueError(f"lengths must be from 1 to {time_steps}, got {lengths.tolist()}")
    return lengths


def pack(padded: Tensor, lengths: Tensor) -> PackedSequence:
    """Pack a padded batch, so that a recurrent layer stops at the end of each sequence.

    Parameters
    ----------
    padded : Tensor, (batch, time, features)
        The padded batch, in any order of lengths.
    lengths : Tensor of integers, (batch,)
        The true lengths, on any device.

    Returns
    -------
    PackedSequence
        What ``torch.nn.RNN`` and its relatives take in place of a padded tensor.

    Raises
    ------
    TypeError, ValueError
        If `padded` is not a tensor of rank 3, is empty, or does not fit `lengths`.
    """
    if not isinstance(padded, Tensor):
        raise TypeError(f"padded must be a tensor, got {type(padded).__name__}")
    if padded.dim() != 3:
        raise ValueError(
            f"padded must have shape (batch, time, features), got {tuple(padded.shape)}"
        )
    if 0 in padded.shape:
        raise ValueError(f"padded must not be empty, got shape {tuple(padded.shape)}")
    lengths = check_lengths(lengths, padded.shape[0], padded.shape[1])
    return pack_padded_sequence(padded, lengths, batch_first=True, enforce_sorted=False)


class Batches:
    """Padded batches of encoded texts, to be iterated over once per epoch.

    With `bucket` on, texts of similar length share a batch: the epoch's shuffled texts are sorted
    by length within pools of `POOL` batches, and the batches are shuffled again. That saves most
    of the padding and keeps the order random.

    Parameters
    ----------
    sequences : sequence of sequences of int
        N encoded texts.
    labels : sequence of int
        N labels.
    batch_size : int
        The size B of each batch; the last one of an epoch may be smaller.
    generator : torch.Generator or None
        Draws a new order each epoch. Without one, the order is that of `sequences`.
    bucket : bool
        Whether to put similar lengths together when the order is drawn.
    padding_index : int
        What to pad with.

    Yields
    ------
    inputs : tuple of Tensor
        Tokens (batch, time) and lengths (batch,), both int64.
    targets : Tensor of int64, (batch,)
        The labels.

    Raises
    ------
    ValueError
        If there is no sequence, the lengths of the arguments differ, or `batch_size` is below 1.
    TypeError
        If a label is not an integer.
    """

    POOL = 50

    def __init__(
        self,
        sequences: Sequence[Sequence[int]],
        labels: Sequence[int],
        batch_size: int,
        *,
        generator: torch.Generator | None = None,
        bucket: bool = True,
        padding_index: int = Vocabulary.padding_index,
    ):
        if len(sequences) != len(labels):
            raise ValueError(
                f"sequences and labels must have the same length, "
                f"got {len(sequences)} and {len(labels)}"
            )
        if len(sequences) == 0:
            raise ValueError("sequences must hold at least one sequence, got none")
        self.sequences = list(sequences)
        self.labels = _integers("labels", labels)
        self.batch_size = _arguments.integer("batch_size", batch_size, 1)
        self.generator = generator
        self.bucket = bucket
        self.padding_index = padding_index

    @classmethod
    def from_texts(
        cls, data: LabeledTexts, vocabulary: Vocabulary, batch_size: int, max_length: int, **options
    ) -> "Batches":
        """Encode labeled texts, cut off after `max_length` tokens, and batch them.

        The `options` are the keyword arguments of `Batches`.
        """
        sequences = encoded(data.texts, vocabulary, max_length)
        return cls(sequences, data.labels, batch_size, **options)

    def __len__(self):
        return -(-len(self.sequences) // self.batch_size)

    def __iter__(self) -> Iterator[tuple[tuple[Tensor, Tensor], Tensor]]:
        for indices in self._batches_of_indices():
            padded, lengths = pad([self.sequences[i] for i in indices], self.padding_index)
            yield (padded, lengths), self.labels[indices]

    def _batches_of_indices(self) -> list[list[int]]:
        order = list(range(len(self.sequences)))
        if self.generator is not None:
            order = torch.randperm(len(order), generator=self.generator).tolist()
        if self.bucket and self.generator is not None:
            pool = self.POOL * self.batch_size
            order = [
                index
                for start in range(0, len(order), pool)
                for index in sorted(
                    order[start : start + pool], key=lambda i: len(self.sequences[i])
                )
            ]
        batches = [
            order[start : start + self.batch_size]
            for start in range(0, len(order), self.batch_size)
        ]
        if self.bucket and self.generator is not None:
            shuffled = torch.randperm(len(batches), generator=self.generator).tolist()
            batches = [batches[i] for i in shuffled]
        return batches


class Streams:
    """One long text in contiguous streams, cut into chunks for truncated backpropagation.

    Row b of a chunk continues where row b of the previous chunk ended, so a state that is carried
    from chunk to chunk has read all of its stream. Iterating over it is one pass over the text.

    Parameters
    ----------
    tokens : Tensor of int64, (length,)
        The text.
    streams : int
        How many streams are read side by side: the size B of the batch.
    steps : int
        The length T of a chunk; the last chunk of a pass may be shorter.

    Yields
    ------
    inputs, targets : Tensor of int64, (streams, steps)
        The target of a token is the next token of the text, even at the end of a chunk.

    Raises
    ------
    ValueError
        If `streams` or `steps` is below 1, or there are not more tokens than streams.
    """

    def __init__(self, tokens: Tensor, streams: int, steps: int):
        self.steps = _arguments.integer("steps", steps, 1)
        self.inputs, self.targets = (part.T for part in streams_of(tokens, streams))

    def __len__(self):
        return -(-self.inputs.shape[1] // self.steps)

    def __iter__(self) -> Iterator[tuple[Tensor, Tensor]]:
        parts = (part.split(self.steps, dim=1) for part in (self.inputs, self.targets))
        yield from zip(*parts, strict=True)

"""A test of a model of yours: copy the file, put your model and a batch in, run pytest on it."""

import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_sequence

pytest_plugins = ["rnn_tutorial.checks.pytest_plugin"]


class MyClassifier(nn.Module):
    """Your model stands here."""

    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(20, 16, padding_idx=0)
        self.recurrent = nn.GRU(16, 32, batch_first=True)
        self.output = nn.Linear(32, 3)

    def forward(self, tokens, lengths):
        """Return the logits of each class."""
        x = self.embedding(tokens)
        packed = pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
        return self.output(self.recurrent(packed)[1][-1])


def my_batch():
    """Return a small batch, as your training loop sees one: padded, with unequal lengths."""
    generator = torch.Generator().manual_seed(0)
    lengths = torch.tensor([9, 4, 7, 3, 8, 6])
    texts = [torch.randint(1, 20, (int(n),), generator=generator) for n in lengths]
    return (pad_sequence(texts, batch_first=True), lengths), torch.tensor([0, 1, 2, 0, 1, 2])


def test_my_model_is_healthy(healthy):
    """Fail if a check fails; the message is the report."""
    torch.manual_seed(0)
    report = healthy(MyClassifier(), my_batch())
    assert report["padding"].verdict == "pass"  # not only "not applicable"

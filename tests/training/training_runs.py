"""A small training run that can be repeated, for the tests of training and its checkpoints."""

import torch

from rnn_tutorial.data import Batches
from rnn_tutorial.models import RecurrentClassifier
from rnn_tutorial.training import fit


def examples(count, seed):
    """Strings over three letters; the class is the parity of the last one's index."""
    generator = torch.Generator().manual_seed(seed)
    sequences = [
        torch.randint(2, 5, (int(length),), generator=generator).tolist()
        for length in torch.randint(1, 9, (count,), generator=generator)
    ]
    return sequences, [sequence[-1] % 2 for sequence in sequences]


class Run:
    """Model, batches, optimizer and scheduler, made from one seed."""

    def __init__(self, seed=0, epochs=6, **options):
        torch.manual_seed(seed)
        self.model = RecurrentClassifier(
            5, 2, embedding_size=4, hidden_size=8, dropout=0.2, token_dropout=0.1, **options
        )
        generator = torch.Generator().manual_seed(seed)
        self.train = Batches(*examples(96, 1), 16, generator=generator)
        self.validation = Batches(*examples(64, 2), 32)
        self.optimizer = torch.optim.Adam(self.model.parameters(), lr=0.03)
        self.scheduler = torch.optim.lr_scheduler.OneCycleLR(
            self.optimizer, 0.03, total_steps=epochs * len(self.train)
        )

    def fit(self, epochs=6, **options):
        return fit(
            self.model,
            self.train,
            self.validation,
            epochs=epochs,
            optimizer=self.optimizer,
            scheduler=self.scheduler,
            progress=False,
            **options,
        )

    @property
    def weights(self):
        return torch.cat([p.detach().flatten() for p in self.model.parameters()])

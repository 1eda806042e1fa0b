"""What a training run measured, epoch by epoch."""

from dataclasses import asdict, dataclass, field


@dataclass(frozen=True)
class Epoch:
    """What one epoch measured.

    `train_loss` and `train_accuracy` are averages over the epoch, of a network that changes and
    that drops units; the validation figures are of the network as the epoch leaves it.
    `gradient_norm` is the mean norm before clipping, `clipped` the share of clipped steps.
    """

    train_loss: float
    train_accuracy: float
    validation_loss: float
    validation_accuracy: float
    gradient_norm: float
    clipped: float


@dataclass
class History:
    """One `Epoch` after the other.

    Attributes
    ----------
    epochs : list of Epoch
        From the first epoch to the last.
    """

    epochs: list[Epoch] = field(default_factory=list)

    def __len__(self):
        return len(self.epochs)

    @property
    def best(self) -> int:
        """The position of the epoch with the highest validation accuracy, the first of equals.

        Raises
        ------
        ValueError
            If no epoch has been run.
        """
        if not self.epochs:
            raise ValueError("history must hold at least one epoch, got none")
        return max(range(len(self)), key=lambda e: self.epochs[e].validation_accuracy)

    def to_frame(self):
        """Return a pandas.DataFrame with one row for each epoch, counted from 1."""
        import pandas as pd

        frame = pd.DataFrame([asdict(epoch) for epoch in self.epochs])
        frame.index = pd.RangeIndex(1, len(self) + 1, name="epoch")
        return frame

    def plot(self):
        """Draw the curves of loss and accuracy; return the two Axes."""
        from rnn_tutorial import figures

        return figures.learning_curves(self.to_frame())

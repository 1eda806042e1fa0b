"""What a training run measured, epoch by epoch."""

from dataclasses import asdict, dataclass, field

from rnn_tutorial._extras import needs
from rnn_tutorial.training.objectives import CLASSIFICATION, Objective


@dataclass(frozen=True)
class Epoch:
    """What one epoch measured.

    `train_loss` and `train_score` are averages over the epoch, of a network that changes and that
    drops units; the validation figures are of the network as the epoch leaves it. The scores are
    those of the metric, for a classifier its accuracy, and None for an objective without one.
    `gradient_norm` is the mean norm before clipping, `clipped` the share of clipped steps.
    """

    train_loss: float
    train_score: float | None
    validation_loss: float
    validation_score: float | None
    gradient_norm: float
    clipped: float


@dataclass
class History:
    """One `Epoch` after the other.

    Attributes
    ----------
    epochs : list of Epoch
        From the first epoch to the last.
    objective : Objective
        What was asked of the model.
    """

    epochs: list[Epoch] = field(default_factory=list)
    objective: Objective = CLASSIFICATION

    def __len__(self):
        return len(self.epochs)

    @property
    def best(self) -> int:
        """The position of the best epoch on the validation set, the first of equals.

        It is the one with the best score of the metric, or with the lowest loss if the objective
        has no metric or says `best_by_loss`.

        Raises
        ------
        ValueError
            If no epoch has been run.
        """
        if not self.epochs:
            raise ValueError("history must hold at least one epoch, got none")
        metric = self.objective.metric
        if metric is None or self.objective.best_by_loss:
            return min(range(len(self)), key=lambda e: self.epochs[e].validation_loss)
        choose = max if metric.higher_is_better else min
        return choose(range(len(self)), key=lambda e: self.epochs[e].validation_score)

    def to_frame(self):
        """Return a pandas.DataFrame with one row for each epoch, counted from 1.

        Its columns are named after the metric: ``train_accuracy``, ``validation_accuracy``.
        """
        needs("data", "pandas")

        import pandas as pd

        frame = pd.DataFrame([asdict(epoch) for epoch in self.epochs])
        frame.index = pd.RangeIndex(1, len(self) + 1, name="epoch")
        scores = ["train_score", "validation_score"]
        if self.objective.metric is None:
            return frame.drop(columns=scores)
        name = self.objective.metric.name
        return frame.rename(columns={score: score.replace("score", name) for score in scores})

    def plot(self):
        """Draw the curves of the loss and of the metric; return the Axes."""
        from rnn_tutorial import figures

        return figures.learning_curves(self.to_frame())

"""What clipping changes under Adam: the classifier of chapter 9 with three thresholds.

Adam divides a gradient by a running measure of its own size, so a factor that all gradients share
cancels. How far a step really goes is measured here, in units of the learning rate. Seeds are new
ones, of which no setting was chosen.
"""

from dataclasses import replace

import numpy as np
import torch

from rnn_tutorial.data import name_lists
from rnn_tutorial.data.labeled import split
from rnn_tutorial.experiments.engine.experiment import Experiment
from rnn_tutorial.experiments.names import surnames

SEEDS = (200, 201, 202)
EPOCHS = 5
VARIANTS = {
    name: replace(surnames.Setup(), epochs=EPOCHS, max_norm=max_norm)
    for name, max_norm in {"no clipping": np.inf, "norm 1": 1.0, "norm 0.1": 0.1}.items()
}


class Steps:
    """How far each step of an optimizer moves all parameters together, divided by the rate."""

    def __init__(self):
        self.sizes = []
        self._before = []

    def watch(self, optimizer: torch.optim.Optimizer) -> None:
        """Begin to record."""
        self._parameters = [p for group in optimizer.param_groups for p in group["params"]]
        optimizer.register_step_pre_hook(self._keep)
        optimizer.register_step_post_hook(self._measure)

    def _keep(self, optimizer, args, kwargs) -> None:
        self._before = [p.detach().clone() for p in self._parameters]

    def _measure(self, optimizer, args, kwargs) -> None:
        moved = zip(self._parameters, self._before, strict=True)
        norms = torch.stack([(p.detach() - before).norm() for p, before in moved])
        self.sizes.append(norms.norm().item() / optimizer.param_groups[0]["lr"])


def run(setup: surnames.Setup, seed: int) -> dict[str, list[dict]]:
    """Train one model on split 0 and say how far its steps went.

    Returns
    -------
    dict
        ``""``: for the first and the last epoch the share of clipped steps and the median size of
        a step in units of the rate; the accuracy on the validation names.
    """
    steps = Steps()
    parts = split(name_lists.surnames(), seed=0)
    _, _, history = surnames.train(setup, parts, seed, watch=steps.watch)
    sizes = np.array(steps.sizes).reshape(setup.epochs, -1)
    first, last = history.epochs[0], history.epochs[-1]
    return {
        "": [
            {
                "clipped_first": first.clipped,
                "clipped_last": last.clipped,
                "step_first": float(np.median(sizes[0])),
                "step_last": float(np.median(sizes[-1])),
                "accuracy": history.epochs[history.best].validation_score,
            }
        ]
    }


EXPERIMENT = Experiment(
    "surname_clipping",
    "What clipping changes under Adam: the size of the steps, and the accuracy",
    run,
    VARIANTS,
    SEEDS,
)

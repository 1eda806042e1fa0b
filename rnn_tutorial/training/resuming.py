"""Saving a training run after each epoch, and going on from the file, bit for bit."""

import os
import pickle
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from torch import Tensor, nn

from rnn_tutorial.training.history import Epoch, History


@dataclass
class Run:
    """All that the rest of a training run depends on, apart from torch's own random numbers.

    `generator` is what shuffles the batches, `history` the epochs so far, and `best_weights` the
    model's after the best of them; the other parts are those that `fit` takes.
    """

    model: nn.Module
    optimizer: torch.optim.Optimizer
    scheduler: torch.optim.lr_scheduler.LRScheduler | None
    generator: torch.Generator | None
    history: History
    best_weights: dict[str, Tensor] | None = None

    def save(self, path: str | Path) -> None:
        """Write the run, and the state of torch's generator on the CPU, to a file."""
        path = Path(path)
        state = {name: part.state_dict() for name, part in self._parts().items()}
        state |= {
            "optimizer_class": type(self.optimizer).__name__,
            "best_weights": self.best_weights,
            "history": [asdict(epoch) for epoch in self.history.epochs],
            "torch_random_state": torch.get_rng_state(),
            "batch_random_state": None if self.generator is None else self.generator.get_state(),
        }
        partial = path.with_name(path.name + ".partial")
        torch.save(state, partial)
        os.replace(partial, path)  # the file is never half written

    def resume(self, path: str | Path) -> None:
        """Put everything back to what it was when the file was written.

        Raises
        ------
        ValueError
            If the file was not written by `save`, or its run differs in the parameters, in the kind
            of optimizer, or in having a scheduler or a generator. Nothing is changed then.
        """
        path = Path(path)
        state = _read(path)
        self._check_same_run(path, state)
        for name, part in self._parts().items():
            part.load_state_dict(state[name])
        torch.set_rng_state(state["torch_random_state"])
        if self.generator is not None:
            self.generator.set_state(state["batch_random_state"])
        self.history.epochs = [Epoch(**epoch) for epoch in state["history"]]
        self.best_weights = state["best_weights"]

    def _parts(self):
        parts = {"model": self.model, "optimizer": self.optimizer, "scheduler": self.scheduler}
        return {name: part for name, part in parts.items() if part is not None}

    def _check_same_run(self, path, state):
        saved, own = state["optimizer_class"], type(self.optimizer).__name__
        if saved != own:
            raise ValueError(f"checkpoint {path} was written with {saved}, not with {own}")
        if _shapes(state["model"]) != _shapes(self.model.state_dict()):
            raise ValueError(f"checkpoint {path} is of a model with other parameters")
        for what, saved, own in (
            ("scheduler", state.get("scheduler"), self.scheduler),
            ("batch generator", state["batch_random_state"], self.generator),
        ):
            if (saved is None) != (own is None):
                written = "without" if saved is None else "with"
                raise ValueError(f"checkpoint {path} was written {written} a {what}")


def _read(path):
    refusal = ValueError(f"checkpoint must be a file written by fit, got {path}")
    try:
        state = torch.load(path, weights_only=True)
    except (pickle.UnpicklingError, EOFError, KeyError, RuntimeError) as error:
        raise refusal from error
    if not isinstance(state, dict) or "torch_random_state" not in state:
        raise refusal
    return state


def _shapes(weights):
    return {name: value.shape for name, value in weights.items()}

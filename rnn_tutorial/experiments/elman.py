"""Elman's first two simulations: where a network that predicts the next input is wrong."""

import torch
from torch import Tensor, nn

from rnn_tutorial import layers, tasks
from rnn_tutorial.bptt import detach
from rnn_tutorial.tasks import Sequences

SEEDS = (20, 21, 22, 23, 24)
TUNED_ON = (0, 1, 2, 3, 4, 5, 10, 11, 12, 13, 14)  # on some of these ten streams of 30 steps failed
STREAMS = 20  # the sequence is cut into so many, which are read side by side
CHUNK = 15  # steps between two updates, and the reach of the gradient
XOR_UNITS = {"8 units": 8, "2 units": 2}


class NextInput(nn.Module):
    """A tanh RNN that predicts the next input, all of whose numbers are 0 or 1.

    Parameters
    ----------
    size, hidden_size : int
        Numbers in an input, units in the hidden layer.
    """

    def __init__(self, size: int, hidden_size: int):
        super().__init__()
        self.recurrent = layers.RNN(size, hidden_size)
        self.output = nn.Linear(hidden_size, size)

    def forward(self, inputs: Tensor, h: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Predict (time, batch, size) from inputs of that shape; return the last state too."""
        states, h = self.recurrent(inputs, h)
        return torch.sigmoid(self.output(states)), h


def train(sequences: Sequences, hidden_size: int, passes: int, learning_rate: float) -> NextInput:
    """Train on one long stream by truncated backpropagation, the state carried and detached."""
    model = NextInput(sequences.inputs.shape[1], hidden_size)
    optimizer = torch.optim.Adam(model.parameters(), lr=learning_rate)
    length = len(sequences.inputs) // STREAMS * STREAMS
    inputs, targets = (  # (time, streams, size), each stream contiguous
        part[:length].view(STREAMS, length // STREAMS, -1).transpose(0, 1)
        for part in (sequences.inputs, sequences.targets)
    )
    for _ in range(passes):
        state = None
        for chunk, wanted in zip(inputs.split(CHUNK), targets.split(CHUNK), strict=True):
            predicted, state = model(chunk, state)
            loss = nn.functional.mse_loss(predicted, wanted)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            state = detach(state)
    return model


@torch.no_grad()
def squared_errors(model: NextInput, sequences: Sequences) -> Tensor:
    """Return the squared error of each number of each prediction along a stream, (time, size)."""
    predicted, _ = model(sequences.inputs[:, None])
    return (predicted[:, 0] - sequences.targets).square()


def run_letters(variant: str, seed: int) -> dict[str, list[dict]]:
    """Train on 1000 syllables for 200 passes, then test on a fresh sequence.

    Returns
    -------
    dict
        ``""``: mean squared errors where the next letter is a consonant and where it is a vowel,
        and on consonants those of the features "consonant" and "high". ``"errors"``: along
        the first 30 letters of the test, the root of the mean squared error.
    """
    generator = torch.Generator().manual_seed(seed)
    torch.manual_seed(seed)
    model = train(tasks.letters(1000, generator=generator)[0], 20, 200, 0.01)
    fresh, text = tasks.letters(300, generator=generator)
    errors = squared_errors(model, fresh)
    consonants = errors[~fresh.counts]
    summary = {
        "consonants": consonants.mean().item(),
        "vowels": errors[fresh.counts].mean().item(),
        "feature_consonant": consonants[:, 0].mean().item(),
        "feature_high": consonants[:, 3].mean().item(),
    }
    along = errors.mean(1).sqrt()[:30].tolist()
    return {
        "": [{name: round(value, 6) for name, value in summary.items()}],
        "errors": [
            {"step": step, "letter": letter, "rms": round(value, 6)}
            for step, (letter, value) in enumerate(zip(text[1:], along, strict=False))
        ],
    }


def run_xor(variant: str, seed: int) -> dict[str, list[dict]]:
    """Train on 3000 bits for 600 passes, then test on as many fresh ones.

    Returns
    -------
    dict
        ``""``: root mean squared errors at the steps that can be predicted and elsewhere.
        ``"errors"``: the same by place in the cycle of twelve bits that Elman averaged over.
    """
    generator = torch.Generator().manual_seed(seed)
    torch.manual_seed(seed)
    model = train(tasks.temporal_xor(1000, generator=generator), XOR_UNITS[variant], 600, 0.01)
    fresh = tasks.temporal_xor(1000, generator=generator)
    errors = squared_errors(model, fresh)[:, 0]
    cycle = errors.view(-1, 12).mean(0).sqrt().tolist()
    return {
        "": [
            {
                "predictable": round(errors[fresh.counts].mean().sqrt().item(), 6),
                "elsewhere": round(errors[~fresh.counts].mean().sqrt().item(), 6),
            }
        ],
        "errors": [
            {"step": step, "rms": round(value, 6)} for step, value in enumerate(cycle, start=1)
        ],
    }

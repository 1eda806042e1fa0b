"""What the initial state does: reading Elman's letters from the middle of a text."""

import torch
from torch import Tensor, nn

from rnn_tutorial import tasks
from rnn_tutorial.data.streams import windows_at
from rnn_tutorial.experiments.engine.experiment import Experiment, by_name
from rnn_tutorial.models import NextSymbol
from rnn_tutorial.states import automata
from rnn_tutorial.training import sequence_cross_entropy, train_step
from rnn_tutorial.training.next_symbol import LETTERS, encode

SEEDS = (20, 21, 22, 23, 24)
WINDOW = 12  # letters that are read; the text is cut anywhere, also inside a syllable
UPDATES = 600
REPEATS = 10
HIDDEN = 8
VARIANTS = ("zeros", "learned", "random", "carried")


def start(kind: str, learned: Tensor, batch: int) -> Tensor:
    """Return the initial state (1, batch, hidden): zeros, a learned one, or a new draw."""
    if kind == "learned":
        return learned.expand(1, batch, HIDDEN)
    return torch.randn(1, batch, HIDDEN) if kind == "random" else torch.zeros(1, batch, HIDDEN)


def floor(text: str, places: list[int]) -> Tensor:
    """Return the least possible loss at each step of each window, (steps, windows), in bits.

    It is that of a reader who knows the language and does not know where the window was cut: it
    starts from the long-run shares of the seven states, and learns from each letter.
    """
    states = sorted({state for state, _ in automata.LETTER_MACHINE})
    losses = torch.zeros(WINDOW, len(places))
    for column, place in enumerate(places):
        belief = {state: 3.0 if state == "." else 1.0 for state in states}  # thirds and ninths
        for step, letter in enumerate(text[place : place + WINDOW + 1]):
            ways = {
                state: automata.LETTER_MACHINE[state, letter]
                for state in belief
                if (state, letter) in automata.LETTER_MACHINE
            }
            share = {state: belief[state] / (3 if state == "." else 1) for state in ways}
            if step:
                chance = torch.tensor(sum(share.values()) / sum(belief.values()))
                losses[step - 1, column] = -chance.log2()
            belief = {}
            for state, after in ways.items():
                belief[after] = belief.get(after, 0.0) + share[state]
    return losses


def run(kind: str, seed: int) -> dict[str, list[dict]]:
    """Train on windows of text with one kind of initial state, and test on windows of fresh text.

    "carried" is trained from zeros, on windows too; in the test it has read 30 letters before.

    Returns
    -------
    dict
        ``""``: bits per letter at the first step and over the last four, the least possible for a
        reader without the letters before, and the range of the test loss over ten repetitions.
        ``"steps"``: bits per letter by step.
    """
    generator = torch.Generator().manual_seed(seed)
    torch.manual_seed(seed)
    model, learned = NextSymbol(len(LETTERS), HIDDEN), nn.Parameter(torch.zeros(1, 1, HIDDEN))
    optimizer = torch.optim.Adam([*model.parameters(), learned], lr=0.01)
    symbols = encode(tasks.letters(1000, generator=generator)[1])
    for _ in range(UPDATES):
        places = torch.randint(len(symbols) - WINDOW, (32,), generator=generator)
        cut = windows_at(symbols, places, WINDOW + 1)
        batch = (cut[:-1], start(kind, learned, 32)), cut[1:]
        train_step(model, batch, optimizer, loss_function=sequence_cross_entropy)
    text = tasks.letters(1000, generator=generator)[1]
    places = 30 + torch.randint(len(text) - 30 - WINDOW, (1000,), generator=generator)
    repeats = torch.stack(
        [measure(model, kind, learned, encode(text), places) for _ in range(REPEATS)]
    )
    by_step, least = repeats.mean(0), floor(text, places.tolist()).mean(1)
    totals = repeats.mean(1)
    return {
        "": [
            {
                "first": by_step[0].item(),
                "least_first": least[0].item(),
                "last_four": by_step[-4:].mean().item(),
                "least_last_four": least[-4:].mean().item(),
                "range": (totals.max() - totals.min()).item(),
            }
        ],
        "steps": [
            {"step": step, "bits": bits, "least": possible}
            for step, (bits, possible) in enumerate(
                zip(by_step.tolist(), least.tolist(), strict=True), start=1
            )
        ],
    }


@torch.no_grad()
def measure(
    model: NextSymbol, kind: str, learned: Tensor, symbols: Tensor, places: Tensor
) -> Tensor:
    """Return bits per letter by step, (steps,)."""
    cut = windows_at(symbols, places, WINDOW + 1)
    state = start(kind, learned, len(places))
    if kind == "carried":
        state = model(windows_at(symbols, places - 30, 30), state)[2]
    logits = model(cut[:-1], state)[0]
    loss = nn.functional.cross_entropy(logits.flatten(0, 1), cut[1:].flatten(), reduction="none")
    return loss.view(WINDOW, -1).mean(1) / torch.tensor(2.0).log()


EXPERIMENT = Experiment(
    "state_start",
    "Zeros, learned, random or carried: what the initial state does to the first steps",
    run,
    by_name(VARIANTS),
    SEEDS,
    headline="last_four",
)

"""The fifth room: forecasters of numbers."""

import torch
from torch import nn

from rnn_tutorial.museum import toys
from rnn_tutorial.museum._exhibit import Exhibit


class Forecaster(nn.Module):
    """Read a window of numbers; answer the next one, (batch, 1)."""

    def __init__(self, features: int = 1):
        super().__init__()
        self.recurrent = nn.GRU(features, toys.HIDDEN, batch_first=True)
        self.output = nn.Linear(toys.HIDDEN, 1)

    def forward(self, x):
        _, h_n = self.recurrent(x)
        return self.output(h_n[-1])


def pair_by_pair(forecasts, targets):
    """Compare each forecast with its target."""
    errors = forecasts[:, 0] - targets
    return errors.square().mean()


def all_with_all(forecasts, targets):
    """Compare forecasts, (batch, 1), with targets, (batch,)."""
    errors = forecasts - targets
    return errors.square().mean()


def as_measured(prices):
    """Hand the prices over as they are."""
    return prices


def standardized(prices):
    """Bring the prices to mean 0 and spread 1."""
    return (prices - 1000) / 200


SCALES = {"broken": as_measured, "repaired": standardized}


def _prices(version, seed, rows=32):
    """Return windows of prices of about 1,000, and the next price, scaled."""
    series = toys.readings(seed, rows)
    prices = 1000 + 200 * series
    return SCALES[version](prices[:, :-1, None]), series[:, -1]


def _priced(version, seed):
    return Forecaster(), _prices(version, seed, rows=8), {}


def _price_explained(model, version, seed):
    def draw(step, rows=32):
        return _prices(version, step, rows)

    return toys.explained(model, draw, pair_by_pair, seed)


UNSCALED = Exhibit(
    name="unscaled",
    title="Prices as they were measured",
    source="Shubble-LLC/shubble #353",
    misconception="M-unscaled",
    check="scale",
    unit="share of the variance that is explained; 0.81 can be",
    code={"broken": as_measured, "repaired": standardized},
    build=_priced,
    measure=_price_explained,
)


def next_left_in(table):
    """Cut windows; the second column is the next value."""
    return table[:, :-1], table[:, -2, 1]


def next_taken_out(table):
    """Cut windows of the first column alone."""
    return table[:, :-1, :1], table[:, -2, 1]


WINDOWS = {"broken": next_left_in, "repaired": next_taken_out}


def _noise(version, seed, rows=32):
    """Return windows of noise, which nobody can predict, and the value after them."""
    noise = torch.randn(rows, 14, generator=torch.Generator().manual_seed(seed))
    return WINDOWS[version](torch.stack([noise[:, :-1], noise[:, 1:]], dim=-1))


def _columns(version, seed):
    features = 2 if version == "broken" else 1
    return Forecaster(features), _noise(version, seed, rows=8), {}


def _noise_explained(model, version, seed):
    def draw(step, rows=32):
        return _noise(version, step, rows)

    return toys.explained(model, draw, pair_by_pair, seed)


TARGET_COLUMN = Exhibit(
    name="target_column",
    title="The target among the features",
    source="you915/Sentiment-Analysis-of-Twitter-Data-for-predicting-Apple-stock-price #2",
    misconception="M-target-in-window",
    check="target",
    unit="share of the variance of noise that is explained",
    code={"broken": next_left_in, "repaired": next_taken_out},
    build=_columns,
    measure=_noise_explained,
)

LOSSES = {"broken": all_with_all, "repaired": pair_by_pair}


def _compared(version, seed):
    return Forecaster(), _prices("repaired", seed, rows=8), {"loss": LOSSES[version]}


def _explained_with_loss(model, version, seed):
    def draw(step, rows=32):
        return _prices("repaired", step, rows)

    return toys.explained(model, draw, LOSSES[version], seed)


ALL_WITH_ALL = Exhibit(
    name="all_with_all",
    title="Each forecast against every target",
    source="aiboxlab/nlp #97, jsboige/CoursIA #926",
    misconception="M-loss-pairs",
    check="pairs",
    unit="share of the variance that is explained; 0.81 can be",
    code={"broken": all_with_all, "repaired": pair_by_pair},
    build=_compared,
    measure=_explained_with_loss,
)

BOUND = 0.25


def clipped_late(model, batch, optimizer):
    """Take a training step; clip the gradient after it."""
    x, y = batch
    optimizer.zero_grad()
    pair_by_pair(model(x), y).backward()
    optimizer.step()
    nn.utils.clip_grad_norm_(model.parameters(), BOUND)


def clipped_in_time(model, batch, optimizer):
    """Take a training step with a clipped gradient."""
    x, y = batch
    optimizer.zero_grad()
    pair_by_pair(model(x), y).backward()
    nn.utils.clip_grad_norm_(model.parameters(), BOUND)
    optimizer.step()


CLIPPED = {"broken": clipped_late, "repaired": clipped_in_time}


def _clipped(version, seed):
    return Forecaster(), _prices("repaired", seed, rows=8), {"train_step": CLIPPED[version]}


def _over_the_bound(model, version, seed):
    """Train for 40 steps; return in how many the optimizer gets a gradient beyond the bound."""
    optimizer = torch.optim.Adam(model.parameters(), lr=0.001)
    beyond = []

    def look(*_):
        norms = torch.stack([p.grad.norm() for p in model.parameters()])
        beyond.append(float(norms.norm()) > 1.001 * BOUND)

    optimizer.register_step_pre_hook(look)
    for step in range(40):
        CLIPPED[version](model, _prices("repaired", 1000 * seed + step), optimizer)
    return sum(beyond) / len(beyond)


CLIPPED_LATE = Exhibit(
    name="clipped_late",
    title="A gradient that is clipped after the step",
    source="VGraphRNN/VGRNN #4, emited/VariationalRecurrentNeuralNetwork #3",
    misconception="M-clip-order",
    check="step",
    unit="share of 40 steps with a gradient beyond the bound",
    code={"broken": clipped_late, "repaired": clipped_in_time},
    build=_clipped,
    measure=_over_the_bound,
)

ROOM = (UNSCALED, TARGET_COLUMN, ALL_WITH_ALL, CLIPPED_LATE)

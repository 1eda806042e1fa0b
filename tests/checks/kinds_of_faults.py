"""Faults beside sound siblings: for each kind, the check that has to fail on the first alone.

A case is a function of a seed that returns a model, a batch and options of `diagnose`.
"""

import torch
from torch import nn
from torch.nn import functional
from torch.nn.utils import clip_grad_norm_
from torch.optim import SGD, lr_scheduler

from tests.checks import correct_models as correct
from tests.checks import unusual_models as unusual
from tests.checks.correct_models import CLASSES, FEATURES, TOKENS, classes, drawn, ragged, stream


class Regressor(nn.Module):
    """Read windows of numbers with a GRU; answer one number for each."""

    def __init__(self, features=FEATURES, cell="GRU", norm=None):
        super().__init__()
        self.norm = norm(features) if norm else nn.Identity()
        self.recurrent = getattr(nn, cell)(features, 24, batch_first=True)
        self.output = nn.Linear(24, 1)

    def forward(self, x):
        x = self.norm(x.transpose(1, 2)).transpose(1, 2)
        return self.output(self.recurrent(x)[0][:, -1])


class Weighted(nn.Module):
    """A tanh recurrence whose matrix is what `make` returns."""

    def __init__(self, make):
        super().__init__()
        self.read = nn.Linear(FEATURES, 24)
        self.w = make(self)
        self.output = nn.Linear(24, CLASSES)

    def forward(self, x):
        h = x.new_zeros(len(x), 24)
        for x_t in x.unbind(1):
            h = torch.tanh(self.read(x_t) + h @ self.matrix())
        return self.output(h)

    def matrix(self):
        return self.w


class Scaled(Weighted):
    """The same, with the matrix computed in each call."""

    def matrix(self):
        return 0.2 * self.w


class Remembers(Weighted):
    """Store the last state, with its graph, and never read it."""

    def forward(self, x):
        answers = super().forward(x)
        self.last = answers * 2
        return answers


def parameter(model):
    return nn.Parameter(0.2 * torch.randn(24, 24))


def large_parameter(model):
    return nn.Parameter(torch.randn(24, 24))


def product(model):
    return nn.Parameter(torch.randn(24, 24)) * 0.2


def raw_product(model):
    return torch.randn(24, 24, requires_grad=True) * 0.2


def computed_once(model):
    model.seed = nn.Parameter(0.2 * torch.randn(24, 24))
    return model.seed.T * 1.0


def weights(make, model=Weighted):
    def build(seed):
        torch.manual_seed(seed)
        return model(make), (correct._floats(seed), classes(seed)), {}

    return build


def remembered(seed):
    model, batch, options = weights(parameter, Remembers)(seed)
    model(batch[0])
    return model, batch, options


class Reader(nn.Module):
    """A language model whose embedding has a padding index."""

    def __init__(self, padding_idx):
        super().__init__()
        self.embedding = nn.Embedding(TOKENS, 16, padding_idx=padding_idx)
        self.recurrent = nn.LSTM(16, 24, batch_first=True)
        self.output = nn.Linear(24, TOKENS)

    def forward(self, tokens):
        return self.output(self.recurrent(self.embedding(tokens))[0])


def written(first_token=0, often=1, **options):
    def build(seed):
        torch.manual_seed(seed)
        text = torch.randint(first_token, TOKENS, (8, 13), generator=drawn(seed))
        text[:, ::5] = often
        return Reader(**options), (text[:, :-1], text[:, 1:]), {}

    return build


def padded_with_a_token(seed):
    """A classifier of padded texts, in which the first real token has padding's number."""
    torch.manual_seed(seed)
    tokens, lengths = ragged(seed)
    tokens[:, 1] = 0
    return unusual.Reader(), ((tokens, lengths), classes(seed)), {}


def prices(mean, spread, model=Regressor, targets=(0.0, 1.0), **options):
    """Windows of a series around a mean; the target is the step after the window."""

    def build(seed):
        torch.manual_seed(seed)
        steps = torch.randn(FEATURES, 60, generator=drawn(seed))
        series = steps.clone()
        for t in range(1, 60):
            series[:, t] = 0.9 * series[:, t - 1] + 0.43 * steps[:, t]
        windows = series.unfold(1, 12, 3).permute(1, 2, 0)  # (windows, steps, features)
        x = mean + spread * windows[:, :-1]
        y = targets[0] + targets[1] * windows[:, -1, :1]
        return model(**options), (x, y), {}

    return build


def window(end, feature=0, form=lambda y: y):
    """Windows of noise whose target is a step at or after their end."""

    def build(seed):
        torch.manual_seed(seed)
        series = torch.randn(100, FEATURES, generator=drawn(seed))
        windows = series.unfold(0, 12, 7).transpose(1, 2)
        x, y = windows[:, :10], form(windows[:, 9 + end, feature, None])
        return Regressor(), (x, y), {}

    return build


def column(leaks):
    """A tagger of numbers; one feature may hold the tag."""

    def build(seed):
        torch.manual_seed(seed)
        x = correct._floats(seed)
        tags = (x[..., 0] + x[..., 1] > 0).long()
        if leaks:
            x[..., 2] = tags.float()
        return Tagged(), (x, tags), {"kind": "tagger"}

    return build


class Tagged(nn.Module):
    def __init__(self):
        super().__init__()
        self.recurrent = nn.GRU(FEATURES, 24, batch_first=True)
        self.output = nn.Linear(24, 2)

    def forward(self, x):
        return self.output(self.recurrent(x)[0])


class Normalizes(nn.Module):
    """Forecast one feature's next step at each step; normalize over time, or step by step."""

    def __init__(self, over):
        super().__init__()
        self.recurrent = nn.GRU(FEATURES, 24, batch_first=True)
        self.output = nn.Linear(24, 1)
        self.over = over

    def forward(self, x):
        x = (x - x.mean(self.over, keepdim=True)) / (x.std(self.over, keepdim=True) + 1e-5)
        return self.output(self.recurrent(x)[0])


def normalized(over, feature):
    def build(seed):
        torch.manual_seed(seed)
        series = torch.randn(8, 13, FEATURES, generator=drawn(seed))
        return Normalizes(over), (series[:, :-1], series[:, 1:, feature, None]), {}

    return build


class CountsZeros(nn.Module):
    """Read the state after as many steps as are not zero, or at the end that it is told."""

    def __init__(self, told):
        super().__init__()
        self.recurrent = nn.GRU(1, 24, batch_first=True)
        self.output = nn.Linear(24, CLASSES)
        self.told = told

    def forward(self, x, lengths):
        lengths = lengths if self.told else (x != 0).flatten(1).sum(1)
        return self.output(self.recurrent(x)[0][torch.arange(len(x)), lengths - 1])


def counts(told):
    def build(seed):
        torch.manual_seed(seed)
        lengths = ragged(seed)[1]
        x = torch.randint(1, 9, (8, 12, 1), generator=drawn(seed)).float()
        x[::2, 2] = 0
        x *= (torch.arange(12) < lengths[:, None])[..., None]
        return CountsZeros(told), ((x, lengths), classes(seed)), {}

    return build


def scored(loss, per_step=False):
    def build(seed):
        torch.manual_seed(seed)
        if per_step:
            return correct.LanguageModel(), stream(seed), {"loss": loss}
        x = correct._floats(seed)
        return Regressor(), (x, x.mean((1, 2))), {"loss": loss}

    return build


def reshaped(answers, targets):
    """Bring (batch, time, classes) to (batch, classes, time) by a view."""
    rows, steps, outputs = answers.shape
    return functional.cross_entropy(answers.reshape(rows, outputs, steps), targets)


def transposed(answers, targets):
    return functional.cross_entropy(answers.transpose(1, 2), targets)


def root(answers, targets):
    return functional.mse_loss(answers[:, 0], targets).sqrt()


def safe_root(answers, targets):
    return (functional.mse_loss(answers[:, 0], targets) + 1e-8).sqrt()


def pairwise_squares(answers, targets):
    return ((answers - targets) ** 2).mean()


def squares(answers, targets):
    return ((answers[:, 0] - targets) ** 2).mean()


def distances(answers, targets):
    return (answers[:, 0] - targets).abs().mean()


def log_of_softmax(answers, targets):
    return functional.nll_loss(answers.softmax(-1).log().flatten(0, 1), targets.flatten())


def log_softmax(answers, targets):
    return functional.nll_loss(answers.log_softmax(-1).flatten(0, 1), targets.flatten())


class Recognizer(nn.Module):
    """Read frames, keep every so manyth state, answer log-probabilities of labels and a blank."""

    def __init__(self, stride):
        super().__init__()
        self.recurrent = nn.GRU(FEATURES, 24, batch_first=True)
        self.output = nn.Linear(24, CLASSES)
        self.stride = stride

    def forward(self, x):
        return self.output(self.recurrent(x)[0][:, :: self.stride]).log_softmax(-1)


def spoken(seed, steps, stride=1, first=1, blank=0):
    torch.manual_seed(seed)
    x = torch.randn(8, steps, FEATURES, generator=drawn(seed))
    labels = torch.randint(first, first + CLASSES - 1, (8, 7), generator=drawn(seed))

    def loss(answers, targets):
        frames = torch.full((len(answers),), answers.shape[1])
        counts = torch.full((len(targets),), targets.shape[1])
        ctc = nn.CTCLoss(blank, zero_infinity=True)
        return ctc(answers.transpose(0, 1), targets, frames, counts)

    return Recognizer(stride), (x, labels), {"loss": loss}


def loop(order, *, extra=None, **options):
    """A training step of a language model that calls things in this order."""

    def build(seed):
        torch.manual_seed(seed)
        kept = {}

        def step(model, batch, optimizer):
            x, y = batch
            for name in order.split():
                if name == "zero":
                    optimizer.zero_grad()
                elif name == "backward":
                    answers = model(x)[0].flatten(0, 1)
                    functional.cross_entropy(answers, y.flatten()).backward()
                elif name == "clip":
                    clip_grad_norm_(model.parameters(), 0.1)
                elif name == "step":
                    optimizer.step()
                else:
                    kept[name] = extra(model, optimizer, kept.get(name))

        return correct.LanguageModel(**options), stream(seed), {"train_step": step}

    return build


def schedule(make):
    """Make a schedule when there is none yet, and step it."""

    def stepped(model, optimizer, made):
        made = made or make(optimizer)
        made.step()
        return made

    return stepped


def evaluated(back):
    def evaluate(model, optimizer, _):
        model.eval()
        model.train(back)

    return evaluate


def own_optimizer(which):
    """Step an optimizer of the loop's own."""

    def stepped(model, optimizer, made):
        made = made or SGD(which(model), lr=0.001)
        made.step()
        made.zero_grad()
        return made

    return stepped


def accumulated(seed):
    model, batch, _ = loop("")(seed)
    turns = []

    def step(model, batch, optimizer):
        answers = model(batch[0])[0].flatten(0, 1)
        functional.cross_entropy(answers, batch[1].flatten()).backward()
        turns.append(1)
        if len(turns) % 3 == 0:
            clip_grad_norm_(model.parameters(), 0.1)
            optimizer.step()
            optimizer.zero_grad()

    return model, batch, {"train_step": step}


def carried(detach):
    """Carry the state from batch to batch."""

    def build(seed):
        model, batch, _ = loop("")(seed)
        kept = [None]

        def step(model, batch, optimizer):
            answers, state = model(batch[0], kept[0])
            kept[0] = tuple(part.detach() for part in state) if detach else state
            optimizer.zero_grad()
            loss = functional.cross_entropy(answers.flatten(0, 1), batch[1].flatten())
            loss.backward(retain_graph=True)
            optimizer.step()

        return model, batch, {"train_step": step}

    return build


def handed(replaced):
    """Hand over the optimizer; a layer may be replaced after it was made."""

    def build(seed):
        model, batch, _ = loop("")(seed)
        optimizer = SGD(model.parameters(), lr=0.1)
        if replaced:
            model.output = nn.Linear(32, TOKENS)
        return model, batch, {"optimizer": optimizer}

    return build


TRAIN = "zero backward step"
# kind: (check, misconception, faults, sound siblings)
KINDS = {
    "a weight that is no parameter": (
        "registered",
        "M-unregistered",
        (weights(product), weights(raw_product), weights(computed_once)),
        (weights(parameter), weights(large_parameter, Scaled), remembered),
    ),
    "padding's index is a real token": (
        "tokens",
        "M-padding-token",
        (written(padding_idx=3), written(padding_idx=0, often=0), padded_with_a_token),
        (written(padding_idx=None), written(padding_idx=0, first_token=1)),
    ),
    "numbers as they were measured": (
        "scale",
        "M-unscaled",
        (
            prices(1000, 200),
            prices(1000, 200, cell="LSTM"),
            prices(1000, 200, cell="RNN", targets=(1000, 200)),
            prices(0, 1, targets=(1000, 20)),
        ),
        (
            prices(0, 1),
            prices(20, 8),
            prices(1000, 200, norm=nn.BatchNorm1d),
            prices(1000, 200, norm=nn.InstanceNorm1d),
        ),
    ),
    "the target in the window": (
        "target",
        "M-target-in-window",
        (
            window(0),
            window(0, feature=2),
            window(0, feature=1, form=lambda y: 3 * y + 1),
            column(True),
        ),
        (window(1), window(1, feature=2), window(1, form=lambda y: 3 * y + 1), column(False)),
    ),
    "normalization over time": (
        "causality",
        "M-future",
        (normalized(over=1, feature=0), normalized(over=1, feature=2)),
        (normalized(over=2, feature=0), normalized(over=2, feature=2)),
    ),
    "real zeros taken for padding": (
        "zeros",
        "M-zeros-as-padding",
        (counts(told=False),),
        (counts(told=True),),
    ),
    "answers compared with the targets of others": (
        "pairs",
        "M-loss-pairs",
        (scored(pairwise_squares),),
        (scored(squares), scored(distances), scored(transposed, per_step=True)),
    ),
    "a loss that mixes the axes": (
        "start",
        "M-loss-order",
        (scored(reshaped, per_step=True),),
        (scored(transposed, per_step=True),),
    ),
    "a loss whose gradient is no number": (
        "edges",
        "M-loss-edge",
        (scored(root), scored(log_of_softmax, per_step=True)),
        (scored(safe_root), scored(distances), scored(log_softmax, per_step=True)),
    ),
    "CTC with too few steps": (
        "ctc",
        "M-ctc-steps",
        (lambda seed: spoken(seed, 20, stride=4), lambda seed: spoken(seed, 6)),
        (lambda seed: spoken(seed, 20), lambda seed: spoken(seed, 40, stride=2)),
    ),
    "CTC with the blank among the labels": (
        "ctc",
        "M-ctc-blank",
        (lambda seed: spoken(seed, 20, first=0),),
        (lambda seed: spoken(seed, 20, first=0, blank=CLASSES - 1),),
    ),
    "clipping out of order": (
        "step",
        "M-clip-order",
        (loop("zero clip backward step"), loop("zero backward step clip")),
        (loop("zero backward clip step"), loop("backward clip step zero"), accumulated),
    ),
    "a schedule of epochs stepped with each batch": (
        "step",
        "M-schedule-step",
        (
            loop(TRAIN + " s", extra=schedule(lambda o: lr_scheduler.StepLR(o, 1, 0.5))),
            loop(TRAIN + " s", extra=schedule(lambda o: lr_scheduler.ExponentialLR(o, 0.95))),
            loop(TRAIN + " s", extra=schedule(lambda o: lr_scheduler.MultiStepLR(o, [30, 80]))),
        ),
        (
            loop(TRAIN + " s", extra=schedule(lambda o: lr_scheduler.StepLR(o, 1000, 0.5))),
            loop(
                TRAIN + " s",
                extra=schedule(lambda o: lr_scheduler.OneCycleLR(o, 0.1, total_steps=90)),
            ),
            loop(TRAIN + " s", extra=schedule(lambda o: lr_scheduler.ExponentialLR(o, 0.9999))),
            loop(TRAIN + " s", extra=lambda m, o, made: made or lr_scheduler.StepLR(o, 1, 0.5)),
        ),
    ),
    "an optimizer that lacks a weight, in the loop": (
        "step",
        "M-optimizer-lacks",
        (loop("backward s", extra=own_optimizer(lambda m: m.output.parameters())),),
        (loop("backward s", extra=own_optimizer(lambda m: m.parameters())),),
    ),
    "an optimizer that lacks a weight": (
        "optimizer",
        "M-optimizer-lacks",
        (handed(replaced=True),),
        (handed(replaced=False),),
    ),
    "training that stays in evaluation mode": (
        "step",
        "M-stays-in-eval",
        (loop(TRAIN + " e", extra=evaluated(back=False), dropout=0.3, layers=2),),
        (loop(TRAIN + " e", extra=evaluated(back=True), dropout=0.3, layers=2),),
    ),
    "a graph that grows": (
        "step",
        "M-missing-detach",
        (carried(detach=False),),
        (carried(detach=True),),
    ),
    "the optimizer before the gradient": (
        "step",
        "M-training-step",
        (loop("step zero backward"), loop("backward zero step")),
        (loop("backward step zero"),),
    ),
}

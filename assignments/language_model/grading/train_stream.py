"""Hidden tests of `train_stream`."""

import copy
import math

import torch
from checking import call_alone, close, expect, number
from drawing import normal
from torch import nn

from grading._shared import integers


class _Leaky(nn.Module):
    """A leaky cell over symbols, with a start that is learned."""

    def __init__(self, symbols, hidden, offset):
        super().__init__()
        shapes = {
            "W_x": (symbols, hidden),
            "W_h": (hidden, hidden),
            "W_y": (hidden, symbols),
            "h_0": (hidden,),
        }
        for name, shape in shapes.items():
            values = 0.8 * normal(*shape, offset=offset + len(name) + ord(name[0]))
            setattr(self, name, nn.Parameter(values))

    def start(self, batch):
        return self.h_0.expand(batch, -1)

    def forward(self, inputs, state):
        outputs = []
        for symbols in inputs.T:
            state = 0.5 * state + 0.5 * torch.tanh(self.W_x[symbols] + state @ self.W_h)
            outputs.append(state @ self.W_y)
        return torch.stack(outputs, dim=1), state


def _true_train(model, chunks, optimizer, max_norm):
    total, count, state = 0.0, 0, None
    for inputs, targets, fresh in chunks:
        start = model.start(len(inputs))
        rows = [
            start[i] if state is None or fresh[i] else state[i].detach() for i in range(len(inputs))
        ]
        logits, state = model(inputs, torch.stack(rows))
        loss = -logits.log_softmax(-1).gather(-1, targets[..., None]).mean()
        optimizer.zero_grad()
        loss.backward()
        gradients = [p.grad for p in model.parameters() if p.grad is not None]
        norm = math.sqrt(sum(float(gradient.pow(2).sum()) for gradient in gradients))
        for gradient in gradients:
            gradient *= min(1.0, max_norm / (norm + 1e-6))
        optimizer.step()
        total, count = total + float(loss) * targets.numel(), count + targets.numel()
    return total / count / math.log(2)


def _chunks(offset, batch, times, symbols, fresh=()):
    """Draw chunks; `fresh` has pairs of a chunk and a row."""
    chunks = []
    for index, time in enumerate(times):
        rows = torch.tensor([(index, row) in fresh for row in range(batch)])
        place = 100 * offset + 10 * index
        inputs = integers(symbols, batch, time, offset=place)
        chunks.append((inputs, integers(symbols, batch, time, offset=place + 5), rows))
    return chunks


def _train(env, chunks, symbols, text, *, max_norm=1e6):
    """Train two copies, and return the bits that were found and the true ones."""
    mine = _Leaky(symbols, 4, offset=symbols)
    theirs = copy.deepcopy(mine)
    bits = []
    for model, function in ((mine, None), (theirs, "train_stream")):
        optimizer = torch.optim.SGD(model.parameters(), lr=0.7)
        copies = [tuple(part.clone() for part in chunk) for chunk in chunks]
        if function is None:
            bits.append(_true_train(model, copies, optimizer, max_norm))
        else:
            bits.append(call_alone(env, function, model, copies, optimizer, max_norm))
    for wanted, found in zip(mine.parameters(), theirs.parameters(), strict=True):
        close(found.detach(), wanted.detach(), text, 1e-6)
    return bits


def train_carries(env):
    """The state is carried and detached; the first chunk begins with the start."""
    for offset, (batch, times, symbols) in enumerate([(3, (4, 4, 4), 5), (2, (3, 3), 4)]):
        chunks = _chunks(offset, batch, times, symbols)
        _train(env, chunks, symbols, "After some chunks the weights are not what they must be.")


def train_fresh(env):
    """Rows that are fresh begin with the start, and the others go on."""
    cases = [
        (4, (3, 3, 3), 5, {(1, 0), (1, 2), (2, 3)}),
        (3, (2, 4), 3, {(1, 1)}),
        (2, (3, 3), 6, {(0, 0), (1, 0), (1, 1)}),
    ]
    for offset, (batch, times, symbols, fresh) in enumerate(cases):
        chunks = _chunks(20 + offset, batch, times, symbols, fresh)
        _train(env, chunks, symbols, "With fresh rows the weights are not what they must be.")


def train_clips(env):
    """One norm over all parameters, and no gradient left over from before."""
    for offset, max_norm in enumerate((0.05, 0.3, 0.7)):
        chunks = _chunks(30 + offset, 3, (4, 3, 5), 5)
        text = f"With max_norm {max_norm} the weights are not what they must be."
        _train(env, chunks, 5, text, max_norm=max_norm)


def train_bits(env):
    """Each character counts the same in what is returned."""
    for offset, times in enumerate([(9, 1, 2), (1, 12), (4, 4)]):
        chunks = _chunks(40 + offset, 3, times, 5)
        wanted, found = _train(env, chunks, 5, "The weights are wrong.")
        right = math.isclose(number(found, "train_stream"), wanted, abs_tol=1e-5)
        expect(right, f"The bits are wrong for chunks of {times} steps.")

"""Hidden tests of `train_stream`."""

import torch
from checking import call, close, expect
from drawing import normal

from grading._shared import dictionary, same_tensors, wave, wave_step


def _run(x, h_0, weights, targets):
    weights = {name: weight.detach().requires_grad_() for name, weight in weights.items()}
    h, loss = h_0, torch.zeros((), dtype=torch.float64)
    for x_t, target in zip(x, targets, strict=True):
        h, _ = wave_step(x_t, h, weights)
        loss = loss + ((h - target) ** 2).mean()
    found = torch.autograd.grad(loss, list(weights.values()))
    return loss, dict(zip(weights, found, strict=True)), h


def _stream(env, length, steps, run=_run):
    x, h_0, weights = wave(length, 2, 3, 4, offset=30 + length)
    targets = normal(length, 2, 4, offset=31)
    arguments = (x, targets, h_0, weights)
    found = call(env, "train_stream", run, *arguments, steps, 0.1)
    expect(
        isinstance(found, tuple | list) and len(found) == 3,
        "`train_stream` must return the losses, the weights and the last state.",
    )
    dictionary(found[1], weights, "train_stream")
    return found, arguments


def _true_stream(x, targets, h, weights, steps):
    losses = []
    for start in range(0, len(x), steps):
        window = slice(start, start + steps)
        loss, gradients, h = _run(x[window], h.detach(), weights, targets[window])
        losses.append(float(loss.detach()))
        weights = {name: weight - 0.1 * gradients[name] for name, weight in weights.items()}
    return losses, weights, h.detach()


def _agrees(found, arguments, steps, what):
    losses, weights, h = found
    wanted_losses, wanted_weights, wanted_h = _true_stream(*arguments, steps)
    expect(
        len(losses) == len(wanted_losses),
        f"{len(losses)} losses came back {what}, it must be {len(wanted_losses)}.",
    )
    losses = torch.tensor([float(loss) for loss in losses], dtype=torch.float64)
    wanted_losses = torch.tensor(wanted_losses, dtype=torch.float64)
    close(losses, wanted_losses, f"A chunk's loss is wrong {what}.", 1e-6)
    for name, weight in wanted_weights.items():
        close(weights[name].detach(), weight, f"The new `{name}` is wrong {what}.")
    close(h.detach(), wanted_h, f"The last state is wrong {what}.")


def stream_values(env):
    """Losses, weights and the last state, with and without a shorter last chunk."""
    for length, steps in [(12, 4), (11, 4), (5, 9), (3, 1)]:
        found, arguments = _stream(env, length, steps)
        _agrees(found, arguments, steps, f"for {length} steps in chunks of {steps}")


def stream_graph(env):
    """Neither a chunk's initial state nor what comes back hangs on a graph."""

    def run(x, h_0, weights, targets):
        expect(not h_0.requires_grad, "A chunk began with a state that hangs on a graph.")
        return _run(x, h_0, weights, targets)

    found, arguments = _stream(env, 10, 3, run)
    losses, weights, h = found
    expect(not h.requires_grad, "The last state hangs on a graph.")
    expect(all(not w.requires_grad for w in weights.values()), "A weight hangs on a graph.")
    kept = [loss for loss in losses if isinstance(loss, torch.Tensor) and loss.requires_grad]
    expect(not kept, "A loss that came back hangs on a graph, and keeps all of it in memory.")
    _agrees(found, arguments, 3, "for 10 steps in chunks of 3")


def stream_leaves_arguments(env):
    """The caller's tensors and dictionary are what they were."""
    _, (x, targets, h_0, weights) = _stream(env, 8, 3)
    fresh_x, fresh_h, fresh = wave(8, 2, 3, 4, offset=38)
    after = [x, targets, h_0, *weights.values()]
    same_tensors([fresh_x, normal(8, 2, 4, offset=31), fresh_h, *fresh.values()], after)
    found, arguments = _stream(env, 8, 3)
    _agrees(found, arguments, 3, "for 8 steps in chunks of 3")

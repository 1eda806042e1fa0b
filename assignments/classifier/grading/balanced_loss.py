"""Hidden tests of `balanced_loss`."""

import torch
from checking import call_alone, close, expect
from drawing import generator, normal


def _true_loss(logits, labels, counts):
    weights = counts.sum() / (len(counts) * counts)
    each = -logits.log_softmax(dim=1)[torch.arange(len(labels)), labels]
    return (weights[labels] * each).sum() / len(labels)


def _examples(offset, batch, classes, scale=1.0):
    counts = torch.randint(3, 400, (classes,), generator=generator(offset))
    labels = torch.randint(classes, (batch,), generator=generator(offset + 1))
    return scale * normal(batch, classes, offset=offset), labels, counts


def _loss(env, logits, labels, counts, text):
    found = call_alone(env, "balanced_loss", logits, labels.clone(), counts.clone())
    expect(
        isinstance(found, torch.Tensor) and found.numel() == 1, "The loss must be a single number."
    )
    wanted = _true_loss(logits, labels, counts)
    close(found.reshape(()), wanted, text, tolerance=1e-4 * float(wanted.abs()) + 1e-8)
    return found


def loss_values(env):
    """The definition, for a batch of one too."""
    for offset, (batch, classes) in enumerate([(6, 4), (5, 5), (1, 3), (9, 2)]):
        example = _examples(10 * offset, batch, classes)
        _loss(env, *example, f"The loss is wrong for {classes} classes and a batch of {batch}.")


def loss_mean(env):
    """A batch's loss is the mean of its halves' losses: no class weighs by chance."""
    logits, labels, counts = _examples(60, 8, 4)
    labels[:4], labels[4:] = 0, torch.tensor([1, 2, 3, 1])
    whole = call_alone(env, "balanced_loss", logits, labels, counts)
    halves = [call_alone(env, "balanced_loss", logits[i], labels[i], counts)
              for i in (slice(4), slice(4, 8))]  # fmt: skip
    text = "The loss of a batch is not the mean of the losses of its two halves."
    close(whole.reshape(()), (halves[0] + halves[1]).reshape(()) / 2, text, tolerance=1e-6)
    _loss(env, logits, labels, counts, "The loss is wrong where one class is half of the batch.")


def loss_large(env):
    """Large logits: a finite loss and a finite, right gradient."""
    logits, labels, counts = _examples(70, 6, 4, scale=1e4)
    logits.requires_grad_()
    found = _loss(env, logits, labels, counts, "With logits near 10000 the loss is wrong.")
    expect(found.requires_grad, "No gradient flows through the loss.")
    (gradient,) = torch.autograd.grad(found.sum(), logits)
    (wanted,) = torch.autograd.grad(_true_loss(logits, labels, counts), logits)
    close(gradient, wanted, "With logits near 10000 the gradient is wrong.", tolerance=1e-5)

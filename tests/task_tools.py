"""What the tests of the tasks share: a generator, and the best guess without a memory."""

import torch


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def memoryless_error(inputs, targets):
    """Return the mean squared error of the mean target of each distinct input."""
    _, groups = torch.unique(inputs, dim=0, return_inverse=True)
    total = 0.0
    for group in groups.unique():
        chosen = targets[groups == group]
        total += (chosen - chosen.mean(0)).square().sum(0)
    return total / len(targets)

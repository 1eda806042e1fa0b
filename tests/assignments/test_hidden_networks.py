"""The networks of "Broken or sound?" are as clearly on their side as the question promises."""

import importlib
import sys

import pytest
import torch

from assignments.build import HERE

SOUND, BROKEN = 1e-3, 1e-6  # what the question says of the smallest step against the largest
STEPS, ROWS = 30, 5


@pytest.fixture(scope="module")
def hidden():
    folder = str(HERE / "vanishing" / "private")
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)  # as the notebook does
    sys.path.insert(0, folder)
    try:
        sound, broken = (importlib.import_module(f"hidden_{kind}") for kind in ("sound", "broken"))
        yield sound, broken
    finally:
        sys.path.remove(folder)
        torch.set_default_dtype(before)
        for kind in ("sound", "broken"):
            del sys.modules[f"hidden_{kind}"]


def ratio(model, seed):
    """Return the norm of the gradient at the step where it is smallest, over the largest."""
    generator = torch.Generator().manual_seed(seed)
    x = torch.randn(ROWS, STEPS, 3, generator=generator).requires_grad_()
    answers = model(x)
    v = torch.randn(answers.shape, generator=generator)
    (gradient,) = torch.autograd.grad((answers * v).sum(), x)
    by_step = gradient.norm(dim=(0, 2))
    return float(by_step.min() / by_step.max()) if bool(by_step.isfinite().all()) else 0.0


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(10))
def test_the_gradient_arrives_clearly_or_clearly_not(hidden, seed):
    sound, broken = hidden
    for group, models in {"sound": sound.SOUND, **broken.TWINS}.items():
        found = [ratio(make(100 * seed + k), seed) for k, make in enumerate(models)]
        assert min(found) >= SOUND, (group, found)
    for number, make in enumerate(broken.BROKEN["arrival"]):
        assert ratio(make(100 * seed + number), seed) <= BROKEN, number

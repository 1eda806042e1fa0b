"""Checks of what the recurrence does: whether it reaches back, and whether its steps interact."""

from dataclasses import replace

import torch
from torch import Tensor

from rnn_tutorial.checks._copies import perturbed, seed_all
from rnn_tutorial.checks._gradient_checks import in_double_if_possible
from rnn_tutorial.checks._outcomes import FaultError, SkipError, number
from rnn_tutorial.checks._reading_checks import (
    other_content,
    require_repeatable,
    skips_own_step,
)
from rnn_tutorial.checks._subject import Subject
from rnn_tutorial.checks._trees import leaves

LAG = 8  # how many steps the fading of a change is measured over
FADES = 0.12  # what is left of a change after a step; a sigmoid in place of tanh keeps 0.13


def _final(subject: Subject, module, data, x: Tensor) -> Tensor:
    """Return the answers, those of the last real step if there is one for each step."""
    seed_all(0)
    asked = replace(data, x=x)
    with torch.no_grad():
        answers = subject.canonical(subject.output(module, asked), asked)
    if data.per_step:
        answers = answers[torch.arange(len(x), device=x.device), data.ends()]
    return answers.double()


def memory(subject: Subject) -> str:
    """Change single inputs; see how much of that arrives at the end, by how long ago it was."""
    module, data, double = in_double_if_possible(subject, subject.data)
    require_repeatable(subject)
    reach = data.reach()
    longest = int(reach.max())
    if longest < 2:
        raise SkipError("no sequence has three steps")
    rows = torch.arange(data.rows, device=data.x.device)
    data = data.pick(rows[reach >= min(longest, 3)])
    effect, size = _effects(subject, module, data, sorted({0, 1, 2, 4, LAG, longest}))
    resolution = 1e-14 if double else 1e-6
    level = resolution * size
    if max(effect.values()) <= level:
        raise FaultError("M-constant", "no change of one input moves the answer")
    if effect[0] <= level and _reads_no_end(subject, module, data, level):
        raise FaultError("M-last-step", "the last input of a sequence does not move the answer")
    if effect[1] <= level and effect[0] > level and effect.get(2, 0.0) <= level:
        raise FaultError("M-short-memory", "only the last input of a sequence moves the answer")
    nearest = max(effect[0], effect[1], level)
    lag = max(lag for lag in effect if lag <= LAG)
    kept = (max(effect[lag], level) / nearest) ** (1 / lag)
    left = f"less than {number(level / nearest)}"
    if effect[lag] > level:
        left = number(effect[lag] / nearest)
    arrives = f"a change {lag} steps before the end arrives with {left}"
    said = f"{arrives} of the size of a change at the end, a factor of {number(kept)} a step"
    if kept < FADES:
        raise FaultError("M-short-memory", said)
    first = effect.get(longest, 1.0)
    if first == 0 and (min(kept, 1.0) ** longest) > 1e3 * resolution:
        raise FaultError("M-short-memory", f"{arrives}, and one of the first input not at all")
    return said


def _reads_no_end(subject: Subject, module, data, level: float) -> bool:
    """Say whether the last input counts for nothing with fewer steps too.

    A convolution with a stride, in front, leaves steps over at some widths.
    """
    if data.per_step:
        return not skips_own_step(subject)
    for fewer in range(1, min(4, data.steps - 2)):
        width = data.steps - fewer
        lengths = None if data.lengths is None else data.lengths.clamp(max=width)
        start = fewer if data.front else 0
        short = data.window(start, start + width, lengths)
        try:
            effect, _ = _effects(subject, module, short, [0])
        except Exception:
            continue
        if effect[0] > level:
            return False
    return True


def _effects(subject: Subject, module, data, lags) -> tuple[dict[int, float], float]:
    """Return how far the answers move if the input so many steps before the end changes.

    Lags that no sequence reaches are left out. The second result is the size of the answers.
    """
    ends, reach, other = data.ends(), data.reach(), other_content(data)
    reference = _final(subject, module, data, data.x)
    effects = {}
    for lag in lags:
        near = reach >= lag
        if not bool(near.any()):
            continue
        x = data.x.clone()
        index = torch.arange(len(x), device=x.device)[near]
        x[index, ends[near] - lag] = other[index, ends[near] - lag]
        difference = (_final(subject, module, data, x) - reference)[near]
        effects[lag] = float(difference.square().mean().sqrt())
    return effects, float(reference.abs().max())


def interplay(subject: Subject) -> str:
    """Change two inputs, alone and together: if the steps add up, so do the changes of logits."""
    data = subject.data
    longest = int(data.reach().max())
    if longest < 1:
        raise SkipError("no sequence has two steps")
    require_repeatable(subject)
    moved = subject.on(probe=perturbed(subject.model))
    module, data, double = in_double_if_possible(moved, data)
    rows = torch.arange(data.rows, device=data.x.device)
    data = data.pick(rows[data.reach() >= min(2, longest)])
    shares = _interactions(subject, module, data, 1e-9 if double else 1e-3)
    if not shares:
        raise SkipError("one of two inputs moves the answer too little to tell")
    share = max(shares)
    if share < (1e-8 if double else 1e-4):
        raise FaultError(
            "M-no-nonlinearity",
            "two inputs changed together move the answers by the sum of what each moves alone",
        )
    return f"what one input does depends on another, by {number(share)}"


def _interactions(subject: Subject, module, data, resolution: float) -> list[float]:
    """Return for pairs of inputs what both change beyond the sum, relative to what one changes."""
    ends, other = data.ends(), other_content(data)
    index = torch.arange(len(data.x), device=data.x.device)

    def changed(*lags: int) -> Tensor:
        x = data.x.clone()
        for lag in lags:
            x[index, ends - lag] = other[index, ends - lag]
        answers = _final(subject, module, data, x)
        # log_softmax subtracts the same number from all logits of a sequence: not an interplay
        return answers - answers.mean(-1, keepdim=True) if answers.shape[-1] > 1 else answers

    nothing, shares = changed(), []
    level = resolution * float(nothing.abs().max() + 1e-12)
    for one, two in ((0, 1), (1, 2), (0, 2)):
        if int(data.reach().max()) < two:
            continue
        alone = changed(one), changed(two)
        single = min(float((answers - nothing).abs().max()) for answers in alone)
        mixed = float((changed(one, two) - alone[0] - alone[1] + nothing).abs().max())
        if single > level:
            shares.append(mixed / single)
    return shares


def dropout(subject: Subject) -> str:
    """Switch on each dropout that a layer declares, one at a time; training must be random."""
    data = subject.data
    declared = list(_declared(subject.fresh()))
    if not declared:
        raise SkipError("no layer declares a dropout")
    silent, unseen = [], []
    for name, attribute, rate in declared:
        module = subject.fresh(training=True)
        layers = dict(module.named_modules())
        for other, its, _ in declared:
            setattr(layers[other], its, 0.0)
        setattr(layers[name], attribute, rate)
        inside, above = _recorded(layers[name]), _recorded(layers[name.rpartition(".")[0]])
        seen = []
        for seed in (1, 2, 3):
            seed_all(seed)
            with torch.no_grad():
                seen.append(subject.canonical(subject.output(module, data), data))
        if _vary(seen):
            continue
        elsewhere = not above or (subject.shows_a_part and _vary(inside))
        (unseen if elsewhere else silent).append(f"{name or 'the model'} ({rate:g})")
    if silent:
        raise FaultError(
            "M-dropout-alone",
            f"in training mode the answers are not random with the dropout of {', '.join(silent)}",
        )
    if len(unseen) == len(declared):
        raise SkipError(f"{', '.join(unseen)}: not part of these answers")
    return f"{len(declared) - len(unseen)} declared dropout rates act in training mode only"


def _recorded(layer) -> list:
    """Keep what a layer returns, whenever it is called from now on."""
    seen: list = []
    layer.register_forward_hook(lambda module, inputs, output: seen.append(output))
    return seen


def _vary(outputs: list) -> bool:
    """Say whether several outputs differ."""
    tensors = [next(iter(leaves(output)), None) for output in outputs]
    known = [tensor for tensor in tensors if isinstance(tensor, Tensor)]
    return any(not torch.equal(known[0], tensor) for tensor in known[1:])


def _declared(module):
    """Find layers without children that have a dropout rate above zero."""
    for name, layer in module.named_modules():
        if any(True for _ in layer.children()):
            continue
        for attribute in ("p", "dropout"):
            rate = vars(layer).get(attribute)
            if isinstance(rate, float) and 0 < rate <= 1:
                yield name, attribute, rate

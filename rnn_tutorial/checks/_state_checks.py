"""Checks of what the recurrence does: whether it reaches back, and its steps interact."""

import torch
from torch import Tensor

from rnn_tutorial.checks._copies import seed_all, shaken
from rnn_tutorial.checks._gradient_checks import precise
from rnn_tutorial.checks._outcomes import FaultError, SkipError, number
from rnn_tutorial.checks._reading_checks import _still, other_content
from rnn_tutorial.checks._subject import Subject

LAG = 8  # over so many steps the fading of a change is measured
FADES = 0.2  # what is left of a change after a step; correct models measured kept .28 and more


def _final(subject: Subject, module, data, x: Tensor) -> Tensor:
    """Answer, at the last real step if there is an answer for each."""
    seed_all(0)
    with torch.no_grad():
        raw, _ = subject.call(module, x, data.lengths)
    answers = subject.canonical(raw, data, rows=len(x), steps=x.shape[1])
    if data.per_step:
        answers = answers[torch.arange(len(x), device=x.device), data.ends()]
    return answers.double()


def memory(subject: Subject) -> str:
    """Change single inputs; see how much of it arrives at the end, by how long ago it was."""
    module, data, double = precise(subject, subject.data)
    _still(subject)
    rows = torch.arange(data.rows, device=data.x.device)
    ends = data.ends()
    longest = int(ends.max())
    if longest < 2:
        raise SkipError("no sequence has three steps")
    rows = rows[ends >= min(longest, 3)]
    data = data.pick(rows)
    ends = data.ends()
    reference, other = _final(subject, module, data, data.x), other_content(data)
    resolution = 1e-14 if double else 1e-6
    level = resolution * float(reference.abs().max())
    effect = {}
    for lag in sorted({0, 1, 2, 4, LAG, longest}):
        near = ends >= lag
        if not bool(near.any()):
            continue
        x = data.x.clone()
        index = torch.arange(len(x), device=x.device)[near]
        x[index, ends[near] - lag] = other[index, ends[near] - lag]
        difference = (_final(subject, module, data, x) - reference)[near]
        effect[lag] = float(difference.square().mean().sqrt())
    if max(effect.values()) <= level:
        raise FaultError("M-last-step", "no change of one input moves the answer")
    if effect[0] <= level:
        raise FaultError("M-last-step", "the last input of a sequence does not move the answer")
    lag = max(lag for lag in effect if lag <= LAG)
    if effect[1] <= level:
        raise FaultError("M-short-memory", "only the last input of a sequence moves the answer")
    kept = (max(effect[lag], level) / effect[0]) ** (1 / lag)
    left = f"less than {number(level / effect[0])}"
    if effect[lag] > level:
        left = number(effect[lag] / effect[0])
    said = f"a change {lag} steps before the end arrives with {left}"
    if kept < FADES:
        raise FaultError(
            "M-short-memory",
            f"{said} of the size of a change at the end, a factor of {number(kept)} a step",
        )
    first = effect.get(longest, 1.0)
    if first == 0 and (min(kept, 1.0) ** longest) > 1e3 * resolution:
        raise FaultError("M-short-memory", f"{said}, and one of the first input not at all")
    return f"{said} of the size of a change at the end, a factor of {number(kept)} a step"


def interplay(subject: Subject) -> str:
    """Change two inputs, alone and together: if the steps add up, the changes of logits do too."""
    probe = subject.probe
    data = subject.data
    if int(data.ends().max()) < 1:
        raise SkipError("no sequence has two steps")
    _still(subject)

    subject.probe = shaken(subject.model)
    try:
        module, data, double = precise(subject, data)
    finally:
        subject.probe = probe
    rows = torch.arange(data.rows, device=data.x.device)[
        data.ends() >= min(2, int(data.ends().max()))
    ]
    data = data.pick(rows)
    ends, other = data.ends(), other_content(data)
    index = torch.arange(len(data.x), device=data.x.device)

    def changed(*lags: int) -> Tensor:
        x = data.x.clone()
        for lag in lags:
            x[index, ends - lag] = other[index, ends - lag]
        answers = _final(subject, module, data, x)
        # log_softmax takes the same number from all logits of a sequence; that is no interplay
        return answers - answers.mean(-1, keepdim=True) if answers.shape[-1] > 1 else answers

    nothing, shares = changed(), []
    level = (1e-9 if double else 1e-3) * float(nothing.abs().max() + 1e-12)
    for one, two in ((0, 1), (1, 2), (0, 2)):
        if int(ends.max()) < two:
            continue
        alone = changed(one), changed(two)
        single = min(float((answers - nothing).abs().max()) for answers in alone)
        mixed = float((changed(one, two) - alone[0] - alone[1] + nothing).abs().max())
        if single > level:
            shares.append(mixed / single)
    if not shares:
        raise SkipError("one of two inputs moves the answer too little to tell")
    share = max(shares)
    if share < (1e-8 if double else 1e-4):
        raise FaultError(
            "M-no-nonlinearity",
            "two inputs changed together move the answers by the sum of what each moves alone",
        )
    return f"what one input does depends on another, by {number(share)}"


def dropout(subject: Subject) -> str:
    """Switch on, one at a time, each dropout that a layer declares; training has to be random."""
    data = subject.data
    declared = list(_declared(subject.fresh()))
    if not declared:
        raise SkipError("no layer declares a dropout")
    silent = []
    for name, attribute, rate in declared:
        module = subject.fresh(training=True)
        layers = dict(module.named_modules())
        for other, its, _ in declared:
            setattr(layers[other], its, 0.0)
        setattr(layers[name], attribute, rate)
        seen = []
        for seed in (1, 2, 3):
            seed_all(seed)
            with torch.no_grad():
                raw, _ = subject.call(module, data.x, data.lengths)
            seen.append(subject.canonical(raw, data))
        random = any(not torch.equal(seen[0], answers) for answers in seen[1:])
        if not random:
            silent.append(f"{name or 'the model'} ({rate:g})")
    if silent:
        raise FaultError(
            "M-dropout-alone",
            f"in training mode the answers are not random with the dropout of {', '.join(silent)}",
        )
    return f"{len(declared)} declared dropout rates act in training mode, and there only"


def _declared(module):
    """Find layers without parts of their own that hold a rate of dropout above zero."""
    for name, layer in module.named_modules():
        if any(True for _ in layer.children()):
            continue
        for attribute in ("p", "dropout"):
            rate = vars(layer).get(attribute)
            if isinstance(rate, float) and 0 < rate <= 1:
                yield name, attribute, rate

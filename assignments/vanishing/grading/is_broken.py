"""Hidden tests of `is_broken`."""

import torch
from checking import call, expect
from drawing import normal
from hidden_broken import BROKEN, TWINS
from hidden_sound import FEATURES, SOUND
from secret import SEED


def _batch():
    return normal(5, 30, FEATURES)


def _made(make, number):
    with torch.random.fork_rng(devices=[]):
        return make(SEED + number)


def _verdict(env, model, x):
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(SEED)
        found = call(env, "is_broken", model, x, seconds=20.0)
    expect(found is not None and found is not ..., "`is_broken` must return True or False.")
    return bool(found)


def _group(env, name):
    x = _batch()
    accused = sum(
        _verdict(env, _made(make, number), x.clone()) for number, make in enumerate(TWINS[name])
    )
    expect(accused == 0, f"{accused} of {len(TWINS[name])} sound models were accused.")
    passed = sum(
        not _verdict(env, _made(make, number), x.clone())
        for number, make in enumerate(BROKEN[name])
    )
    expect(passed == 0, f"{passed} of {len(BROKEN[name])} broken models passed.")


def broken_arrival(env):
    """Gradients that are too small or too large for some step."""
    _group(env, "arrival")


def broken_truth(env):
    """Gradients that are not the derivative."""
    _group(env, "truth")


def broken_learning(env):
    """Parameters that learn nothing."""
    _group(env, "learning")


def broken_rows(env):
    """Answers that depend on more than their row."""
    _group(env, "rows")


def sound_models(env):
    """No false alarm, by a check that finds at least what is plain."""
    x = _batch()
    plain = [BROKEN[name][0] for name in ("arrival", "learning")]
    found = all(_verdict(env, _made(make, number), x.clone()) for number, make in enumerate(plain))
    expect(found, "Counts only if the check finds two plain faults.")
    accused = sum(
        _verdict(env, _made(make, 100 + number), x.clone()) for number, make in enumerate(SOUND)
    )
    expect(accused == 0, f"{accused} of {len(SOUND)} sound models were accused.")


def _state(model):
    parts = {name: value.clone() for name, value in model.state_dict().items()}
    gradients = {name: p.grad for name, p in model.named_parameters()}
    modes = [module.training for module in model.modules()]
    needs = [parameter.requires_grad for parameter in model.parameters()]
    return parts, {n: None if g is None else g.clone() for n, g in gradients.items()}, modes, needs


def models_unchanged(env):
    """Neither the model nor the batch is changed."""
    cases = [
        (TWINS["rows"][0], False),
        (SOUND[0], False),
        (BROKEN["learning"][0], True),
        (BROKEN["rows"][4], True),
    ]
    for number, (make, broken) in enumerate(cases):
        model, x = _made(make, number), _batch()
        first = next(model.parameters())
        first.grad = torch.ones_like(first)
        before = _state(model)
        verdict = _verdict(env, model, x)
        after = _state(model)
        for old, new in zip(before[:2], after[:2], strict=True):
            same = all(
                (old[name] is None) == (new[name] is None)
                and (old[name] is None or torch.equal(old[name], new[name]))
                for name in old
            )
            expect(same, "A parameter, a buffer or a `.grad` is not what it was.")
        expect(before[2:] == after[2:], "The mode or `requires_grad` is not what it was.")
        expect(torch.equal(x, _batch()), "The batch is not what it was.")
        expect(verdict is broken, "Counts only if the verdict is right.")

"""Hidden tests of `fit`."""

import json
from pathlib import Path

import torch
from checking import (
    at_least,
    at_most,
    call_alone,
    close,
    expect,
    guarded,
    need,
    time_limit,
)

FIT_SECONDS = 60.0  # twice what the assignment allows: a grader's machine may be busy


BELOW = 0.02  # bits that chance can give to a model without a leak, with room


_fitted: dict[int, tuple] = {}  # training is repeated only for another `fit`


def _fit(env, text):
    probabilities = call_alone(env, "fit", text, seconds=FIT_SECONDS)
    expect(callable(probabilities), "`fit` must return a function.")
    return probabilities


def _ask(probabilities, text, symbols):
    with time_limit(20.0, "fit(text)(new_text)"):
        found = guarded("fit(text)(new_text)", probabilities, text)
    expect(isinstance(found, torch.Tensor), "The probabilities must be a tensor.")
    wanted = (len(text) + 1, symbols)
    expect(
        tuple(found.shape) == wanted,
        f"The shape is {tuple(found.shape)} where it must be {wanted}.",
    )
    found = found.detach().double()
    proper = bool(found.isfinite().all()) and bool((found >= 0).all())
    sums = found.sum(dim=1)
    proper = proper and torch.allclose(sums, torch.ones_like(sums), rtol=0, atol=1e-4)
    expect(proper, "A row is no distribution: its numbers must be at least 0 and add up to 1.")
    return found


def _files():
    folder = Path(__file__).parents[1]
    return (folder / "text.txt").read_text(), json.loads((folder / "held_out.json").read_text())


def _bits_of(found, text, symbols):
    """Return the bits per character without the first, from probabilities."""
    ids = torch.tensor([symbols.index(symbol) for symbol in text])
    chosen = found[:-1].gather(1, ids[:, None])[1:, 0]
    return float(-chosen.clamp(min=1e-12).log2().mean())


def _trained(env):
    """Return the trained function and its bits above those of the source, made once."""
    function = need(env, "fit")
    if id(function) not in _fitted:
        known, held_out = _files()
        symbols, text = sorted(set(known)), held_out["text"]
        probabilities = _fit(env, known)
        above = _bits_of(_ask(probabilities, text, len(symbols)), text, symbols)
        above -= sum(held_out["bits"]) / (len(text) - 1)
        _fitted[id(function)] = function, probabilities, above
    _, probabilities, above = _fitted[id(function)]
    return probabilities, above


def _above(env, bound):
    _, above = _trained(env)
    at_least(
        above,
        -BELOW,
        f"The model needs {-above:.2f} bits per character less than the source itself: its rows "
        "know what they are to predict.",
    )
    at_most(
        above,
        bound,
        f"The model needs {above:.2f} bits per character more than the source, "
        f"at most {bound:.2f} are allowed.",
    )


def fit_causal(env):
    """Rows are distributions, and depend on the past alone."""
    probabilities, above = _trained(env)
    expect(above <= 0.9, "This counts only if the network was trained.")
    known, held_out = _files()
    symbols, text = sorted(set(known)), held_out["text"][:200]
    expect(len(_ask(probabilities, "", len(symbols))) == 1, "An empty text has one row.")
    whole = _ask(probabilities, text, len(symbols))
    changed = text[:100] + text[100:][::-1]
    other = _ask(probabilities, changed, len(symbols))
    close(other[:101], whole[:101], "A row changes with symbols that come after it.", 1e-4)
    short = _ask(probabilities, text[:60], len(symbols))
    close(short, whole[:61], "A row changes with the length of the text that follows it.", 1e-4)
    moved = _ask(probabilities, text[:50], len(symbols))
    close(moved, whole[:51], "A second call gives other probabilities.", 1e-4)


def fit_pairs(env):
    """What counts of pairs reach."""
    _above(env, 0.50)


def fit_mode(env):
    """More than any count of groups reaches."""
    _above(env, 0.10)


def fit_other(env):
    """A shorter text with other symbols, of which one is a capital."""
    known, held_out = _files()
    symbols = sorted(set(known))
    names = dict(zip(symbols, "Zyxwvutsrqp", strict=True))
    text = "".join(names[symbol] for symbol in held_out["text"][:2000])
    probabilities = _fit(env, "".join(names[symbol] for symbol in known[:20_000]))
    other = sorted(names.values())
    bits = _bits_of(_ask(probabilities, text, len(other)), text, other)
    above = bits - sum(held_out["bits"][:2000]) / 1999
    text = f"On a text with other symbols it needs {bits:.2f} bits: too"
    at_least(above, -BELOW, f"{text} few.")
    at_most(above, 0.7, f"{text} many.")

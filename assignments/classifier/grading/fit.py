"""Hidden tests of `fit`."""

import csv
from pathlib import Path

from checking import at_least, at_most, call_alone, expect, guarded, need, time_limit

FIT_SECONDS = 60.0  # twice what the assignment allows: a grader's machine may be busy


_fitted: dict[int, tuple] = {}  # training is repeated only for another `fit`


def _read(name):
    with (Path(__file__).parents[1] / name).open(newline="") as file:
        return list(csv.DictReader(file))


def _fit(env, names, languages):
    predict = call_alone(env, "fit", list(names), list(languages), seconds=FIT_SECONDS)
    expect(callable(predict), "`fit` must return a function.")
    return predict


def _ask(predict, names):
    with time_limit(20.0, "fit(names, languages)(new_names)"):
        answers = guarded("fit(names, languages)(new_names)", predict, list(names))
    try:
        answers = [str(answer) for answer in answers]
    except TypeError:
        expect(False, "The function that `fit` returns must return a list of languages.")
    expect(
        len(answers) == len(names), f"{len(names)} names were asked for, {len(answers)} answered."
    )
    return answers


def _trained(env):
    """Return the trained function and its answers to the held-out names, made once."""
    function = need(env, "fit")
    if id(function) not in _fitted:
        known, held_out = _read("names.csv"), _read("held_out.csv")
        names, languages = [r["name"] for r in known], [r["language"] for r in known]
        predict = _fit(env, names, languages)
        answers = _ask(predict, [row["name"] for row in held_out])
        _fitted[id(function)] = function, predict, _recall(held_out, answers)
    _, predict, recall = _fitted[id(function)]
    return predict, recall


def _recall(rows, answers):
    """Return the mean over languages of the share that was answered rightly."""
    right: dict[str, list[bool]] = {}
    for row, answer in zip(rows, answers, strict=True):
        right.setdefault(row["language"], []).append(row["language"] == answer)
    return sum(sum(each) / len(each) for each in right.values()) / len(right)


def _reaches(env, bound):
    _, recall = _trained(env)
    at_least(
        recall,
        bound,
        f"The macro recall on the grader's names is {recall:.2f}, it must be {bound:.2f}.",
    )


def fit_letters(env):
    """More than counts of letters reach."""
    _reaches(env, 0.42)


def fit_groups(env):
    """What groups of letters reach."""
    _reaches(env, 0.65)


def fit_recall(env):
    """More than groups of letters reach."""
    _reaches(env, 0.84)


def fit_alone(env):
    """A name's answer is the same alone, in company, in another order and a second time."""
    predict, recall = _trained(env)
    expect(recall >= 0.3, "This counts only if the answers are better than a guess.")
    names = [row["name"] for row in _read("held_out.csv")[:60]]
    together = _ask(predict, names)
    alone = [_ask(predict, [name])[0] for name in names]
    longest = max(names, key=len)
    company = [_ask(predict, [name, longest * 2])[0] for name in names]
    turned = _ask(predict, names[::-1])[::-1]
    cases = {"alone": alone, "beside a long name": company, "in another order": turned}
    cases["a second time"] = _ask(predict, names)
    for what, answers in cases.items():
        changed = sum(one != other for one, other in zip(together, answers, strict=True))
        # two languages can be as good as equal: rounding may then decide for one name
        at_most(changed, 1, f"{changed} of {len(names)} answers are others when asked {what}.")


def fit_other(env):
    """New symbols in names, other names for languages, and fewer languages."""
    predict, recall = _trained(env)
    expect(recall >= 0.3, "This counts only if the answers are better than a guess.")
    known, held_out = _read("names.csv"), _read("held_out.csv")
    languages = sorted({row["language"] for row in known})
    found = _ask(predict, ["ß" + row["name"] for row in held_out[:20]] + ["ßß"])
    expect(set(found) <= set(languages), "An answer is none of the languages.")
    # the three largest languages, with new names in another order, and fewer rows
    counts = {name: sum(row["language"] == name for row in known) for name in languages}
    largest = sorted(counts, key=counts.get)[-3:]
    renamed = {name: f"language {3 - i}" for i, name in enumerate(largest)}
    known = [row for row in known if row["language"] in renamed][:1200]
    held_out = [
        {**row, "language": renamed[row["language"]]}
        for row in held_out
        if row["language"] in renamed
    ]
    predict = _fit(env, [r["name"] for r in known], [renamed[r["language"]] for r in known])
    recall = _recall(held_out, _ask(predict, [row["name"] for row in held_out]))
    at_least(recall, 0.7, f"Trained on three languages, the macro recall is {recall:.2f}.")

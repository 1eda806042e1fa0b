import math
import sys

import numpy as np
import pandas as pd
import pytest
from faker.providers.person.fi_FI import Provider as FinnishNames
from faker.providers.person.fr_BE import Provider as BelgianNames
from faker.providers.person.nl_NL import Provider as DutchNames

from rnn_tutorial.data import (
    SURNAME_COUNTS,
    LabeledTexts,
    clean,
    deduplicate,
    name_lists,
    split,
)


@pytest.fixture(scope="module")
def surnames():
    return name_lists.surnames()


def test_surnames_have_the_counts_that_the_book_states(surnames):
    assert len(surnames) == 16_540
    assert len(surnames.classes) == 14
    assert surnames.counts() == SURNAME_COUNTS
    assert sum(surnames.counts().values()) == 16_540
    assert len(set("".join(surnames.texts))) == 114
    assert len(set(surnames.texts)) == 16_540, "a name stands in one list only"


def test_surnames_carry_the_language_of_their_list(surnames):
    label_of = dict(zip(surnames.texts, surnames.labels, strict=True))
    assert surnames.classes[label_of["Korhonen"]] == "Finnish"
    assert surnames.classes[label_of["Ó Súilleabháin"]] == "Irish"
    shared = set(DutchNames.last_names) & set(BelgianNames.last_names)
    assert shared
    assert not shared & set(label_of), "a name of two lists has no right answer"


def test_other_lists_than_those_of_the_pinned_release_are_refused(monkeypatch):
    monkeypatch.setattr(FinnishNames, "last_names", list(FinnishNames.last_names)[1:])
    with pytest.raises(RuntimeError, match=r"Finnish: 370 instead of 371.*Faker==40\.54\.0"):
        name_lists.surnames()


def test_missing_faker_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "faker.providers.person.hr_HR", None)
    with pytest.raises(ImportError, match=r"pip install Faker==40\.54\.0"):
        name_lists.surnames()


def test_the_stated_release_is_the_pinned_one(root):
    assert f"Faker=={name_lists.FAKER_VERSION}" in (root / "requirements.txt").read_text()
    assert f"Faker=={name_lists.FAKER_VERSION}" in (root / "pyproject.toml").read_text()


def test_deduplicate_keeps_the_first_and_drops_contradictions():
    data = LabeledTexts(
        ("Ärnst", "A\u0308rnst", "ÄRNST", "De Vos", "de  vos", "Vos"),
        (0, 0, 0, 0, 1, 1),
        ("German", "Dutch"),
    )
    kept = deduplicate(data)
    assert kept.texts == ("Ärnst", "Vos")
    assert kept.labels == (0, 1)


@pytest.mark.parametrize("seed", [0, 1, 17])
def test_split_is_disjoint_complete_and_stratified(surnames, seed):
    parts = split(surnames, seed=seed)
    keys = [{clean(text).lower() for text in part.texts} for part in parts]
    assert sum(map(len, keys)) == len(set().union(*keys)), "no name stands in two parts"
    unique = deduplicate(surnames)
    assert sorted(t for part in parts for t in part.texts) == sorted(unique.texts)
    for part, share in zip(parts, (0.7, 0.1, 0.2), strict=True):
        assert len(part) == pytest.approx(share * len(unique), abs=2)
        for name, count in part.counts().items():
            assert count == pytest.approx(share * unique.counts()[name], abs=2)


def test_split_depends_on_its_seed_only(surnames):
    assert split(surnames, seed=3) == split(surnames, seed=3)
    assert split(surnames) == split(surnames, seed=0)
    for one, other in zip(split(surnames, seed=3), split(surnames, seed=4), strict=True):
        assert set(one.texts) != set(other.texts)


def test_surnames_stand_in_order(surnames):
    for name in surnames.classes:
        texts = list(surnames.without(*set(surnames.classes) - {name}).texts)
        assert texts == sorted(texts)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"test": 0}, "test must be a share between 0 and 1, got 0"),
        ({"test": 0.5, "validation": 0.5}, "must leave a share for training"),
        ({"seed": -1}, "seed must be at least 0, got -1"),
    ],
)
def test_split_refuses_shares_that_leave_a_part_empty(surnames, options, message):
    with pytest.raises(ValueError, match=message):
        split(surnames, **options)


def test_split_refuses_a_class_that_cannot_stand_in_each_part():
    data = LabeledTexts((*"abcdefgh", "xx", "yy"), (0,) * 8 + (1, 1), ("common", "rare"))
    with pytest.raises(ValueError, match=r"too few of rare \(2\); collect more"):
        split(data)
    with pytest.raises(ValueError, match="data cannot be split"):
        split(LabeledTexts(tuple("abcdefgh"), (0, 1) * 4, ("even", "odd")), test=0.1)
    texts = tuple(f"text {number}" for number in range(104))
    data = LabeledTexts(texts, (0,) * 100 + (1,) * 4, ("common", "rare"))
    with pytest.raises(ValueError, match="more texts of rare: none would be in validation"):
        split(data)
    with pytest.raises(ValueError, match="at least one text, got none"):
        split(LabeledTexts((), (), ("common",)))
    with pytest.raises(TypeError, match="data must be LabeledTexts, got list"):
        split(["a", "b"])


def test_labeled_texts_check_themselves():
    with pytest.raises(ValueError, match="same length, got 2 and 1"):
        LabeledTexts(("a", "b"), (0,), ("x",))
    with pytest.raises(ValueError, match="indices from 0 to 0 or names of classes, got 1 at"):
        LabeledTexts(("a",), (1,), ("x",))
    with pytest.raises(ValueError, match="distinct"):
        LabeledTexts(("a",), (0,), ("x", "x"))


def test_unknown_class_names_are_named(surnames):
    assert surnames.label("Zulu") == surnames.classes.index("Zulu")
    with pytest.raises(ValueError, match=r"one of Croatian, Dutch.*got 'Klingon'"):
        surnames.label("Klingon")
    with pytest.raises(ValueError, match="got 'Klingon'"):
        surnames.without("Irish", "Klingon")


def test_without_leaves_a_class_out_and_keeps_the_labels(surnames):
    rest = surnames.without("Irish")
    assert len(rest) == 16_540 - 2_377
    assert rest.counts()["Irish"] == 0
    assert rest.classes == surnames.classes


def test_labels_may_be_names_and_columns():
    data = LabeledTexts(["a", "b", "c"], ["neg", "pos", "neg"])
    assert data == LabeledTexts(("a", "b", "c"), (0, 1, 0), ("neg", "pos"))
    other = LabeledTexts(["a"], np.array(["pos"]), ["pos", "neg"])
    assert (other.labels, other.classes) == ((0,), ("pos", "neg"))
    with pytest.raises(ValueError, match="among the classes pos, neg, got 'Pos' at position 1"):
        LabeledTexts(["a", "b"], ["pos", "Pos"], ["pos", "neg"])
    with pytest.raises(ValueError, match="got nan at position 1"):
        LabeledTexts(["a", "b"], [0, math.nan], ["pos", "neg"])
    with pytest.raises(TypeError, match="classes must be given, unless all labels are str"):
        LabeledTexts(["a", "b"], ["pos", math.nan])
    with pytest.raises(TypeError, match=r"got nan \(float\) at position 1; read_texts"):
        LabeledTexts(["a", math.nan], [0, 0], ["pos"])
    with pytest.raises(TypeError, match="texts must be several, got the str 'ab'"):
        LabeledTexts("ab", [0, 0], ["pos"])


def test_columns_of_a_filtered_frame_are_texts_and_labels():
    frame = pd.DataFrame(
        {"text": [f"text {n}" for n in range(80)], "label": ["x", "y", "z", "x"] * 20}
    )
    frame = frame[frame["label"] != "z"]
    codes, classes = pd.factorize(frame["label"])
    for data in (
        LabeledTexts(frame["text"], frame["label"]),
        LabeledTexts(frame["text"], codes, classes),
        LabeledTexts(frame["text"], pd.Categorical(frame["label"])),
    ):
        assert data.label("y") == 1
        assert sum(map(len, split(data, validation=0.2))) == len(data) == 60
        assert data.select([0, 59]).texts == ("text 0", "text 79")


def test_split_says_what_it_leaves_out():
    texts = [f"text {n}" for n in range(60)] + ["Text 3", "  text\u200b 4", "text 5", " ", "\ufeff"]
    labels = [0, 1] * 30 + [1, 0, 0, 0, 1]
    parts = split(LabeledTexts(texts, labels, ("even", "odd")), validation=0.2)
    assert parts.dropped.blank == (63, 64)
    assert parts.dropped.repeated == (60, 61)
    assert parts.dropped.contradictory == (5, 62)
    assert str(parts) == (
        "train 35, validation 12, test 12\nleft out: 2 blank, 2 repeated, 2 contradictory"
    )
    train, validation, test = parts
    assert len(train) + len(validation) + len(test) + sum(map(len, parts.dropped)) == 65


def test_a_class_that_vanishes_is_named():
    texts = [f"text {n}" for n in range(60)] + ["text 1", "text 2"]
    labels = [0] * 60 + [1, 1]
    with pytest.raises(ValueError, match=r"too few of rare \(0\)"):
        split(LabeledTexts(texts, labels, ("common", "rare")))

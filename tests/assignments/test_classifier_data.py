"""What public names and counts of letters reach in the assignment on names, and what a network."""

import csv
import math
import runpy
from collections import Counter

import jupytext
import pytest
import torch
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import MultinomialNB
from sklearn.pipeline import make_pipeline

from assignments.build import HERE
from assignments.notebooks import defines
from rnn_tutorial.data import surnames

FOLDER = HERE / "classifier"
LETTERS, GROUPS, NETWORK = 0.42, 0.65, 0.84  # the bounds of question 7
SEEDS = [1, *(pytest.param(seed, marks=pytest.mark.slow) for seed in (2, 3))]


@pytest.fixture(scope="module")
def world():
    return runpy.run_path(str(FOLDER / "data.py"))["World"]


def _recall(held_out, answers):
    """Return the macro recall, which is the accuracy: all languages have as many names."""
    right = [answer == wanted for (_, wanted), answer in zip(held_out, answers, strict=True)]
    return sum(right) / len(right)


def _groups(longest, classifier):
    return make_pipeline(CountVectorizer(analyzer="char_wb", ngram_range=(1, longest)), classifier)


def test_bounds_are_those_of_the_assignment():
    text = (FOLDER / "grading" / "fit.py").read_text()
    for bound in (LETTERS, GROUPS, NETWORK):
        assert f"_reaches(env, {bound:.2f})" in text
        assert f"{bound:.2f}".lstrip("0") in (FOLDER / "master.md").read_text()


def test_data_are_written_for_students_and_for_the_grader(tmp_path):
    student, grader = tmp_path / "student", tmp_path / "grader"
    student.mkdir()
    grader.mkdir()
    runpy.run_path(str(FOLDER / "data.py"))["write"](student, grader, FOLDER / "private")
    (known,), (held_out,) = student.iterdir(), grader.iterdir()
    known, held_out = (
        list(csv.DictReader(file.read_text().splitlines())) for file in (known, held_out)
    )
    assert {row["language"] for row in known} == {row["language"] for row in held_out}
    assert not {row["name"] for row in known} & {row["name"] for row in held_out}
    assert set(Counter(row["language"] for row in held_out).values()) == {150}
    languages = {}
    for row in known:
        assert languages.setdefault(row["family"], row["language"]) == row["language"]


@pytest.mark.parametrize("seed", SEEDS)
def test_public_names_do_not_answer_it(world, seed):
    known, held_out = world(seed).names()
    public = surnames()
    names = [name.lower() for name in public.texts]
    listed = set(names)
    assert sum(name in listed for name, _ in held_out) < 0.01 * len(held_out)

    # letters as they stand, and letters exchanged by how often they occur
    ours = [letter for letter, _ in Counter("".join(n for n, _, _ in known)).most_common()]
    theirs = [letter for letter, _ in Counter("".join(names)).most_common()]
    exchanged = str.maketrans(dict(zip(ours, theirs, strict=False)))
    reader = _groups(4, MultinomialNB()).fit(names, public.labels)
    weight = Counter(language for _, language, _ in known)
    for table in ({}, exchanged):
        # the best that each public language can stand for, judged by the students' names
        votes: dict[int, Counter] = {}
        guesses = reader.predict([name.translate(table) for name, _, _ in known])
        for guess, (_, language, _) in zip(guesses, known, strict=True):
            votes.setdefault(guess, Counter())[language] += 1 / weight[language]
        means = {guess: count.most_common(1)[0][0] for guess, count in votes.items()}
        guesses = reader.predict([name.translate(table) for name, _ in held_out])
        found = _recall(held_out, [means.get(guess, "") for guess in guesses])
        assert found < LETTERS - 0.05


@pytest.mark.parametrize("seed", SEEDS)
def test_counts_of_letters_and_of_groups_do_not_answer_it(world, seed):
    known, held_out = world(seed).names()
    names, languages, _ = zip(*known, strict=True)
    for longest, bound in ((1, LETTERS), (5, GROUPS)):
        model = _groups(longest, LogisticRegression(class_weight="balanced", max_iter=500))
        model.fit(names, languages)
        assert _recall(held_out, model.predict([name for name, _ in held_out])) < bound


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(10))
def test_the_solution_reaches_the_bound_in_other_worlds(world, seed):
    known, held_out = world(seed).names()
    (cell,) = (
        cell.source
        for cell in jupytext.read(FOLDER / "master.md").cells
        if cell.cell_type == "code" and defines(cell.source, "fit")
    )
    namespace = {"torch": torch, "nn": torch.nn, "math": math}
    exec(cell, namespace)
    names, languages, _ = zip(*known, strict=True)
    predict = namespace["fit"](names, languages)
    assert _recall(held_out, predict([name for name, _ in held_out])) >= NETWORK + 0.02

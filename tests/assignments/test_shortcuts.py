"""No graded question is answered by importing the package, by `diagnose`, or from public data.

What comes nearest to an answer is written down by hand, among the wrong answers: for each question
one that hands its arguments to the package, with names and shapes made to fit. Besides, every
public function and class of the package that can be called with a question's arguments is handed
in as it is, so that one which is added later and happens to be an answer is found.
"""

import ast
import importlib
import inspect
import pkgutil
from unittest import mock

import pytest

import rnn_tutorial
from assignments import build
from assignments.answers import answers, solutions
from rnn_tutorial.states import dynamics

QUICK = "recurrence"
DRAWN_OR_MEASURED = ("figures", "experiments")  # pictures and tables are not answers
PUBLIC = {("classifier", "fit"): "faker", ("language_model", "fit"): "faker"}


def imports(source, package):
    """Return what a source imports from a package: pairs of a module and a name in it."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and node.module.split(".")[0] == package:
            found += [(node.module, alias.name) for alias in node.names]
    return found


def attempts(name, question, package):
    found = [answer for answer in answers(name) if answer.question == question]
    return [answer for answer in found if imports(answer.source, package)]


def questions():
    for name in build.names():
        marks = [] if name == QUICK else [pytest.mark.slow]
        for question in solutions(name):
            yield pytest.param(name, question, id=f"{name}-{question}", marks=marks)


each = pytest.mark.parametrize(("name", "question"), [*questions()])


def package_callables():
    """Return the public functions and classes of the package by their place in it."""
    found = {}
    for place in pkgutil.walk_packages(rnn_tutorial.__path__, "rnn_tutorial."):
        parts = place.name.split(".")[1:]
        if parts[0] in DRAWN_OR_MEASURED or parts[-1] in ("__main__", "pytest_plugin"):
            continue
        module = importlib.import_module(place.name)
        for label, value in vars(module).items():
            own = getattr(value, "__module__", None) == place.name
            if own and not label.startswith("_") and callable(value):
                found[f"{place.name}.{label}"] = value
    return found


def fits(function, parameters):
    """Say whether a function can be called with so many arguments."""
    try:
        inspect.signature(function).bind(*range(parameters))
    except (TypeError, ValueError):
        return False
    return True


def parameters_of(solution, question):
    for node in ast.parse(solution).body:
        if isinstance(node, ast.FunctionDef) and node.name == question:
            return len(node.args.args)
    return None  # not a function


@pytest.mark.parametrize("name", build.names())
def test_each_question_has_been_tried_with_the_package(name):
    for question in solutions(name):
        tried = attempts(name, question, "rnn_tutorial")
        assert tried, question
        for answer in tried:
            assert answer.kind == "wrong", f"{question}: the package answers it"
            for module, label in imports(answer.source, "rnn_tutorial"):
                assert hasattr(importlib.import_module(module), label), f"{module} has no {label}"


@pytest.mark.parametrize("question", PUBLIC)
def test_what_is_trained_has_been_tried_with_public_data(question):
    assert attempts(*question, PUBLIC[question])


def test_the_check_of_networks_has_been_tried_with_diagnose():
    found = [imports(a.source, "rnn_tutorial") for a in answers("vanishing")]
    assert ("rnn_tutorial.checks", "diagnose") in [pair for pairs in found for pair in pairs]


@each
def test_what_is_imported_has_less_than_all_points(name, question, trial):
    tried = attempts(name, question, "rnn_tutorial")
    tried += attempts(name, question, PUBLIC.get((name, question), "rnn_tutorial"))
    for answer in tried:
        points, possible, _ = trial(name).points(question, answer.source)
        assert points < possible, answer.name


def solved_by(trial, name, question, among=""):
    """Return the callables of the package that have all points on a question as they are."""
    number = parameters_of(solutions(name)[question], question)
    found = []
    for place, function in package_callables().items():
        if among not in place:
            continue
        if number is None or fits(function, number):
            module, label = place.rsplit(".", 1)
            source = f"from {module} import {label}\n{question} = {label}"
            points, possible, _ = trial(name).points(question, source)
            found += [place] if points == possible else []
    return found


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "question"), [(n, q) for n in build.names() for q in solutions(n)]
)
def test_no_function_of_the_package_is_an_answer(name, question, trial):
    assert solved_by(trial, name, question) == []


def test_a_function_that_is_an_answer_would_be_found(trial):
    def planted(W):
        import math

        import torch

        radius = float(torch.linalg.eigvals(W).abs().max())
        if radius == 0:
            return 0.0
        return math.inf if radius >= 1 else math.log(0.5) / math.log(radius)

    planted.__module__ = dynamics.__name__
    with mock.patch.object(dynamics, "planted", planted, create=True):
        found = solved_by(trial, "recurrence", "half_life", among=".dynamics.")
    assert found == ["rnn_tutorial.states.dynamics.planted"]

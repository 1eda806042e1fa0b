"""The comparison of three frameworks: its record, and the one of them that can run here."""

import csv
import json
import re

import numpy as np
import pytest
import torch

from rnn_tutorial.networks import BLOCKS, cells

QUANTITIES = ("outputs", "d_inputs", "d_weight_hh")
FRAMEWORKS = ("JAX", "Keras", "PyTorch")


@pytest.fixture(scope="module")
def folder(root):
    return root / "benchmarks/frameworks"


@pytest.fixture(scope="module")
def scripts(imported, folder):
    with imported(folder, "problem", "with_torch", "compare") as found:
        yield found


@pytest.fixture(scope="module")
def record(scripts):
    return scripts["problem"].read()


def recorded(rows, framework, cell, quantity):
    wanted = (framework, cell, quantity)
    found = [r for r in rows if (r["framework"], r["cell"], r["quantity"]) == wanted]
    assert [int(r["place"]) for r in found] == list(range(len(found)))
    return np.array([float(r["value"]) for r in found])


def test_every_framework_ran_every_cell(scripts, record):
    problem = scripts["problem"]
    # written out there, since it runs where the package is not installed
    rnn, lstm, gru = BLOCKS["rnn"], BLOCKS["lstm"], BLOCKS["gru"]
    assert {"tanh": rnn, "lstm": lstm, "gru": gru, "gru_before": gru} == problem.CELLS
    for cell, blocks in problem.CELLS.items():
        sizes = {
            "outputs": problem.TIME * problem.BATCH * problem.HIDDEN,
            "d_inputs": problem.TIME * problem.BATCH * problem.FEATURES,
            "d_weight_hh": blocks * problem.HIDDEN**2,
        }
        for framework in FRAMEWORKS:
            for quantity in QUANTITIES:
                found = recorded(record, framework, cell, quantity)
                assert len(found) == sizes[quantity]
                assert np.isfinite(found).all()
    assert {row["framework"] for row in record} == set(FRAMEWORKS)
    assert all(len({r["version"] for r in record if r["framework"] == f}) == 1 for f in FRAMEWORKS)


@pytest.mark.parametrize("cell", ["tanh", "lstm", "gru", "gru_before"])
def test_the_script_for_torch_computes_what_is_recorded(scripts, record, cell):
    found = scripts["with_torch"].run(cell, scripts["problem"].problem(cell))
    for quantity, values in found.items():
        expected = recorded(record, "PyTorch", cell, quantity)
        np.testing.assert_allclose(values.ravel(), expected, rtol=0, atol=1e-12)


def test_the_gru_of_the_paper_is_that_of_the_cells(scripts):
    problem = scripts["problem"].problem("gru_before")
    inputs, *weights, _ = map(torch.tensor, problem.values())
    h = inputs.new_zeros(inputs.shape[1], weights[1].shape[1])
    for t, x in enumerate(inputs):
        h = cells.gru_step(x, h, *weights, reset_after=False)
        torch.testing.assert_close(scripts["with_torch"].gru_before(inputs, *weights)[t], h)


def test_the_frameworks_agree(scripts, record):
    for cell in scripts["problem"].CELLS:
        ours = scripts["compare"].values(record, "PyTorch", cell)
        assert np.abs(ours).max() > 0.1  # zeros would agree too
        for framework in ("JAX", "Keras"):
            theirs = scripts["compare"].values(record, framework, cell)
            np.testing.assert_allclose(theirs, ours, rtol=0, atol=1e-12)
            assert (theirs != ours).any()  # a copy would agree to the last bit


def test_the_table_of_the_page_is_computed_from_the_record(scripts, record, folder):
    with (folder / "differences.csv").open(newline="", encoding="utf-8") as file:
        stored = list(csv.DictReader(file))
    assert stored == scripts["compare"].differences(record)
    versions = {f"{row['framework']} {row['version']}" for row in record}
    assert {name for name in stored[0] if re.match("JAX|Keras", name)} <= versions


def test_the_page_says_of_keras_what_keras_said(root, folder):
    page = (root / "book/07a_three_frameworks.md").read_text(encoding="utf-8")
    settings = json.loads((folder / "keras_settings.json").read_text(encoding="utf-8"))
    features, hidden = settings["features"], settings["hidden"]
    for cell, blocks in (("tanh", 1), ("lstm", 4), ("gru", 3), ("gru_before", 3)):
        says = settings[cell]
        rows = blocks * hidden
        biases = 2 if cell == "gru" else 1
        assert f"`{says['layer']}`" in page
        assert says["shapes"]["kernel"] == [features, rows]
        assert says["shapes"]["bias"] == ([2, rows] if biases == 2 else [rows])
        assert says["parameters"] == rows * (features + hidden + biases)
        assert says["kernel_initializer"] == "GlorotUniform"
        assert says["recurrent_initializer"] == "Orthogonal"
        assert says["bias_initializer"] == "Zeros"
    assert settings["lstm"]["unit_forget_bias"] is True
    assert settings["gru"]["reset_after by default"] is True


def test_the_page_shows_the_code_that_ran(root, folder):
    page = (root / "book/07a_three_frameworks.md").read_text(encoding="utf-8")
    for name in ("with_torch", "with_jax", "with_keras"):
        assert f"benchmarks/frameworks/{name}.py" in page
        source = (folder / f"{name}.py").read_text(encoding="utf-8")
        assert source.count("# begin recurrence") == source.count("# end recurrence") == 1
    assert "benchmarks/frameworks/differences.csv" in page
    numbers = set(re.findall(r"[\w.]+e-[0-9]+|\b10\^\{-1[0-9]\}", page))
    assert numbers <= {"10^{-15}"}  # the others come from the table

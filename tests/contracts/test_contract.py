"""A stored cell that proves less than it seems to is found, whatever it prints."""

import nbformat
import pytest

from tools.contracts.contract import Contract, contract_of, stored_faults

REASON = {"reason": "trained live"}
IGNORED = {"tags": ["nbval-ignore-output"]}


def _cell(source="print(0.5)", count=1, outputs=(), **metadata):
    return nbformat.v4.new_code_cell(
        source,
        execution_count=count,
        outputs=list(outputs),
        metadata=nbformat.from_dict(metadata),
    )


STDERR = nbformat.v4.new_output("stream", name="stderr", text="careful")
ERROR = nbformat.v4.new_output("error", ename="ValueError", evalue="too large", traceback=[])


@pytest.mark.parametrize(
    ("contract", "expected"),
    [
        ({"atol": 0.01, **REASON}, Contract(atol=0.01)),
        ({"rms": 5, **REASON}, Contract(rms=5)),
        ({"rounding": ["MKL_CBWR=COMPATIBLE"]}, Contract(rounding=True)),
        ({"rounding": ["x"], "rms": 5, **REASON}, Contract(rms=5, rounding=True)),
    ],
)
def test_good_contract_is_read(contract, expected):
    cell = _cell(contract=contract)
    assert stored_faults(cell, 1) == []
    assert contract_of(cell) == expected


@pytest.mark.parametrize(
    ("contract", "message"),
    [
        ("large", "is to be {atol, rms, reason, evidence, rounding}"),
        ({"atol": 0.1}, "gives no reason"),
        (REASON, "none of atol, rms and rounding"),
        ({"atol": 0, **REASON}, "a positive number"),
        ({"rms": "1", **REASON}, "a positive number"),
        ({"atol": 1, "tol": 1, **REASON}, "unknown key 'tol'"),
        ({"rounding": True}, "where a difference was seen"),
        ({"rounding": [" "]}, "where a difference was seen"),
        ({"rounding": ["x"], "atol": 0.1, **REASON}, "leave rounding out"),
    ],
)
def test_faulty_contract_is_found_and_counts_as_none(contract, message):
    cell = _cell(contract=contract)
    assert message in "\n".join(stored_faults(cell, 1))
    assert contract_of(cell) == Contract()


@pytest.mark.parametrize(
    ("cell", "message"),
    [
        (_cell(count=None), "never run"),
        (_cell(count=3), "in order it would be 1"),
        (_cell("\n"), "the cell is empty"),
        (_cell(**IGNORED), "without a reason"),
        (_cell(outputs=[STDERR]), "stored output on stderr: careful"),
        (_cell(outputs=[ERROR]), "stored traceback"),
        (_cell(tags=["raises-exception"]), "nothing was raised (stored)"),
    ],
)
def test_faulty_cell_is_found(cell, message):
    assert message in "\n".join(stored_faults(cell, 1))


def test_good_cells_have_no_faults():
    raises = _cell(outputs=[ERROR], tags=["raises-exception"])
    for cell in (_cell(), raises, _cell(**IGNORED, nbval_ignore_reason="a time is not a claim")):
        assert stored_faults(cell, 1) == []

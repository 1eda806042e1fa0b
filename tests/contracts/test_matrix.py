"""The matrix notes where a last digit depends on rounding, and fails on every other difference."""

import json

import nbformat
import pytest

from tools.contracts import matrix
from tools.contracts.rewrite import as_text, code_cells, read

MKL, ATEN = "MKL_CBWR=COMPATIBLE", "ATEN_CPU_CAPABILITY=default"
TABLES = (
    "from rnn_tutorial import experiments\ntable = experiments.load('surnames')\n"
    "print('{}', table.index[0])"
)
ROUNDS = "import os\nunits = 530 + ('MKL_CBWR' in os.environ)\nprint(f'{units / 1000:.3f}')"


def _notebook(sources, printed, contracts=()):
    cells = []
    for count, (source, text) in enumerate(zip(sources, printed, strict=True), start=1):
        output = nbformat.v4.new_output("stream", name="stdout", text=text)
        cell = nbformat.v4.new_code_cell(source, execution_count=count, outputs=[output])
        if count in contracts:
            cell.metadata.contract = nbformat.from_dict(contracts[count])
        cells.append(cell)
    return nbformat.v4.new_notebook(cells=cells)


def _judged(old, new, source="print(x)", contract=None, rounding=True):
    contracts = {1: contract} if contract else {}
    notebooks = [_notebook([source], [text], contracts) for text in (old, new)]
    return matrix.judge(*notebooks, rounding)


@pytest.mark.parametrize("contract", [None, {"rounding": [ATEN]}])
def test_one_unit_under_another_rounding_is_noted(contract):
    outcome = _judged("loss 0.530", "loss 0.531", contract=contract)
    assert outcome.failures == []
    assert "0.530 became 0.531" in outcome.rounded[1][0]


@pytest.mark.parametrize(
    ("new", "source", "contract", "rounding", "message"),
    [
        ("loss 0.532", "print(x)", None, True, "0.530 became 0.532"),
        ("cost 0.530", "print(x)", None, True, "the text differs"),
        ("loss 0.531", "print(x)", None, False, "0.530 became 0.531"),
        ("loss 0.532", "print(x)", {"rounding": [ATEN]}, False, "0.530 became 0.532"),
        ("loss 0.531", TABLES, None, True, "code cell 1 only reads stored tables"),
    ],
)
def test_every_other_difference_is_a_failure(new, source, contract, rounding, message):
    outcome = _judged("loss 0.530", new, source, contract, rounding)
    assert outcome.rounded == {}
    assert message in outcome.failures[0]


def test_what_a_contract_accepts_is_neither():
    accepting = {"rounding": [ATEN]}
    assert _judged("0.530", "0.531", contract=accepting, rounding=False) == matrix.Outcome()
    spread = {"atol": 0.01, "reason": "trained"}
    assert _judged("0.530", "0.535", contract=spread) == matrix.Outcome()


def _rounding(path):
    return [cell.metadata.get("contract", {}).get("rounding") for cell in code_cells(read(path))]


@pytest.fixture
def book(tmp_path, monkeypatch):
    """Return a stored notebook, in the folder in which the matrix runs."""
    printed = ["0.530\n", "0.5\n", "0.530\n"]
    noted = {3: {"rounding": ["Some processor"]}}
    path = tmp_path / "book/small.ipynb"
    path.parent.mkdir()
    path.write_text(as_text(_notebook([ROUNDS, "print(0.5)", ROUNDS], printed, noted)))
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MKL_CBWR", raising=False)
    return path


def test_a_row_is_written_into_the_metadata_of_the_cells_that_differ(book, capsys):
    assert matrix.main(["--rows", MKL]) == 0
    assert _rounding(book) == [[MKL], None, [MKL, "Some processor"]]
    assert "book/small.ipynb, code cell 1, last digit: " in capsys.readouterr().out


@pytest.mark.slow
def test_nothing_is_written_where_the_stored_output_is_stale(book, capsys):
    book.write_text(book.read_text().replace("0.5\\n", "0.6\\n"))
    assert matrix.main(["--rows", MKL]) == 1
    assert _rounding(book) == [None, None, ["Some processor"]]
    printed = capsys.readouterr().out
    assert "FAILED, code cell 2: " in printed
    assert "0.6 became 0.5" in printed
    assert "0 of 1 notebooks held" in printed


@pytest.mark.slow
def test_what_differs_only_now_and_then_is_a_failure(book, capsys, monkeypatch):
    monkeypatch.setattr(matrix, "REPETITIONS", 3)
    notebook = read(book)
    notebook.cells[1].source = (
        "with open('runs', 'a+') as file:\n    file.write('x')\n    file.seek(0)\n"
        "    print(0.5 if len(file.read()) < 3 else 0.6)"
    )
    nbformat.write(notebook, book)
    assert matrix.main(["--rows", "ten times"]) == 1
    assert "0.5 became 0.6" in capsys.readouterr().out
    assert (book.parent / "runs").read_text() == "xxx"


def test_the_report_of_another_machine_is_accepted_only_for_what_it_saw(tmp_path, book):
    stored = read(book)
    fresh = _notebook([cell.source for cell in stored.cells], ["0.531\n", "0.5\n", "0.531\n"])
    file = tmp_path / "report.json"
    matrix.write_report(file, "Other processor", {book: matrix.judge(stored, fresh, True)})
    report = json.loads(file.read_text())
    assert [entry["cell"] for entry in report["cells"]] == [1, 3]

    assert len(matrix.accept(report, stale={book})) == 2
    assert _rounding(book) == [None, None, ["Some processor"]]

    book.write_text(book.read_text().replace("0.530\\n", "0.529\\n", 1))
    (fault,) = matrix.accept(report, stale=set())
    assert "code cell 1: it changed since the report" in fault
    assert _rounding(book) == [None, None, ["Other processor", "Some processor"]]


@pytest.mark.slow
def test_a_report_goes_from_one_machine_to_another(book, monkeypatch):
    before = book.read_text()
    monkeypatch.setenv("MKL_CBWR", "COMPATIBLE")
    assert matrix.main(["--report", "report.json"]) == 0
    assert book.read_text() == before
    monkeypatch.delenv("MKL_CBWR")
    assert matrix.main(["--accept", "report.json"]) == 0
    name = matrix.processor()
    assert _rounding(book) == [[name], None, sorted([name, "Some processor"])]

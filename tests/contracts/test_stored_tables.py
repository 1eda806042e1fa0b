"""A cell that only reads stored tables is told from one that calculates."""

import nbformat
import pytest

from tools.contracts.stored_tables import reads_only_tables, table_faults

IMPORTS = (
    "import numpy as np\nimport pandas as pd\nimport torch\n"
    "from rnn_tutorial import data, experiments, figures, models\n"
    "from rnn_tutorial.experiments import surnames\n"
    "torch.manual_seed(0)\n"
    "model = models.RecurrentClassifier(5)\n"
    "table = experiments.load('surnames')"
)


@pytest.mark.parametrize(
    "source",
    [
        "table.groupby('variant')['accuracy'].median().round(2)",
        "lost = table.loc['a', 'x'] - table.loc['b', 'x']\nprint(f'{lost:.2f}')\nassert lost > 0.1",
        "print(*(f'{value:.2f}' for model, value in table['accuracy'].items()))",
        "for model in table['variant']:\n    print(model)",
        "model = experiments.load('other').mean()\nprint(model)",
        "def best(column, model=3):\n    return table[column].max() + model\nprint(best('f1'))",
        "figures.dots(table, 'accuracy', figures.COLORS['rnn'])\nprint(np.median(table['f1']))",
        "print(table.query('variant == @surnames.VARIANTS'), surnames.SEEDS)",
        "names = data.load_surnames()\nprint(pd.DataFrame({'n': len(names)}, table.index))",
        "%xmode Minimal\ntable['nowhere']",
    ],
)
def test_cells_that_only_read_tables(source):
    assert reads_only_tables([IMPORTS, source]) == [False, True]


@pytest.mark.parametrize(
    "source",
    [
        "print('0.83')",
        "print(table['f1'].max()",
        "print(torch.tensor(table['accuracy']).mean())",
        "score = evaluate(model)\nprint(score, table['accuracy'].max())",
        "print([f'{model(row):.2f}' for row in table])",
        "def score(row):\n    return model(row)\nprint(table.apply(score))",
        "print(surnames.train('gru', 0), table)",
        "print(np.random.default_rng(0).choice(table['f1']))",
        "print(np.linalg.lstsq(table, table['f1']))",
    ],
)
def test_cells_that_calculate(source):
    assert reads_only_tables([IMPORTS, source]) == [False, False]


def test_what_calculates_is_followed_from_cell_to_cell():
    cells = [IMPORTS, "score = model(3)", "rows = {'live': score}", "print(rows, table)"]
    assert reads_only_tables(cells) == [False] * 4
    cells[1] = "score = table['f1'].max()"
    assert reads_only_tables(cells) == [False, True, True, True]


@pytest.mark.parametrize("change", ["table['live'] = model(3)", "table.extend(model(3))"])
def test_what_a_statement_changes_is_followed_too(change):
    assert reads_only_tables([IMPORTS, change, "print(table)"]) == [False] * 3


@pytest.mark.parametrize(
    ("contract", "faults"),
    [({"atol": 0.01}, 1), ({"rounding": ["MKL_CBWR=COMPATIBLE"]}, 1), ({"rms": 5}, 0)],
)
def test_a_tolerance_of_numbers_from_tables_is_found(contract, faults):
    sources = [IMPORTS, "print(model(3))", "print(table['f1'].max())"]
    cells = [nbformat.v4.new_code_cell(source) for source in sources]
    notebook = nbformat.v4.new_notebook(cells=cells)
    assert table_faults(notebook) == []
    cells[1].metadata.contract = nbformat.from_dict(contract)
    assert table_faults(notebook) == []
    cells[2].metadata.contract = nbformat.from_dict(contract)
    assert len(table_faults(notebook)) == faults

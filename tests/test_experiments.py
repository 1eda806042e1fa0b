import re

import numpy as np
import pandas as pd
import pytest
import torch

from rnn_tutorial import datasets, experiments
from rnn_tutorial.evaluation import Evaluation
from rnn_tutorial.experiments import surname_baselines, surname_padding, surnames
from rnn_tutorial.experiments.__main__ import PARTIAL, main
from rnn_tutorial.experiments.registry import EXPERIMENTS
from rnn_tutorial.experiments.runner import RESULTS, provenance
from rnn_tutorial.text import Vocabulary


def test_loading_names_the_tables_that_there_are():
    with pytest.raises(ValueError, match=r"one of \[.*'surnames'.*\], got 'surnames_secrets'"):
        experiments.load("surnames", "secrets")


def test_the_command_lists_and_refuses(capsys):
    main(["--list"])
    listed = capsys.readouterr().out
    assert all(name in listed for name in EXPERIMENTS)
    with pytest.raises(SystemExit):
        main(["stock_prices"])
    assert "no experiment is called 'stock_prices'" in capsys.readouterr().err
    for option in ("--seeds", "--jobs"):
        with pytest.raises(SystemExit):
            main(["surnames", option, "0"])
        assert "must be at least 1, got 0" in capsys.readouterr().err


def test_the_command_runs_what_was_asked_for(monkeypatch):
    calls = []
    monkeypatch.setattr(
        "rnn_tutorial.experiments.__main__.run",
        lambda experiment, **options: calls.append((experiment.name, options)),
    )
    main([])
    assert [name for name, _ in calls] == list(EXPERIMENTS)
    assert all(options["results"] == RESULTS for _, options in calls)
    calls.clear()
    main(["surnames", "--seeds", "2", "--jobs", "3"])
    ((name, options),) = calls
    assert name == "surnames"
    assert options["seeds"] == EXPERIMENTS["surnames"].seeds[:2]
    assert options["jobs"] == 3
    assert options["results"] == PARTIAL, "a part of the seeds is no evidence"
    assert options["command"].endswith("surnames --seeds 2")


def test_scores_are_those_worked_out_by_hand():
    """Four Irish names, all right; of two Dutch names one right and one taken for Irish."""
    labels = np.array([1, 1, 1, 1, 0, 0])
    judged = Evaluation(labels, np.array([1, 1, 1, 1, 0, 1]), ("Dutch", "Irish"))
    assert surname_baselines.scores(judged) == pytest.approx(
        {
            "accuracy": 5 / 6,
            "macro_precision": 0.9,
            "macro_recall": 0.75,
            "macro_f1": (2 / 3 + 8 / 9) / 2,
            "accuracy_without_irish": 0.5,
        },
        abs=1e-6,
    )


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_the_evidence_is_complete_and_says_where_it_comes_from(name):
    expected = {(v, s) for v in EXPERIMENTS[name].variants for s in EXPERIMENTS[name].seeds}
    table = experiments.load(name)
    assert set(zip(table["variant"], table["seed"], strict=True)) == expected
    assert len(table) == len(expected)
    assert table[list(provenance())].notna().all().all()
    assert table[EXPERIMENTS[name].headline].between(0, 1).all()
    log = (RESULTS / f"{name}.log").read_text()
    assert f"command: python -m rnn_tutorial.experiments {name}\n" in log


def test_every_committed_table_belongs_to_an_experiment():
    for path in RESULTS.glob("*.csv"):
        assert any(re.fullmatch(rf"{name}(_[a-z]+)?", path.stem) for name in EXPERIMENTS)


def test_the_mistakes_and_the_accuracies_agree():
    table = experiments.load("surnames").query("variant == 'gru'").set_index("seed")
    size = len(datasets.split(datasets.surnames(), seed=0).test)
    wrong = experiments.load("surnames", "mistakes").groupby("seed").size()
    assert ((1 - wrong / size) - table["accuracy"]).abs().max() < 1e-5


def test_padding_hurts_the_last_column_only():
    parts = datasets.split(datasets.surnames(), seed=0)
    vocabulary = Vocabulary.from_texts(parts.train.texts, lowercase=True)
    few = parts.validation.select(range(100))
    damage = {}
    for variant, setup in surname_padding.VARIANTS.items():
        torch.manual_seed(0)
        model = surnames.build(setup, vocabulary, 14)
        damage[variant] = surname_padding.padding_damage(model, few, vocabulary)
    assert damage["last_step"]["changed"] == 0
    assert damage["last_step"]["alone"] == damage["last_step"]["padded"]
    assert damage["last_column"]["changed"] > 0.2


def test_the_baselines_choose_on_validation_only():
    tables = surname_baselines.run("bag", 0)
    settings = pd.DataFrame(tables["settings"])
    assert settings["chosen"].sum() == 1
    best = settings["validation_accuracy"].idxmax()
    assert settings.loc[best, "chosen"]
    assert tables[""][0]["validation_accuracy"] == settings["validation_accuracy"].max()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "variant"),
    [(name, variant) for name in EXPERIMENTS for variant in EXPERIMENTS[name].variants],
)
def test_one_seed_of_the_evidence_can_be_repeated(name, variant):
    """Within twice the spread over seeds; to the last digit where there is no chance involved."""
    headline = EXPERIMENTS[name].headline
    table = experiments.load(name).query("variant == @variant").set_index("seed")[headline]
    # no chance in the baselines; seeds can coincide where there are few
    spread = table.max() - table.min()
    tolerance = 0.002 if name == "surname_baselines" else max(2 * spread, 0.01)
    seed = EXPERIMENTS[name].seeds[-1]
    again = EXPERIMENTS[name].run(variant, seed)[""][0][headline]
    assert again == pytest.approx(table[seed], abs=tolerance)

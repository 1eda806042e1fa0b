import re

import numpy as np
import pandas as pd
import pytest
import torch

from rnn_tutorial import data, experiments
from rnn_tutorial.data import Vocabulary
from rnn_tutorial.experiments.__main__ import ALL, PARTIAL, main
from rnn_tutorial.experiments.engine import repetition
from rnn_tutorial.experiments.engine.evidence import RECORD, RESULTS
from rnn_tutorial.experiments.names import (
    surname_baselines,
    surname_clipping,
    surname_padding,
    surname_pairs,
    surnames,
)
from rnn_tutorial.experiments.registry import EXPERIMENTS, FRESH_RUNS, reproductions
from rnn_tutorial.training import Evaluation


def test_loading_names_the_tables_that_there_are():
    with pytest.raises(
        ValueError, match=r"one of \[.*'surnames_curves'.*\], got 'surnames_secrets'"
    ):
        experiments.load("surnames", "secrets")
    with pytest.raises(ValueError, match=r"name must be one of \[.*'surnames'.*\], got 'mamba'"):
        experiments.load("mamba")


def test_the_command_lists_and_refuses(capsys):
    assert main(["--list"]) == 0
    listed = capsys.readouterr().out.splitlines()
    assert [line[2:].split()[0] for line in listed] == list(ALL)
    published = [experiment.name for experiment in reproductions()]
    assert [line[2:].split()[0] for line in listed if line.startswith("*")] == published
    refused = {
        "no experiment is called 'stock_prices'": ["stock_prices"],
        "must be at least 1, got 0": ["surnames", "--seeds", "0"],
        "argument --jobs: must be at least 1": ["surnames", "--jobs", "0"],
        "not allowed with argument": ["--quick", "--seeds", "2"],
        "invalid choice: 'spark'": ["--backend", "spark"],
        "--scheduler is for --backend dask": ["surnames", "--scheduler", "tcp://10.0.0.1:8786"],
    }
    for message, arguments in refused.items():
        with pytest.raises(SystemExit) as stopped:
            main(arguments)
        assert stopped.value.code == 2
        assert message in capsys.readouterr().err


@pytest.fixture
def calls(monkeypatch):
    """Record what the command runs; every run returns the stored evidence."""
    made = []

    def run(experiment, **options):
        made.append((experiment.name, options))
        stored = experiments.load(experiment.name)
        return stored[stored["seed"].isin(options["seeds"])]

    monkeypatch.setattr("rnn_tutorial.experiments.__main__.run", run)
    return made


def test_the_command_runs_what_was_asked_for(calls):
    assert main([]) == 0
    assert [name for name, _ in calls] == [experiment.name for experiment in reproductions()]
    assert all(options["results"] == RESULTS for _, options in calls)
    assert all(options["seeds"] == EXPERIMENTS[name].seeds for name, options in calls)
    calls.clear()
    main(["all"])
    assert [name for name, _ in calls] == list(ALL)
    calls.clear()
    typed = "surnames --seeds 2 --jobs 3 --backend dask --scheduler tcp://10.0.0.1:8786"
    main(typed.split())
    ((name, options),) = calls
    assert name == "surnames"
    assert options["seeds"] == EXPERIMENTS["surnames"].seeds[:2]
    assert options["jobs"] == 3
    assert (options["backend"], options["scheduler"]) == ("dask", "tcp://10.0.0.1:8786")
    assert options["results"] == PARTIAL, "a part of the seeds is not evidence"
    assert options["command"].endswith("surnames --seeds 2")


def test_a_quick_check_repeats_one_seed_of_the_cheapest(calls, capsys):
    assert main(["--quick"]) == 0
    names = [name for name, _ in calls]
    assert names
    assert {*names} <= {experiment.name for experiment in reproductions()}
    assert all(options["seeds"] == EXPERIMENTS[name].seeds[:1] for name, options in calls)
    assert all(options["results"] == PARTIAL for _, options in calls)
    assert capsys.readouterr().out.strip() == f"agree with the evidence: {', '.join(names)}"


def test_the_cheapest_come_first_and_fit_into_the_budget():
    def cost(experiment):
        table = experiments.load(experiment.name)
        return table.groupby("variant")["cpu_seconds"].max().sum()

    everything = list(EXPERIMENTS.values())
    budget = 20.0
    chosen = repetition.quick(everything, budget)
    costs = [cost(experiment) for experiment in chosen]
    assert costs == sorted(costs)
    assert sum(costs) <= budget
    left_out = [cost(e) for e in everything if e not in chosen]
    assert sum(costs) + min(left_out) > budget
    assert repetition.quick(everything, budget=-1.0) == []


def altered(name, column, value):
    """One seed of each variant as it is stored, with another value in a column."""
    experiment = EXPERIMENTS[name]
    stored = experiments.load(name)
    again = stored[stored["seed"] == experiment.seeds[0]].astype({"error": object})
    again.loc[again.index[0], column] = value
    return experiment, again


def test_a_repetition_that_differs_is_found(monkeypatch, capsys):
    experiment, same = altered("elman_letters", "vowels", 1e-5)
    assert repetition.disagreements(experiment, same) == []
    experiment, far = altered("elman_letters", "consonants", 0.2)
    (found,) = repetition.disagreements(experiment, far)
    assert "consonants is 0.2, stored 0.0" in found
    experiment, missing = altered("elman_letters", "consonants", float("nan"))
    assert len(repetition.disagreements(experiment, missing)) == 2  # nor is the criterion met
    experiment, unmet = altered("elman_letters", "vowels", 0.04)
    (found,) = repetition.disagreements(experiment, unmet)
    assert "the criterion is not met" in found
    experiment, failed = altered("elman_letters", "error", "RuntimeError: power cut")
    assert "RuntimeError: power cut" in repetition.disagreements(experiment, failed)[0]
    # a variant that never met it may miss it again
    experiment = EXPERIMENTS["temporal_xor"]
    stored = experiments.load("temporal_xor")
    again = stored[(stored["seed"] == experiment.seeds[0]) & (stored["variant"] == "2 units")]
    assert repetition.disagreements(experiment, again) == []

    monkeypatch.setattr("rnn_tutorial.experiments.__main__.quick", lambda chosen: chosen)
    monkeypatch.setattr("rnn_tutorial.experiments.__main__.run", lambda *args, **options: far)
    assert main(["elman_letters", "--quick"]) == 1
    assert "consonants is 0.2" in capsys.readouterr().err
    monkeypatch.setattr("rnn_tutorial.experiments.__main__.run", lambda *args, **options: failed)
    assert main(["elman_letters"]) == 1
    assert "elman_letters, 20 units, seed" in capsys.readouterr().err


def test_scores_are_those_worked_out_by_hand():
    """Four Irish names, all right; of two Dutch names one right and one taken for Irish."""
    labels = np.array([1, 1, 1, 1, 0, 0])
    judged = Evaluation(labels, np.array([1, 1, 1, 1, 0, 1]), ("Dutch", "Irish"))
    expected = {"accuracy": 5 / 6, "macro_precision": 0.9, "macro_recall": 0.75}
    expected |= {"macro_f1": (2 / 3 + 8 / 9) / 2, "accuracy_without_irish": 0.5}
    assert surname_baselines.scores(judged) == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_the_evidence_is_complete_and_says_where_it_comes_from(name):
    expected = {(v, s) for v in EXPERIMENTS[name].variants for s in EXPERIMENTS[name].seeds}
    table = experiments.load(name)
    assert set(zip(table["variant"], table["seed"], strict=True)) == expected
    assert len(table) == len(expected)
    made_with = [column for column in RECORD if column != "error"]
    assert table[made_with].notna().all().all()
    assert (table["command"] == f"python -m rnn_tutorial.experiments {name}").all()
    finished = table[table["error"].isna()]
    assert np.isfinite(finished[EXPERIMENTS[name].headline]).all()


def test_every_committed_table_belongs_to_an_experiment():
    tidy = pd.read_csv(RESULTS / "results.csv", keep_default_na=False)
    stored = list(dict.fromkeys(tidy["experiment"]))
    assert stored == [name for name in ALL if name in stored], "in the order of the list"
    assert {*EXPERIMENTS, *FRESH_RUNS} <= set(stored)
    for path in RESULTS.iterdir():
        owned = any(re.fullmatch(rf"{name}_[a-z]+", path.stem) for name in ALL)
        written_by_a_benchmark = path.name in {"bptt_costs.csv", "layers_speed.csv"}
        whole = path.name == "results.csv" or written_by_a_benchmark
        assert whole or (path.suffix == ".csv" and owned)


def test_the_mistakes_and_the_accuracies_agree():
    table = experiments.load("surnames").query("variant == 'gru'").set_index("seed")
    size = len(data.split(data.surnames(), seed=0).test)
    wrong = experiments.load("surnames", "mistakes").groupby("seed").size()
    assert ((1 - wrong / size) - table["accuracy"]).abs().max() < 1e-5


def test_padding_hurts_the_last_column_only():
    parts = data.split(data.surnames(), seed=0)
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


def affordable(experiment, budget=5.0):
    """Return the cheapest variants, the first in any case, within so many seconds of one core."""
    seconds = experiments.load(experiment.name).groupby("variant")["cpu_seconds"].median()
    seconds = seconds.sort_values()
    within = seconds.cumsum() <= budget
    within.iloc[0] = True
    return list(seconds.index[within])


@pytest.mark.evidence
@pytest.mark.parametrize(
    ("name", "variant"),
    [(name, variant) for name in EXPERIMENTS for variant in affordable(EXPERIMENTS[name])],
)
def test_one_seed_of_the_evidence_can_be_repeated(name, variant, tmp_path):
    again = experiments.run(
        EXPERIMENTS[name],
        variants=[variant],
        seeds=EXPERIMENTS[name].seeds[-1:],
        jobs=1,
        results=tmp_path,
        work=tmp_path,
        progress=False,
    )
    assert repetition.disagreements(EXPERIMENTS[name], again) == []


def test_the_test_of_mcnemar_is_that_of_a_fair_coin():
    assert surname_pairs.mcnemar(3, 3) == 1
    assert surname_pairs.mcnemar(1, 5) == surname_pairs.mcnemar(5, 1) == pytest.approx(14 / 64)


def test_pairs_take_the_setting_that_the_search_chose_on_their_split():
    settings = experiments.load("surname_baselines", "settings").query("variant == 'ngrams'")
    for seed, rows in settings.groupby("seed"):
        best = rows.loc[rows["validation_accuracy"].idxmax()]
        assert surname_pairs.chosen(seed) == tuple(best[list(surname_baselines.HEADINGS)])


def test_a_step_is_measured_over_all_parameters_in_units_of_the_rate():
    weights = [torch.zeros(2, requires_grad=True), torch.zeros(1, requires_grad=True)]
    optimizer = torch.optim.SGD(weights, lr=0.1)
    steps = surname_clipping.Steps()
    steps.watch(optimizer)
    for size in (1.0, 2.0):
        weights[0].grad, weights[1].grad = torch.tensor([3.0, 0.0]) * size, torch.tensor([4.0])
        optimizer.step()
    assert steps.sizes == pytest.approx([5.0, 52**0.5])

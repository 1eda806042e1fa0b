"""What single units and probes find in the states of networks that continue surnames."""

import math

import numpy as np
import pandas as pd
import torch
from torch import nn

from rnn_tutorial.data.batching import pad
from rnn_tutorial.data.letters import MAX_LENGTH, describe
from rnn_tutorial.data.text import Vocabulary
from rnn_tutorial.experiments.engine.experiment import Experiment, by_name
from rnn_tutorial.models import NextSymbol, states_of
from rnn_tutorial.states.probing import control_labels, probe, unit_scores
from rnn_tutorial.tasks import NOTHING
from rnn_tutorial.training.next_symbol import surname_batch, surname_parts, train_surnames

SEEDS = (20, 21, 22, 23, 24)
SAMPLES = 8000  # states that a probe is fitted to or judged on
PROBES = {"linear": 0, "100 hidden units": 100}
PROPERTIES = ("is a vowel", "a vowel two back", "a vowel next", "the end next", "from the sixth on")
EXAMPLES = ("Korhonen", "Szlaga", "Rodriguez", "Schneider", "Nikolaidou")
MAPPED = ("Rodriguez", "Nikolaidou")  # their whole states are recorded; none is a training name
PROBED = ("a vowel next", "a vowel two back")
NETWORKS = {
    "tanh": {"nonlinearity": "tanh"},
    "relu": {"nonlinearity": "relu"},
    "sigmoid": {"cell": "logistic"},
}
SLOPES = {  # by the value of the function, and the largest slope
    "tanh": (lambda h: 1 - h**2, 1.0),
    "relu": (lambda h: (h > 0).astype(float), 1.0),
    "sigmoid": (lambda h: h * (1 - h), 0.25),
}


def best_units(states: np.ndarray, letters: pd.DataFrame) -> list[dict]:
    """Choose the best unit for each property on every other name, and score it on the rest."""
    choose = letters["name"].to_numpy() % 2 == 0
    rows = []
    for name in PROPERTIES:
        labels = letters[name].to_numpy()
        found = np.abs(unit_scores(states[choose], labels[choose]) - 0.5).argmax()
        score = unit_scores(states[~choose][:, [found]], labels[~choose])[0]
        sign = 1 if score > 0.5 else -1
        rows.append(
            {"property": name, "unit": int(found), "sign": sign, "auc": abs(score - 0.5) + 0.5}
        )
    return rows


def probe_table(states: np.ndarray, letters: pd.DataFrame, seed: int) -> list[dict]:
    """Fit each probe to each property and to its control task, whose types are pairs of letters."""
    drawn = np.random.default_rng(seed).permutation(len(states))[:SAMPLES]
    states, letters = states[drawn], letters.iloc[drawn]
    groups = letters["name"].to_numpy()
    rows = []
    for name in PROBED:
        labels = letters[name].to_numpy()
        control = control_labels(letters["pair"].to_list(), labels, seed=seed)
        for kind, units in PROBES.items():
            accuracy, memorized = (
                probe(states, wanted, groups, hidden_units=units, seed=seed)
                for wanted in (labels, control)
            )
            rows.append(
                {
                    "property": name,
                    "probe": kind,
                    "accuracy": accuracy,
                    "control": memorized,
                    "majority": max(labels.mean(), 1 - labels.mean()),
                }
            )
    return rows


def examples(model: NextSymbol, units: list[dict], vocabulary: Vocabulary) -> list[dict]:
    """Record what the best units of a trained network do along the `EXAMPLES`.

    A unit that is low where the property holds has the opposite sign in the record.
    """
    states = states_of(model, list(EXAMPLES), vocabulary)
    letters = describe(list(EXAMPLES), vocabulary).rename(columns={"name": "number"})
    return [
        {
            "name": EXAMPLES[letter.number],
            "position": letter.position,
            "letter": letter.letter,
            "property": best["property"],
            "unit": best["unit"],
            "value": best["sign"] * float(row[best["unit"]]),
        }
        for best in units
        if best["network"] == "trained"
        for letter, row in zip(letters.itertuples(), states, strict=True)
    ]


def state_maps(model: NextSymbol, vocabulary: Vocabulary) -> list[dict]:
    """Record every unit along the `MAPPED` names."""
    states = states_of(model, list(MAPPED), vocabulary)
    letters = describe(list(MAPPED), vocabulary)
    return [
        {
            "name": MAPPED[letter.name],
            "position": letter.position,
            "letter": letter.letter,
            "unit": unit,
            "value": float(value),
        }
        for letter, row in zip(letters.itertuples(index=False), states, strict=True)
        for unit, value in enumerate(row)
    ]


def activity(states: np.ndarray, nonlinearity: str) -> dict[str, float]:
    """Measure how much of its range a network uses.

    Returns
    -------
    dict
        ``saturated``: share of values where the slope is below .19 of its maximum: for tanh those
        beyond .9 in size, for the logistic function below .05 and above .95, for ReLU those at 0.
        ``slope``: mean derivative of the activation function. ``largest``: the largest value.
        ``dead``: units whose slope is 0 at every letter.
    """
    derivative, steepest = SLOPES[nonlinearity]
    slope = derivative(states)
    return {
        "saturated": float((slope < 0.19 * steepest).mean()),
        "slope": float(slope.mean()),
        "largest": float(states.max()),
        "dead": int((slope == 0).all(axis=0).sum()),
    }


def run(nonlinearity: str, seed: int) -> dict[str, list[dict]]:
    """Train a network to continue surnames; measure its states and those of an untrained one.

    Returns
    -------
    dict
        ``""``: bits per symbol on names outside training, and `activity` of both networks.
        ``"units"``: `best_units`. For "tanh", ``"probes"``: `probe_table`; and, for the
        first seed, ``"examples"``: what the best units do along some names, and ``"map"``: what
        all units do along two.
    """
    parts, vocabulary = surname_parts()
    texts = list(parts.validation.texts + parts.test.texts)
    letters = describe(texts, vocabulary)
    torch.manual_seed(seed)
    networks = {"untrained": NextSymbol(len(vocabulary), 64, **NETWORKS[nonlinearity])}
    networks["trained"] = train_surnames(seed, parts, vocabulary, **NETWORKS[nonlinearity])
    padded = pad([vocabulary.encode(text, max_length=MAX_LENGTH) for text in texts])
    inputs, targets = surname_batch(*padded)
    real = targets != NOTHING
    with torch.no_grad():
        logits, *_ = networks["trained"](*inputs)
    loss = nn.functional.cross_entropy(logits[real], targets[real]).item()
    summary = {"bits": loss / math.log(2)}
    tables = {"": [summary], "units": []} | ({"probes": []} if nonlinearity == "tanh" else {})
    for name, network in networks.items():
        states = states_of(network, texts, vocabulary)
        summary |= {f"{name}_{key}": value for key, value in activity(states, nonlinearity).items()}
        tables["units"] += [{"network": name} | row for row in best_units(states, letters)]
        if "probes" in tables:
            tables["probes"] += [
                {"network": name} | row for row in probe_table(states, letters, seed)
            ]
    if nonlinearity == "tanh" and seed == SEEDS[0]:
        tables["examples"] = examples(networks["trained"], tables["units"], vocabulary)
        tables["map"] = state_maps(networks["trained"], vocabulary)
    return tables


EXPERIMENT = Experiment(
    "state_probes",
    "Single units and probes on states of surnames, trained and untrained",
    run,
    by_name(NETWORKS),
    SEEDS,
    headline="bits",
)

"""States of a network that reads ba, dii, guuu: clusters, an automaton, and one loss too many."""

import math

import numpy as np
import torch
from sklearn.cluster import KMeans
from sklearn.decomposition import PCA
from sklearn.metrics import homogeneity_score
from torch import nn

from rnn_tutorial import tasks
from rnn_tutorial.experiments.engine.experiment import Experiment
from rnn_tutorial.models import NextSymbol
from rnn_tutorial.states import automata
from rnn_tutorial.training import Loss, sequence_cross_entropy
from rnn_tutorial.training.next_symbol import LETTERS, encode, train_letters

SEEDS = (20, 21, 22, 23, 24, 25, 26, 27, 28, 29)
CLUSTERS = (5, 7, 9, 12, 15)
LEGAL = 0.1  # a letter may come next if its probability is above
WARM_UP = 30  # letters until the zeros of the start are forgotten


def softmax_twice(logits, targets):
    """Take probabilities for logits: a common mistake."""
    return sequence_cross_entropy(logits.softmax(-1), targets)


LOSSES = {"softmax once": sequence_cross_entropy, "softmax twice": softmax_twice}


@torch.no_grad()
def read(model: NextSymbol, text: str) -> tuple[np.ndarray, np.ndarray, float]:
    """Return states, probabilities of the next letter, and bits per character, after a warm-up."""
    symbols = encode(text)
    logits, states, _ = model(symbols[:-1, None])
    logits, states = logits[WARM_UP:, 0], states[WARM_UP:, 0]
    loss = nn.functional.cross_entropy(logits, symbols[WARM_UP + 1 :])
    return states.numpy(), logits.softmax(-1).numpy(), loss.item() / math.log(2)


def machine(states: np.ndarray, probabilities: np.ndarray, letters: str, clusters: int):
    """Cluster states, read an automaton from the clusters, and merge what behaves alike.

    Parameters
    ----------
    states, probabilities : array, (time, hidden) and (time, letters)
        What `read` returns.
    letters : str
        The letter that led to each state.
    clusters : int
        The number of clusters of k-means.

    Returns
    -------
    found : ndarray of int, (time,)
        The cluster of each state.
    extraction : Extraction
        The automaton of the clusters.
    outputs : dict of int to str
        Which letters the network expects after each cluster.
    merged : ndarray of int, (time,)
        The state of the minimized automaton at each step.
    """
    found = KMeans(clusters, n_init=10, random_state=0).fit_predict(states)
    extraction = automata.extract(found.tolist(), letters)
    outputs = {}
    for number in range(clusters):
        mean = probabilities[found == number].mean(axis=0)
        outputs[number] = "".join(np.array(list(LETTERS))[mean > LEGAL])
    classes = automata.minimize(extraction.transitions, outputs)
    merged = np.array([classes[number] for number in found])
    return found, extraction, outputs, merged


def legal(state: str) -> str:
    """Return the letters that may follow in a true state, in the order of `LETTERS`."""
    return "".join(letter for letter in LETTERS if (state, letter) in automata.LETTER_MACHINE)


def same_partition(one, other) -> bool:
    """Tell whether two labelings are the same but for the names."""
    pairs = set(zip(list(one), list(other), strict=True))
    return len(pairs) == len(set(one)) == len(set(other))


def run(loss: Loss, seed: int) -> dict[str, list[dict]]:
    """Train on 1000 syllables, then read 300 fresh ones.

    Returns
    -------
    dict
        ``""``: bits per character on fresh text, of the trained network and of the text itself;
        the share of the states' variance in two principal components. ``"machines"``, for
        "softmax once": for each number of clusters, of a trained and an untrained network, how
        deterministic its automaton is, how pure the clusters are (homogeneity), how many states
        are left after merging, and whether these are the seven true ones and the network expects
        in each what may come.
    """
    model, generator = train_letters(seed, loss=loss)
    text = tasks.letters(300, generator=generator)[1]
    states, probabilities, bits = read(model, text)
    letters = text[WARM_UP:-1]
    truth = automata.walk(automata.LETTER_MACHINE, text[:-1], ".")[WARM_UP:]
    entropy = sum(state == "." for state in truth) * math.log2(3) / len(truth)
    summary = {
        "bits": bits,
        "entropy": entropy,
        "two_components": float(PCA(2).fit(states).explained_variance_ratio_.sum()),
        "confidence": float(probabilities.max(1)[np.array(truth) != "."].mean()),
    }
    tables = {"": [summary]}
    if loss is sequence_cross_entropy:
        torch.manual_seed(seed)
        untrained = NextSymbol(len(LETTERS), model.recurrent.hidden_size).double()
        rows = []
        for name, network in (("trained", model), ("untrained", untrained)):
            states, probabilities, _ = read(network, text)
            for clusters in CLUSTERS:
                found, extraction, outputs, merged = machine(
                    states, probabilities, letters, clusters
                )
                expected = [outputs[number] for number in found]
                rows.append(
                    {
                        "network": name,
                        "clusters": clusters,
                        "deterministic": extraction.deterministic,
                        "homogeneity": float(homogeneity_score(truth, found)),
                        "merged": len(set(merged.tolist())),
                        "true_machine": int(
                            same_partition(merged.tolist(), truth)
                            and expected == [legal(state) for state in truth]
                        ),
                    }
                )
        tables["machines"] = rows
    return tables


EXPERIMENT = Experiment(
    "state_automaton",
    "Hidden states of Elman's letters as an automaton, and the cost of a second softmax",
    run,
    LOSSES,
    SEEDS,
    headline="bits",
)

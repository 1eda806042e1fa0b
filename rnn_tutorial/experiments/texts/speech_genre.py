"""The genre of a speech in Shakespeare: word embeddings and a GRU against TF-IDF, on two splits.

The seed draws the split, and for a network the weights, the batches and the dropout. Settings were
chosen with seeds 0 and 1, on validation speeches of a split by play.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from rnn_tutorial.data.batching import Batches, pad
from rnn_tutorial.data.speech import Speeches, speeches, split_by_play, split_by_speech
from rnn_tutorial.data.text import Vocabulary, words
from rnn_tutorial.experiments.engine.experiment import Experiment
from rnn_tutorial.models import RecurrentClassifier
from rnn_tutorial.training.loop import count_parameters, evaluation_mode, fit

SEEDS = (10, 11, 12, 13, 14)  # not those that settings were chosen with
MAX_LENGTH = 40  # tokens that a network reads at most
MIN_COUNT = 5
BATCH_SIZE, EPOCHS, UNITS, RATE = 128, 6, 32, 0.01
LENGTHS = (5, 10, 20)  # tokens left by truncation
SPLITS = {"by play": split_by_play, "by speech": split_by_speech}


@dataclass(frozen=True)
class Setup:
    """What is trained: the model, on which split, and how many tokens a network reads."""

    model: str
    split: Callable[[Speeches, int], list[np.ndarray]] = split_by_play
    max_length: int = MAX_LENGTH


VARIANTS = {
    f"{model}, {name}": Setup(model, split)
    for model in ("majority", "tfidf", "gru")
    for name, split in SPLITS.items()
}
VARIANTS["mean, by play"] = Setup("mean")
VARIANTS |= {f"gru, first {length}": Setup("gru", max_length=length) for length in LENGTHS}


class MeanClassifier(RecurrentClassifier):
    """A linear layer on the mean of the embeddings: the words without their order."""

    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        self.output = torch.nn.Linear(self.embedding.embedding_dim, self.output.out_features)
        del self.recurrent

    def forward(self, tokens, lengths):
        """Compute logits (batch, classes) from tokens (batch, time)."""
        total = self.embedding(self.drop_tokens(tokens)).sum(1)  # the embedding of padding is zero
        return self.output(self.dropout(total / lengths[:, None]))


def train_network(
    model: str,
    texts: Sequence[Sequence[str]],
    labels: np.ndarray,
    parts: Sequence[np.ndarray],
    seed: int,
    *,
    max_length: int = MAX_LENGTH,
    epochs: int = EPOCHS,
):
    """Train "gru" or "mean" on speeches that are cut into words.

    Returns
    -------
    model : RecurrentClassifier
        With the weights of the epoch that was best on the validation speeches.
    vocabulary : Vocabulary
        The words of the training speeches.
    history : History
        The curves.
    """
    vocabulary = Vocabulary.from_tokens((texts[i] for i in parts[0]), min_count=MIN_COUNT)
    encoded = [[vocabulary.look_up(texts[i][:max_length]) for i in part] for part in parts[:2]]
    torch.manual_seed(seed)
    build = MeanClassifier if model == "mean" else RecurrentClassifier
    network = build(
        len(vocabulary),
        int(labels.max()) + 1,
        embedding_size=32,
        hidden_size=UNITS,
        readout="concat",
        dropout=0.3,
        token_dropout=0.1,
        engine="torch",
    )
    generator = torch.Generator().manual_seed(seed)
    batches = Batches(encoded[0], labels[parts[0]], BATCH_SIZE, generator=generator)
    optimizer = torch.optim.Adam(network.parameters())
    scheduler = torch.optim.lr_scheduler.OneCycleLR(
        optimizer,
        max_lr=0.02 if model == "mean" else RATE,
        total_steps=epochs * len(batches),
    )
    history = fit(
        network,
        batches,
        Batches(encoded[1], labels[parts[1]], 256),
        epochs=epochs,
        optimizer=optimizer,
        scheduler=scheduler,
        progress=False,
    )
    return network, vocabulary, history


@torch.no_grad()
def answer(network, vocabulary, texts, max_length: int = MAX_LENGTH) -> np.ndarray:
    """Return the logarithm of the probability of each genre, (texts, genres)."""
    found = []
    with evaluation_mode(network):
        for start in range(0, len(texts), 256):
            cut = [text[:max_length] for text in texts[start : start + 256]]
            found.append(network(*pad([vocabulary.look_up(t) for t in cut])).log_softmax(-1))
    return torch.cat(found).double().numpy()


def tfidf(strength: float):
    """Return TF-IDF with logistic regression, not fitted; `strength` is its C."""
    weights = TfidfVectorizer(analyzer=list, min_df=2, sublinear_tf=True)
    return make_pipeline(weights, LogisticRegression(C=strength, max_iter=300))


def fit_tfidf(texts: Sequence[Sequence[str]], labels, parts):
    """Fit TF-IDF and logistic regression with the C that does best on the validation speeches."""
    fitted = []
    for strength in (0.3, 1.0, 3.0, 10.0):
        pipeline = tfidf(strength)
        pipeline.fit([texts[i] for i in parts[0]], labels[parts[0]])
        score = pipeline.score([texts[i] for i in parts[1]], labels[parts[1]])
        fitted.append((score, pipeline))
    return max(fitted, key=lambda pair: pair[0])


def scores(log_probabilities: np.ndarray, labels: np.ndarray, plays: np.ndarray) -> dict:
    """Return accuracy, macro recall, and the share of plays whose speeches together are right."""
    answers = log_probabilities.argmax(1)
    recalls = [(answers[labels == k] == k).mean() for k in np.unique(labels)]
    right = [
        log_probabilities[plays == name].sum(0).argmax() == labels[plays == name][0]
        for name in np.unique(plays)
    ]
    return {
        "accuracy": (answers == labels).mean(),
        "macro_recall": np.mean(recalls),
        "plays_right": np.mean(right),
    }


def predict(setup: Setup, texts, labels, parts, seed: int) -> tuple[np.ndarray, float, dict]:
    """Train; return log-probabilities for the test, validation accuracy, and what else is known."""
    test = [texts[i] for i in parts[2]]
    if setup.model == "majority":
        shares = np.bincount(labels[parts[0]]) / len(parts[0])
        accuracy = (labels[parts[1]] == shares.argmax()).mean()
        return np.log(np.tile(shares, (len(test), 1))), accuracy, {}
    if setup.model == "tfidf":
        accuracy, pipeline = fit_tfidf(texts, labels, parts)
        return pipeline.predict_log_proba(test), accuracy, {}
    network, vocabulary, history = train_network(
        setup.model, texts, labels, parts, seed, max_length=setup.max_length
    )
    accuracy = history.epochs[history.best].validation_score
    return (
        answer(network, vocabulary, test, setup.max_length),
        accuracy,
        {
            "best_epoch": history.best + 1,
            "vocabulary": len(vocabulary),
            "parameters": count_parameters(network),
        },
    )


def run(setup: Setup, seed: int) -> dict[str, list[dict]]:
    """Train on one split and test once.

    Returns
    -------
    dict
        ``""``: test scores, validation accuracy and the sizes of the parts.
    """
    found = speeches()
    labels = np.array(found.data.labels)
    parts = setup.split(found, seed)
    texts = [words(text) for text in found.data.texts]
    log_probabilities, validation, extra = predict(setup, texts, labels, parts, seed)
    judged = scores(log_probabilities, labels[parts[2]], found.plays[parts[2]])
    sizes = dict(zip(("train", "validation", "test"), map(len, parts), strict=True))
    return {"": [judged | {"validation_accuracy": validation} | sizes | extra]}


EXPERIMENT = Experiment(
    "speech_genre",
    "The genre of a speech in Shakespeare: a GRU over words and TF-IDF, by play and by speech",
    run,
    VARIANTS,
    SEEDS,
)

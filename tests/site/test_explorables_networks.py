"""What the explorables of chapters 3, 5 and 6 compute is what PyTorch computes."""

import json

import numpy as np
import pytest
import torch
from explorable_pages import STRINGS, random_strings

from rnn_tutorial.data import clean
from rnn_tutorial.experiments.long_range import cliff
from rnn_tutorial.explorables import unroll_a_word
from rnn_tutorial.models import NextSymbol, zoo
from rnn_tutorial.states import gates
from rnn_tutorial.training import next_symbol
from tools.site.stills import STATIC

pytestmark = pytest.mark.browser

CLOSE = {"rtol": 0, "atol": 1e-5}
GATES = """async ([strings, shift]) => {
    const { shifted, prepare } = await import("/explorables/gates_at_work.js");
    const { Reading } = await import("/explorables/language_model.js");
    const { softmax } = await import("/explorables/arithmetic.js");
    const file = await fetch("/explorables/data/surname_lstm.safetensors");
    const model = shifted(await file.arrayBuffer(), shift);
    return strings.map((string) => {
        const reading = new Reading(model);
        reading.replace(prepare(string));
        reading.advance(Infinity);
        const answer = softmax(model.logits(reading.state));
        return { ...reading.state, answer };
    }).map((step) => Object.fromEntries(Object.entries(step).map(([k, v]) => [k, Array.from(v)])));
}"""
UNROLL = """async (strings) => {
    const { Network } = await import("/explorables/unroll_a_word.js");
    const data = await (await fetch("/explorables/data/unroll_a_word.json")).json();
    const network = new Network(data);
    return strings.map((string) => {
        const states = network.run(string);
        const unit = string.length % network.size;
        const terms = network.terms(unit, string.at(-1), states.at(-2));
        const sum = terms.products.reduce((a, b) => a + b, terms.letter + terms.bias);
        const probabilities = Array.from(network.probabilities(states.at(-1)));
        return [states.map(({ h }) => Array.from(h)), probabilities, [unit, Math.tanh(sum)]];
    });
}"""
SURFACE = """async ([points, start, largest]) => {
    const { surface, descend } = await import("/explorables/cliff.js");
    const data = await (await fetch("/explorables/data/cliff.json")).json();
    const found = points.map(([w, b]) => surface(w, b, data.steps));
    return [found, descend(start, data), descend(start, data, largest)];
}"""


@pytest.mark.parametrize(
    ("shift", "part"), [(0, slice(100)), (-6, slice(100, 150)), (8, slice(150, 200))]
)
@torch.no_grad()
def test_gates_at_work(scripts, shift, part):
    model, vocabulary, _ = zoo.load("surname_lstm")
    model.recurrent.bias_ih_l0.chunk(4)[1].add_(shift)
    # upper case, an accent of its own, and characters that the network does not know
    characters = [
        *vocabulary.tokens[3:],
        "A",
        "Á",
        "a\u0301",
        "🙂",
        "ש",
        "\u2019",
        "\uff21",
        "\u200b",
    ]
    strings = ["".join(string) for string in random_strings(characters, seed=5)[part]]
    for string, step in zip(strings, scripts.evaluate(GATES, [strings, shift]), strict=True):
        inputs = model.embedding(torch.tensor([vocabulary.encode(clean(string))]))
        expected = gates.trace(model.recurrent, inputs)
        for name, values in expected.items():
            np.testing.assert_allclose(step[name], values[-1, 0], rtol=1e-5, atol=1e-5)
        answer = model.output(expected["h"][-1, 0]).softmax(-1)
        np.testing.assert_allclose(step["answer"], answer, **CLOSE)


@torch.no_grad()
def test_unroll_a_word(scripts):
    model = NextSymbol(6, 8)
    path = STATIC / "explorables" / "data" / "unroll_a_word.json"
    data = json.loads(path.read_text(encoding="utf-8"))
    weights = {f"recurrent.{name}_l0": values for name, values in data["weights"].items()}
    weights |= {f"output.{name}": values for name, values in data["output"].items()}
    model.load_state_dict({name: torch.tensor(values) for name, values in weights.items()})
    strings = ["".join(string) for string in random_strings(data["letters"], seed=6)]
    for string, found in zip(strings, scripts.evaluate(UNROLL, strings), strict=True):
        states, probabilities, (unit, value) = found
        logits, expected, _ = model(next_symbol.encode(string)[:, None])
        np.testing.assert_allclose(states[1:], expected[:, 0], **CLOSE)
        np.testing.assert_allclose(probabilities, logits[-1, 0].softmax(-1), **CLOSE)
        assert value == pytest.approx(expected[-1, 0, unit].item(), abs=1e-5)
    after, _ = model.predict(next_symbol.encode(unroll_a_word.TEXT))
    np.testing.assert_allclose(data["probabilities"], after.exp(), **CLOSE)


def test_cliff(scripts, monkeypatch):
    torch.manual_seed(7)
    low, high = cliff.LOW, cliff.HIGH
    points = low + (high - low) * torch.rand(STRINGS, 2, dtype=torch.float64)
    start = torch.tensor([4.35, -2.7], dtype=torch.float64)
    found, *paths = scripts.evaluate(SURFACE, [points.tolist(), start.tolist(), 0.05])
    np.testing.assert_allclose([each["loss"] for each in found], cliff.loss(points), **CLOSE)
    slopes = [each["gradient"] for each in found]
    np.testing.assert_allclose(slopes, cliff.gradient(points), rtol=1e-5, atol=1e-5)
    assert [len(path) for path in paths] == [cliff.UPDATES + 1] * 2
    monkeypatch.setattr(cliff, "UPDATES", 20)  # later, at the wall, the last digit grows
    for path, largest in zip(paths, (None, 0.05), strict=True):
        np.testing.assert_allclose(path[:21], cliff.descend(start, largest), **CLOSE)

"""The arithmetic of the explorables is PyTorch's: states, gates, probabilities, choices."""

import json

import numpy as np
import pytest
import torch
from explorable_pages import random_strings

from rnn_tutorial.explorables import backward_pass, circle_to_ellipse
from rnn_tutorial.models import generation, zoo
from rnn_tutorial.states import dynamics, gates

pytestmark = pytest.mark.browser

CLOSE = {"rtol": 0, "atol": 1e-5}
CELLS = {"rnn": torch.nn.RNN, "lstm": torch.nn.LSTM, "gru": torch.nn.GRU}
SYMBOLS, HIDDEN = 12, 16

# Read each string from zeros and return what the last step computed.
LAST_STEPS = """async ([cell, weights, strings, symbols]) => {
    const { STEPS, oneHot, zeroState } = await import("/explorables/arithmetic.js");
    for (const name in weights) weights[name] = Float32Array.from(weights[name]);
    return strings.map((string) => {
        let step = zeroState(cell, weights.bias_hh.length / {rnn: 1, lstm: 4, gru: 3}[cell]);
        for (const symbol of string) step = STEPS[cell](weights, oneHot(symbol, symbols), step);
        return Object.fromEntries(Object.entries(step).map(([k, v]) => [k, Array.from(v)]));
    });
}"""
MODEL = """async (strings) => {
    const { LanguageModel, Reading } = await import("/explorables/language_model.js");
    const { softmax } = await import("/explorables/arithmetic.js");
    const file = await fetch("/explorables/data/small.safetensors");
    const model = new LanguageModel(await file.arrayBuffer());
    return strings.map((string) => {
        const reading = new Reading(model);
        reading.replace(string);
        reading.advance(Infinity);
        const { r, z, n, h } = reading.state;
        const p = softmax(model.logits(reading.state));
        return [r, z, n, h, p].map((v) => Array.from(v));
    });
}"""
CHOICES = """async (cases) => {
    const { temper, keepTopK, keepNucleus, softmax } = await import("/explorables/arithmetic.js");
    const ways = { temper, keepTopK, keepNucleus };
    return cases.map(([way, x, logits]) => Array.from(ways[way](logits, x).map(Math.exp)));
}"""
ORDER = """async ([ways, logits]) => {
    const { choice } = await import("/explorables/sampling.js");
    return ways.map((way) => Array.from(choice(Float32Array.from(logits), way)));
}"""
DRAWS = """async ([probabilities, numbers]) => {
    const { draw } = await import("/explorables/arithmetic.js");
    return numbers.map((number) => draw(probabilities, number));
}"""
UNIFORM = """async ([seed, count]) => {
    const { uniformNumbers } = await import("/explorables/arithmetic.js");
    return Array.from({ length: count }, uniformNumbers(seed));
}"""
FIXED_POINTS = """async (cases) => {
    const { fixedPoints, slopeAt } = await import("/explorables/cobweb.js");
    return cases.map(([w, b]) => fixedPoints(w, b).map((h) => [h, slopeAt(w, h)]));
}"""
BOTH_WAYS = """async (cases) => {
    const { bothWays, keptOf } = await import("/explorables/backward_pass.js");
    return cases.map(([w, target]) => {
        const found = bothWays({ w, u: 1, inputs: [1, 0, 0], target });
        return { ...found, kept: [1, 2, 3].map((steps) => keptOf(found.shares, steps)) };
    });
}"""
STRETCHES = """async (settings) => {
    const module = await import("/explorables/circle_to_ellipse.js");
    return settings.map((setting) => {
        const w = module.matrix(...setting);
        const values = module.products(Array(20).fill(w)).map((product) => product.values);
        return { values, rho: module.spectralRadius(w) };
    });
}"""


def computed(scripts, script, argument):
    """Run a script; many numbers travel faster in one string."""
    return json.loads(
        scripts.evaluate(f"async (given) => JSON.stringify(await ({script})(given))", argument)
    )


@pytest.mark.parametrize("cell", CELLS)
@torch.no_grad()
def test_steps_are_those_of_torch(scripts, cell):
    torch.manual_seed(3)
    layer = CELLS[cell](SYMBOLS, HIDDEN)
    for parameter in layer.parameters():
        parameter.mul_(3)  # so that gates open and close
    weights = {
        name.removesuffix("_l0"): p.flatten().tolist() for name, p in layer.named_parameters()
    }
    strings = random_strings(range(SYMBOLS), seed=4)
    found = computed(scripts, LAST_STEPS, [cell, weights, strings, SYMBOLS])
    for string, step in zip(strings, found, strict=True):
        inputs = torch.nn.functional.one_hot(torch.tensor(string), SYMBOLS).float()
        expected = {"h": layer(inputs)[0]} if cell == "rnn" else gates.trace(layer, inputs)
        assert set(step) == set(expected)
        for name, values in expected.items():
            np.testing.assert_allclose(step[name], values[-1], **CLOSE)


@torch.no_grad()
def test_the_character_model_is_that_of_chapter_10(scripts):
    model, vocabulary, _ = zoo.load("small")
    characters = [*vocabulary.tokens[2:], "ß", "🙂", "ש", "\u0301"]  # the last four are unknown
    strings = random_strings(characters, seed=5)
    found = computed(scripts, MODEL, ["".join(string) for string in strings])
    for string, (*states, probabilities) in zip(strings, found, strict=True):
        tokens = torch.tensor(vocabulary.look_up(string))
        expected = gates.trace(model.recurrent, model.embedding(tokens)[None])
        for name, values in zip("rznh", states, strict=True):
            np.testing.assert_allclose(values, expected[name][-1, 0], **CLOSE)
        logs, _ = model.predict(tokens)
        np.testing.assert_allclose(probabilities, logs.exp(), **CLOSE)


def test_choices_are_those_of_generation(scripts):
    torch.manual_seed(6)
    names = {
        "temper": (generation.temper, [0.1, 0.5, 1.0, 2.0]),
        "keepTopK": (generation.keep_top_k, [1, 5, 100]),
        "keepNucleus": (generation.keep_nucleus, [0.05, 0.5, 0.9, 1.0]),
    }
    logits = 2 * torch.randn(60, 20, dtype=torch.float64)
    logits[::2] = logits[::2].round()  # with equals among them
    cases = [(name, n, row) for row in logits for name in names for n in names[name][1]]
    found = computed(scripts, CHOICES, [[name, n, row.tolist()] for name, n, row in cases])
    for (name, number, row), probabilities in zip(cases, found, strict=True):
        expected = names[name][0](row, number).exp()
        np.testing.assert_allclose(probabilities, expected, **CLOSE)
        np.testing.assert_array_equal(np.array(probabilities) > 0, expected > 0)


def test_the_temperature_comes_before_the_filter_as_in_generation(scripts):
    torch.manual_seed(7)
    logits = torch.randn(20)
    ways = [{"temperature": 0.5, "filter": name, "k": 3, "p": 0.6} for name in ("top-k", "nucleus")]
    cold = generation.temper(logits, 0.5)
    expected = [generation.keep_top_k(cold, 3), generation.keep_nucleus(cold, 0.6)]
    for found, logs in zip(scripts.evaluate(ORDER, [ways, logits.tolist()]), expected, strict=True):
        np.testing.assert_allclose(found, logs.exp(), **CLOSE)


def test_symbols_are_drawn_by_their_probability(scripts):
    probabilities = [0.0, 0.25, 0.0, 0.5, 0.25, 0.0]
    numbers = [0.0, 0.2499, 0.25, 0.7499, 0.75, 0.999999]
    assert scripts.evaluate(DRAWS, [probabilities, numbers]) == [1, 1, 3, 3, 4, 4]


def test_uniform_numbers_are_uniform_and_follow_their_seed(scripts):
    numbers = computed(scripts, UNIFORM, [10, 20_000])
    counts, _ = np.histogram(numbers, bins=20, range=(0, 1))
    assert counts.sum() == 20_000
    assert abs(counts - 1000).max() < 150  # about five standard deviations
    assert scripts.evaluate(UNIFORM, [10, 5]) == numbers[:5]
    assert scripts.evaluate(UNIFORM, [11, 5]) != numbers[:5]


def test_fixed_points_are_those_of_chapter_2(scripts):
    cases = torch.rand(200, 2, generator=torch.Generator().manual_seed(8)) * 6 - 3
    cases = [*cases.tolist(), [1.0, 0.0], [2.0, 0.0], [-1.0, 0.0]]
    found = computed(scripts, FIXED_POINTS, cases)
    assert {len(points) for points in found} == {1, 3}
    for (w, b), points in zip(cases, found, strict=True):
        expected = dynamics.fixed_points(w, b)
        slopes = w * (1 - expected.square())
        np.testing.assert_allclose(points, torch.stack([expected, slopes], 1), rtol=0, atol=1e-9)


@pytest.mark.parametrize(("w", "target"), [(0.5, 1.0), (-1.4, 0.3), (2.0, -1.0)])
def test_the_hand_network_goes_back_as_autograd_does(scripts, w, target):
    (found,) = computed(scripts, BOTH_WAYS, [[w, target]])
    for name, expected in backward_pass.both_ways(w, target).items():
        np.testing.assert_allclose(found[name], expected, rtol=0, atol=1e-9)


def test_an_ellipse_has_the_singular_values_of_torch(scripts):
    settings = [*circle_to_ellipse.PRESETS.values(), (1.2, 0.9, 65), (0.5, 0.1, 5)]
    found = computed(scripts, STRETCHES, settings)
    for setting, stretches in zip(settings, found, strict=True):
        expected = circle_to_ellipse.preset(*setting)
        for name in ("values", "rho"):
            np.testing.assert_allclose(stretches[name], expected[name], rtol=1e-6, atol=1e-9)

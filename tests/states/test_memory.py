import numpy as np
import pytest

from rnn_tutorial.states import memory


@pytest.fixture
def draw():
    return np.random.default_rng(0)


def delay_line(signal, units):
    """The states of a network that hands each number on from unit to unit."""
    padded = np.concatenate([np.zeros(units - 1), signal])
    return np.stack([padded[units - 1 - k : len(padded) - k] for k in range(units)], axis=1)


def test_a_delay_line_has_as_much_memory_as_units(draw):
    signal = draw.uniform(-1, 1, 4000)
    curve = memory.memory_curve(delay_line(signal, 8), signal, 40)
    np.testing.assert_allclose(curve[:8], 1)
    assert curve[8:].max() < 0.02
    assert abs(curve.sum() - 8) < 0.1


def test_noise_has_no_memory_and_a_dead_network_none_at_all(draw):
    signal = draw.uniform(-1, 1, 4000)
    assert memory.memory_curve(draw.normal(size=(4000, 8)), signal, 20).sum() < 0.2
    assert (memory.memory_curve(np.zeros((4000, 8)), signal, 5) == 0).all()


def test_recall_of_a_delay_line_of_one_hot_symbols(draw):
    symbols = draw.integers(0, 4, 6000)
    lines = [delay_line((symbols == kind).astype(float), 3) for kind in range(4)]
    table = memory.recall_curve(np.concatenate(lines, axis=1), symbols, 6)
    assert table["delay"].tolist() == list(range(7))
    assert (table["accuracy"][:3] == 1).all()
    np.testing.assert_allclose(table["bits"][:3], 2, atol=0.01)  # two bits a symbol
    assert (abs(table["accuracy"][3:] - 0.25) < 0.05).all()
    assert (table["bits"][3:] < 0.02).all()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: memory.memory_curve(np.ones((50, 9)), np.ones(50), 2, washout=20), "at least 56"),
        (lambda: memory.memory_curve(np.ones((50, 2)), np.ones(50), 9, washout=5), "washout must"),
        (lambda: memory.recall_curve(np.ones((500, 2)), np.ones(500), -1), "max_delay must"),
        (lambda: memory.memory_curve(np.full((50, 2), np.nan), np.ones(50), 1), "states must be"),
        (lambda: memory.recall_curve(np.ones((50, 2)), np.ones(49), 1), "symbols must have shape"),
    ],
)
def test_what_makes_no_sense_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()


@pytest.mark.parametrize("signal", [np.ones(200), np.full(200, np.nan)])
def test_a_signal_without_a_correlation_is_refused(draw, signal):
    with pytest.raises(ValueError, match="signal must hold finite numbers that are not all"):
        memory.memory_curve(draw.normal(size=(200, 2)), signal, 2)


def test_lists_do_as_well_as_arrays(draw):
    states, signal = draw.normal(size=(300, 2)), draw.normal(size=300)
    curve = memory.memory_curve(states.tolist(), signal.tolist(), 2)
    np.testing.assert_array_equal(curve, memory.memory_curve(states, signal, 2))

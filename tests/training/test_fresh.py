"""Training on fresh batches: start, record, stop, and what is refused."""

import pytest
import torch

from rnn_tutorial.models import SequenceModel
from rnn_tutorial.networks import layers
from rnn_tutorial.training import ACCURACY, sequence_cross_entropy, squared_error, train_fresh
from rnn_tutorial.training.fresh import generators


def last_input(generator):
    """Sequences of four numbers; the answer is the last one."""
    inputs = torch.rand(16, 4, 1, generator=generator)
    return (inputs,), inputs[:, -1, 0]


def trained(seed=0, **options):
    generator, test = generators(seed)
    model = SequenceModel(layers.GRU(1, 8), 1, every_step=False)
    settings = {"steps": 60, "learning_rate": 0.02, "every": 10} | options
    records = train_fresh(model, last_input, squared_error, generator=generator, **settings)
    return model, records, test


def test_the_same_seed_gives_the_same_run_bit_for_bit():
    (one, records, _), (two, again, _), (_, other, _) = trained(0), trained(0), trained(1)
    assert records == again
    assert records != other
    for name, weights in one.state_dict().items():
        assert torch.equal(weights, two.state_dict()[name])


def test_weights_come_from_the_seed_and_test_data_are_not_the_training_data():
    training, test = generators(3)
    drawn = torch.rand(4)
    assert not torch.equal(last_input(training)[1], last_input(test)[1])
    generators(3)
    assert torch.equal(torch.rand(4), drawn)
    generators(4)
    assert not torch.equal(torch.rand(4), drawn)


def test_a_record_is_the_mean_of_its_steps_before_they_are_learned_from():
    _, fine, _ = trained(every=1)
    _, coarse, _ = trained(every=10)
    assert [record["step"] for record in coarse] == [10, 20, 30, 40, 50, 60]
    for place, record in enumerate(coarse):
        part = fine[10 * place : 10 * place + 10]
        assert record["loss"] == pytest.approx(sum(r["loss"] for r in part) / 10)
    generator, _ = generators(0)
    model = SequenceModel(layers.GRU(1, 8), 1, every_step=False)
    (inputs,), targets = last_input(generator)
    assert fine[0]["loss"] == squared_error(model(inputs)[0], targets).item()
    assert coarse[-1]["loss"] < 0.5 * coarse[0]["loss"]


def test_right_answers_are_counted_over_all_steps():
    class Constant(torch.nn.Module):
        """Says class 0 at each step, whatever it learns."""

        def __init__(self):
            super().__init__()
            self.weight = torch.nn.Parameter(torch.zeros(1))

        def forward(self, inputs):
            return torch.tensor([9.0, 0.0]).expand(*inputs.shape, 2) + self.weight

    def batch(generator):
        bits = torch.randint(2, (5, 4), generator=generator)
        seen.append((bits == 0).double().mean().item())
        return (bits,), bits

    seen = []
    (record,) = train_fresh(
        Constant(), batch, sequence_cross_entropy, metric=ACCURACY,
        generator=torch.Generator().manual_seed(0), steps=3, learning_rate=0.1, every=3,
    )  # fmt: skip
    assert record["accuracy"] == pytest.approx(sum(seen) / 3)


def test_training_stops_when_it_is_good_enough():
    _, whole, _ = trained()
    bound = whole[2]["loss"] * 1.0001
    _, stopped, _ = trained(stop_below=bound)
    first = next(place for place, record in enumerate(whole) if record["loss"] < bound)
    assert stopped == whole[: first + 1]
    assert len(stopped) < len(whole)


def test_the_gradient_is_clipped():
    """Adam's first step does not depend on the scale, so compare what comes after two."""
    (one, *_), (two, *_) = (trained(steps=2, every=1, max_norm=norm) for norm in (1e-6, 10.0))
    assert not torch.equal(one.output.weight, two.output.weight)


def test_a_loss_that_is_not_finite_is_an_error_that_names_the_batch():
    def broken(outputs, targets):
        calls.append(None)
        return squared_error(outputs, targets) * (float("nan") if len(calls) == 3 else 1.0)

    calls = []
    generator, _ = generators(0)
    model = SequenceModel(layers.RNN(1, 4), 1, every_step=False)
    with pytest.raises(FloatingPointError, match="batch 3: the loss is nan"):
        train_fresh(model, last_input, broken, generator=generator, steps=5, learning_rate=0.1)

import pytest
import torch

from rnn_tutorial.networks import scan


def drawn(steps, *rest, seed=0):
    generator = torch.Generator().manual_seed(seed)
    a = torch.rand(steps, *rest, generator=generator, dtype=torch.float64)
    b = torch.randn(steps, *rest, generator=generator, dtype=torch.float64)
    return a.requires_grad_(), b.requires_grad_()


def test_the_loop_is_the_recurrence():
    a, b = torch.tensor([2.0, 3.0, 0.5]), torch.tensor([1.0, -1.0, 4.0])
    assert scan.linear_loop(a, b).tolist() == [1, 2, 5]
    assert scan.linear_loop(a, b, torch.tensor(1.0)).tolist() == [3, 8, 8]
    assert scan.linear_scan(a, b, torch.tensor(1.0)).tolist() == [3, 8, 8]


@pytest.mark.parametrize("steps", [1, 2, 3, 7, 8, 9, 100])
def test_the_scan_is_the_loop_with_its_gradients(steps):
    for seed in range(5):
        a, b = drawn(steps, 2, 3, seed=seed)
        h0 = torch.full((2, 3), 0.7, dtype=torch.float64, requires_grad=True)
        found = []
        for way in (scan.linear_loop, scan.linear_scan):
            states = way(a, b, h0)
            weights = torch.arange(states.numel(), dtype=torch.float64).view_as(states).cos()
            gradients = torch.autograd.grad((states * weights).sum(), (a, b, h0))
            found.append((states, *gradients))
        torch.testing.assert_close(*found)


def test_a_gradient_agrees_with_finite_differences():
    a, b = drawn(5, 2)
    assert torch.autograd.gradcheck(scan.linear_scan, (a, b))


def test_rounds_are_counted_as_they_run():
    for steps in (1, 2, 3, 4, 5, 8, 9, 1000, 1024, 1025):
        counted, shift = 0, 1
        while shift < steps:
            counted, shift = counted + 1, 2 * shift
        assert scan.rounds(steps) == counted
    with pytest.raises(ValueError, match="time_steps must be at least 1, got 0"):
        scan.rounds(0)


def test_min_gru_is_the_formula_in_both_ways():
    torch.manual_seed(0)
    layer = scan.MinGRU(3, 4)
    x = torch.randn(9, 2, 3, generator=torch.Generator().manual_seed(1))
    outputs, last = layer(x)
    stepped, _ = layer(x, parallel=False)
    torch.testing.assert_close(outputs, stepped)
    w, bias = layer.from_input.weight, layer.from_input.bias
    h = torch.zeros(2, 4)
    for t in range(9):
        z = torch.sigmoid(x[t] @ w[:4].T + bias[:4])
        h = z * h + (1 - z) * (x[t] @ w[4:].T + bias[4:])
        torch.testing.assert_close(outputs[t], h)
    torch.testing.assert_close(last, h)
    again, _ = layer(x[5:], outputs[4])
    torch.testing.assert_close(again, outputs[5:])


def test_what_does_not_fit_is_refused():
    a, b = drawn(4, 2)
    with pytest.raises(ValueError, match=r"b must have shape \(4, 2\), got \(3, 2\)"):
        scan.linear_scan(a, b[:3])
    with pytest.raises(ValueError, match=r"h0 must have shape \(2,\), got \(3,\)"):
        scan.linear_loop(a, b, torch.zeros(3, dtype=torch.float64))
    with pytest.raises(ValueError, match="a must have at least one time step"):
        scan.linear_scan(a[:0], b[:0])
    with pytest.raises(TypeError, match="a must hold floating-point numbers"):
        scan.linear_scan(torch.ones(3, dtype=torch.int64), b)
    with pytest.raises(ValueError, match="hidden_size must be at least 1, got 0"):
        scan.MinGRU(3, 0)

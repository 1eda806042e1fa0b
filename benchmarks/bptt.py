"""Cost of a gradient through time against the length T: work, memory and time of six ways to it.

    python benchmarks/bptt.py [--repeats 7] [--quick]

Work is counted: the multiplications of all matrix products. Memory is the most by which torch's
allocated memory rises. Both are the same on every machine with the same version of torch. Time is
the median of the processor's seconds on one thread, with the contestants taking turns. Finite
differences treat all numbers alike, so they are measured on one bias, and work and time are scaled
up to all weights. Chapter 4 reads the table, rnn_tutorial/experiments/results/bptt_costs.csv.
"""

import argparse
import math
from collections.abc import Callable, Mapping

import pandas as pd
import torch
from meters import medians, peak_bytes
from torch import Tensor

from rnn_tutorial.experiments.engine.evidence import RESULTS as EVIDENCE
from rnn_tutorial.experiments.engine.runner import provenance
from rnn_tutorial.gradients import costs, finite_differences, recomputed_bptt, rtrl, truncated_bptt
from rnn_tutorial.networks import cells, layers
from rnn_tutorial.training import count_parameters

RESULTS = EVIDENCE / "bptt_costs.csv"
LENGTHS = (16, 64, 256, 1024)
QUICK = LENGTHS[:2]
FEATURES, HIDDEN = 4, 16
REACH = 16  # of the truncated gradient
DIFFERENCES = "finite differences"
MEASURED = "bias_ih_l0"  # the parameter that finite differences are measured on


def loss_function(outputs: Tensor, steps: slice) -> Tensor:
    """Return a loss with a part at every step, so that every state has a gradient from above."""
    return outputs.square().sum()


def recorded_loop(layer: layers.RNN, inputs: Tensor) -> dict[str, Tensor]:
    """Compute the gradient as most tutorials do: a loop over time that autograd records."""
    h, loss = inputs.new_zeros(inputs.shape[1], layer.hidden_size), 0
    for t, x in enumerate(inputs):
        h = cells.rnn_step(x, h, *layer.all_weights[0])
        loss = loss + loss_function(h, slice(t, t + 1))
    names, parameters = zip(*layer.named_parameters(), strict=True)
    return dict(zip(names, torch.autograd.grad(loss, parameters), strict=True))


def contestants(time_steps: int) -> dict[str, Callable[[], Mapping[str, Tensor]]]:
    """Return what is measured for a length: functions that return the gradient, by name."""
    generator = torch.Generator().manual_seed(0)
    torch.manual_seed(0)
    layer = layers.RNN(FEATURES, HIDDEN, dtype=torch.float64)
    inputs = torch.randn(time_steps, 1, FEATURES, generator=generator, dtype=torch.float64)
    measured, chunk = {MEASURED: layer.get_parameter(MEASURED)}, math.isqrt(time_steps)
    return {
        "BPTT": lambda: truncated_bptt(layer, inputs, loss_function, steps=time_steps)[1],
        "recorded loop": lambda: recorded_loop(layer, inputs),
        "truncated": lambda: truncated_bptt(layer, inputs, loss_function, steps=REACH)[1],
        "recomputed": lambda: recomputed_bptt(layer, inputs, loss_function, every=chunk)[1],
        "RTRL": lambda: rtrl(layer, inputs, loss_function)[1],
        DIFFERENCES: lambda: finite_differences(
            lambda: loss_function(layer(inputs)[0], slice(0, time_steps)), measured
        ),
    }


def run(lengths=LENGTHS, *, repeats: int = 7) -> pd.DataFrame:
    """Measure all lengths.

    Returns
    -------
    DataFrame
        One row for each length and contestant: multiplications, peak bytes, CPU milliseconds.
    """
    # all numbers, and those of the bias
    scale = count_parameters(layers.RNN(FEATURES, HIDDEN)) / HIDDEN
    rows = []
    for time_steps in lengths:
        named = contestants(time_steps)
        seconds = medians(named, repeats, warm_ups=0, slow=1.0)
        for name, function in named.items():
            times = scale if name == DIFFERENCES else 1
            rows.append(
                {
                    "method": name,
                    "time_steps": time_steps,
                    "multiplications": round(times * costs.multiplications(function)),
                    "peak_bytes": peak_bytes(function),
                    "cpu_ms": float(f"{times * seconds[name] * 1e3:.4g}"),
                }
            )
    return pd.DataFrame(rows)


def main() -> None:
    """Run the benchmark, print the table and store it."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("--quick", action="store_true", help="short sequences; stores nothing")
    options = parser.parse_args()
    torch.set_num_threads(1)
    frame = run(QUICK if options.quick else LENGTHS, repeats=options.repeats)
    for column in ("multiplications", "peak_bytes", "cpu_ms"):
        print(frame.pivot(index="method", columns="time_steps", values=column).to_string(), "\n")
    if not options.quick:
        used = {"features": FEATURES, "hidden": HIDDEN, "dtype": "float64"}
        used |= {"torch": torch.__version__, "threads": 1, "processor": provenance()["processor"]}
        frame.assign(**used).to_csv(RESULTS, index=False, lineterminator="\n")
        print(f"The table is {RESULTS.name}.")


if __name__ == "__main__":
    main()

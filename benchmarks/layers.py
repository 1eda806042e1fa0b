"""Time of a training step: four ways to run a recurrent layer, beside the machine's limit.

    python benchmarks/layers.py [--rounds 3] [--repeats 11] [--threads 1] [--quick]

The four are our layers, torch.nn's, the loop of `rnn_tutorial.networks.plain`, which autograd
records, and for the tanh RNN `rnn_tutorial.networks.numpy_rnn`. Everything that is compared runs
interleaved in one process, one step of each in turn and in an order that is drawn anew each time: a
machine whose speed drifts slows all of them, and nobody always runs after the one that empties the
caches. The whole is repeated in rounds, so that one sees how far the ratios move. The limit is the
time that the matrix products of a step would take at the rate that one large product reaches in the
same run.

The medians of each round replace those with the same number of threads in
rnn_tutorial/experiments/results/layers_speed.csv, where chapter 7 reads them; the picture is
_build/bench/layers.png.
"""

import argparse
import warnings
from collections.abc import Callable
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import torch
from meters import medians, peak_bytes, peak_traced_bytes
from threadpoolctl import threadpool_limits
from torch import Tensor, nn

from rnn_tutorial import figures
from rnn_tutorial.experiments.engine.evidence import RESULTS as EVIDENCE
from rnn_tutorial.experiments.engine.runner import provenance
from rnn_tutorial.networks import BLOCKS, layers, numpy_rnn, plain

RESULTS = EVIDENCE / "layers_speed.csv"
PICTURE = Path("_build/bench/layers.png")
SIZE = ["batch", "time", "features", "hidden"]
SIZES = [(32, 50, 32, 64), (32, 100, 64, 128), (64, 100, 64, 128), (64, 100, 128, 256),
         (128, 100, 128, 512)]  # fmt: skip
QUICK = SIZES[:2]
SQUARE = 1024  # rows and columns of the product that measures the limit
KINDS = ("RNN", "GRU", "LSTM")


def contestants(kind: str, size: tuple[int, int, int, int]) -> dict[str, Callable[[], None]]:
    """Return what is timed for one kind of layer and one size, by name."""
    batch, time_steps, features, hidden = size
    ours = getattr(layers, kind)(features, hidden)
    theirs = getattr(nn, kind)(features, hidden)
    theirs.load_state_dict(ours.state_dict())
    # the inputs get a gradient too, as they do above an embedding
    inputs = torch.randn(time_steps, batch, features, requires_grad=True)
    from_above = torch.randn(time_steps, batch, hidden)  # the gradient that the layer receives

    def train(outputs: Tensor, module: nn.Module) -> None:
        module.zero_grad()
        inputs.grad = None
        outputs.backward(from_above)

    def without_onednn() -> None:
        with warnings.catch_warnings():  # they are about graphics processors, on any machine
            warnings.simplefilter("ignore")
            with torch.backends.mkldnn.flags(enabled=False):
                train(theirs(inputs)[0], theirs)

    named = {
        "ours": lambda: train(ours(inputs)[0], ours),
        "torch": lambda: train(theirs(inputs)[0], theirs),
        "loop": lambda: train(plain.unroll(ours, inputs)[0], ours),
    }
    if kind == "LSTM":
        named["torch, oneDNN off"] = without_onednn
    if kind == "RNN":
        named["numpy"] = numpy_step(ours, inputs, from_above)
    inference = torch.inference_mode()
    return named | {
        "ours, inference": inference(lambda: ours(inputs)),
        "torch, inference": inference(lambda: theirs(inputs)),
    }


def numpy_step(layer: nn.Module, inputs: Tensor, from_above: Tensor) -> Callable[[], object]:
    """Return a training step of a tanh layer in NumPy, on the memory of torch's tensors."""
    tensors = (*layer.parameters(), inputs, from_above)
    w_ih, w_hh, b_ih, b_hh, x, above = (t.detach().numpy() for t in tensors)
    h_0 = np.zeros((x.shape[1], len(w_hh)), x.dtype)

    def step() -> dict[str, np.ndarray]:
        states = numpy_rnn.forward(x, h_0, w_ih, w_hh, b_ih + b_hh)
        return numpy_rnn.backward(x, states, above, w_ih, w_hh)

    return step


def products(kind: str, size: tuple[int, int, int, int]) -> int:
    """Count the floating-point operations of a training step's matrix products.

    Forward, and backward for the inputs and for the weights: three products of the same size,
    with W_ih and with W_hh, for each of the cell's blocks of rows.
    """
    batch, time_steps, features, hidden = size
    return 3 * 2 * batch * time_steps * BLOCKS[kind.lower()] * hidden * (features + hidden)


def run(sizes=SIZES, kinds=KINDS, *, repeats: int = 11) -> pd.DataFrame:
    """Measure all kinds and sizes.

    Returns
    -------
    DataFrame
        One row for each kind, size and contestant: the median milliseconds, the limit's
        milliseconds for the same training step, and for training steps the peak memory in MB.
    """
    square = torch.randn(SQUARE, SQUARE)
    rows = []
    for kind in kinds:
        for size in sizes:
            torch.manual_seed(0)
            named = contestants(kind, size)
            seconds = medians({**named, "square": lambda: square @ square}, repeats)
            rate = 2 * SQUARE**3 / seconds.pop("square")
            for name, median in seconds.items():
                peak = peak_traced_bytes if name == "numpy" else peak_bytes
                rows.append(
                    {
                        "layer": kind,
                        **dict(zip(SIZE, size, strict=True)),
                        "what": name,
                        "ms": round(median * 1e3, 3),
                        "limit_ms": round(products(kind, size) / rate * 1e3, 3),
                        "peak_mb": None
                        if "inference" in name
                        else round(peak(named[name]) / 1e6, 2),
                    }
                )
    return pd.DataFrame(rows)


def ratios(frame: pd.DataFrame) -> pd.DataFrame:
    """Return for each layer and size how many times as fast as another ours is, and the limit.

    Returns
    -------
    DataFrame
        Indexed by layer and the four sizes; the median over rounds. A ratio above 1 means that ours
        is faster; ``limit`` is the share of the machine's rate of matrix products that our training
        step reaches; ``memory`` is our peak divided by torch's.
    """
    index = ["layer", *SIZE]
    per_round = [*index, "round"]
    ms = frame.pivot(index=per_round, columns="what", values="ms")
    ms = ms.reindex(columns=[*ms.columns.union(["torch, oneDNN off", "numpy"])])  # of one kind each
    peak = frame.pivot(index=per_round, columns="what", values="peak_mb")
    table = pd.DataFrame(
        {
            "torch": ms["torch"] / ms["ours"],
            "torch, oneDNN off": ms["torch, oneDNN off"] / ms["ours"],
            "loop": ms["loop"] / ms["ours"],
            "numpy": ms["numpy"] / ms["ours"],
            "inference": ms["torch, inference"] / ms["ours, inference"],
            "limit": frame.groupby(per_round)["limit_ms"].first() / ms["ours"],
            "memory": peak["ours"] / peak["torch"],
        }
    )
    table = table.groupby(level=index).median()
    return table.reindex([kind for kind in KINDS if kind in set(frame["layer"])], level="layer")


def geometric_mean(values: pd.Series) -> float:
    """Return the geometric mean, the right one for ratios."""
    return float(np.exp(np.log(values.dropna()).mean()))


def draw(frame: pd.DataFrame, path: Path) -> None:
    """Draw how many times as fast as torch's the others train, one panel for each kind of layer."""
    figures.use_style()
    names = {"ours": "ours", "torch, oneDNN off": "torch, oneDNN off", "loop": "recorded loop",
             "numpy": "NumPy"}  # fmt: skip
    panels = {}
    for kind, part in frame.groupby("layer", sort=False):
        ms = part.pivot(index=[*SIZE, "round"], columns="what", values="ms")
        limit = part.groupby([*SIZE, "round"])["limit_ms"].first()
        speed = {"machine's limit": ms["torch"] / limit}
        speed |= {shown: ms["torch"] / ms[name] for name, shown in names.items() if name in ms}
        panels[kind] = {
            shown: ratio.unstack("round").reset_index(drop=True) for shown, ratio in speed.items()
        }
    labels = ["×".join(map(str, size)) for size in ms.index.droplevel("round").unique()]
    axes = figures.band_panels(
        panels, "times as fast as torch.nn", ["batch × time × features × hidden"] * len(panels),
        marker="o", yscale="log", xticks=range(len(labels)), xticklabels=labels,
    )  # fmt: skip
    ticks = [0.25, 0.5, 1, 2, 4, 8, 16]
    axes[0].set_yticks(ticks, map(str, ticks))
    for ax in axes:
        ax.axhline(1, color="gray")
        ax.tick_params("x", rotation=60)
    path.parent.mkdir(parents=True, exist_ok=True)
    axes[0].figure.set_size_inches(10, 4.5)
    axes[0].figure.savefig(path)
    plt.close(axes[0].figure)


def main() -> None:
    """Run the benchmark, print the ratios, store the medians and draw them."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--repeats", type=int, default=11)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--quick", action="store_true", help="small sizes; stores nothing")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    sizes, rounds = QUICK if options.quick else SIZES, range(1, options.rounds + 1)
    with threadpool_limits(options.threads):  # NumPy's
        parts = [run(sizes, repeats=options.repeats).assign(round=r) for r in rounds]
    frame = pd.concat(parts, ignore_index=True)
    if not options.quick:
        store(frame, options.threads)
    table = ratios(frame)
    print("How many times as fast as another ours is; limit and memory are shares.")
    print(table.round(2).to_string())
    for kind in KINDS:
        print(f"{kind}: geometric mean {geometric_mean(table.loc[kind, 'torch']):.2f} of torch's")
    draw(frame, PICTURE)
    print(f"The picture is {PICTURE}.")


def store(frame: pd.DataFrame, threads: int) -> None:
    """Replace the measurements with this number of threads; those with other numbers stay."""
    used = {"torch": torch.__version__, "numpy": np.__version__, "threads": threads}
    used["processor"] = provenance()["processor"]
    frame = frame.assign(**used)
    if RESULTS.exists():
        stored = pd.read_csv(RESULTS)
        frame = pd.concat([frame, stored[stored["threads"] != threads]], ignore_index=True)
    frame.to_csv(RESULTS, index=False, lineterminator="\n")


if __name__ == "__main__":
    main()

"""The two trained character models of chapter 10, and the command that made them.

``python -m rnn_tutorial.experiments.texts.character_checkpoints NAME`` trains one, writes it with 8
bits a weight to ``models/weights/NAME.safetensors``, and the log of the training to
``models/weights/NAME.csv``.
"""

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import torch

from rnn_tutorial.data.plays import encoded_tragedies
from rnn_tutorial.experiments.engine.runner import provenance
from rnn_tutorial.experiments.texts import character_model as characters
from rnn_tutorial.models import checkpoint, zoo
from rnn_tutorial.training.language import bits_of

SEED = 10


def make(name: str, setup: characters.Setup, folder: Path, *, seed: int = SEED) -> dict[str, str]:
    """Train a model, and write it with its log.

    Parameters
    ----------
    name : str
        What the two files are called.
    setup : Setup
        How to train it.
    folder : Path
        Where to put them.
    seed : int
        Draws the initial weights.

    Returns
    -------
    dict of str to str
        The metadata of the file.
    """
    texts, log = encoded_tragedies(), []
    wall, cpu = time.perf_counter(), time.process_time()

    def report(update: int, bits: float) -> None:
        seconds = time.perf_counter() - wall, time.process_time() - cpu
        log.append((update, bits, *seconds))
        if update % characters.EVERY == 0:
            print(f"update {update}: {bits:.2f} bits, {seconds[1]:.0f} s of cores", flush=True)

    model, _ = characters.train(setup, texts.train, len(texts.vocabulary), seed, report)
    table = pd.DataFrame(log, columns=["updates", "bits", "seconds", "cpu_seconds"])
    smooth = table["bits"].rolling(characters.EVERY).mean()
    table = table.assign(bits=smooth)[characters.EVERY - 1 :: characters.EVERY]
    path = folder / f"{name}.safetensors"
    about = {
        "command": f"python -m rnn_tutorial.experiments.texts.character_checkpoints {name}"
        f" --threads {torch.get_num_threads()}",
        "seed": str(seed),
        "setup": str(setup),
        "seconds": f"{table['seconds'].iloc[-1]:.1f}",
        "cpu_seconds": f"{table['cpu_seconds'].iloc[-1]:.1f}",
        "bits": f"{bits_of(model, texts.test).mean():.4f}",
        **{key: str(value) for key, value in provenance().items()},
    }
    checkpoint.save(path, model, texts.vocabulary, about)
    rounded, _, _ = checkpoint.load(path)
    about["bits_rounded"] = f"{bits_of(rounded, texts.test).mean():.4f}"
    checkpoint.save(path, model, texts.vocabulary, about)
    table.round(4).to_csv(folder / f"{name}.csv", index=False, lineterminator="\n")
    return about


def main(arguments: Sequence[str] | None = None) -> int:
    """Train the models named and rewrite their files."""
    parser = argparse.ArgumentParser(
        prog="python -m rnn_tutorial.experiments.texts.character_checkpoints"
    )
    parser.add_argument("names", nargs="+", choices=list(characters.CHECKPOINTS), metavar="NAME")
    parser.add_argument("--threads", type=int, default=2, help="for each operation of torch")
    options = parser.parse_args(arguments)
    torch.set_num_threads(options.threads)
    for name in options.names:
        for key, value in make(name, characters.CHECKPOINTS[name], zoo.WEIGHTS).items():
            print(f"{name}: {key} {value}")
    return 0


if __name__ == "__main__":
    sys.exit(main())

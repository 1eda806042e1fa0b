"""Run every notebook under settings that change the last digits, the order or the language.

``python -m tools.contracts.matrix [ROW ...]``. ATEN_CPU_CAPABILITY and MKL_CBWR take other
instructions of the processor, and so round differently, as another machine would.
"""

import argparse
import os
import re
import subprocess
import sys
import time
from pathlib import Path

LOG = Path("_build/contracts/matrix.log")
LOCALES = Path("_build/contracts/locale")
BASE = {"OMP_NUM_THREADS": "1", "TQDM_DISABLE": "1"}
WORKERS = 2
REPETITIONS = 10
CHINESE = "zh_CN.UTF-8"

# The environment of each row; "reversed order" and "ten times" say what they do.
ROWS = {
    "as the machine is": {},
    "ATEN_CPU_CAPABILITY=default": {"ATEN_CPU_CAPABILITY": "default"},
    "MKL_CBWR=COMPATIBLE": {"MKL_CBWR": "COMPATIBLE"},
    "OMP_NUM_THREADS=2": {"OMP_NUM_THREADS": "2"},
    "LC_ALL=C.UTF-8": {"LC_ALL": "C.UTF-8"},
    f"LC_ALL={CHINESE}": {"LC_ALL": CHINESE, "LOCPATH": str(LOCALES.resolve())},
    "reversed order": {},
    "ten times": {},
}


def make_locale(name, folder):
    """Generate a locale, because a program falls back in silence where a locale is absent.

    Parameters
    ----------
    name : str
        Such as zh_CN.UTF-8.
    folder : pathlib.Path
        Where to put it; ``LOCPATH`` has to name it.

    Raises
    ------
    RuntimeError
        If a program that is told to use the locale does not get it.
    """
    language, _, charmap = name.partition(".")
    folder.mkdir(parents=True, exist_ok=True)
    command = ["localedef", "-i", language, "-f", charmap, folder / name]
    # its exit status tells of warnings too; the check below is the one that counts
    subprocess.run(command, capture_output=True, check=False)
    check = "import locale; locale.setlocale(locale.LC_ALL, ''); print(locale.getlocale()[0])"
    environment = os.environ | {"LC_ALL": name, "LOCPATH": str(folder.resolve())}
    result = subprocess.run(
        [sys.executable, "-c", check], env=environment, capture_output=True, text=True, check=False
    )
    if result.stdout.strip() != language:
        raise RuntimeError(f"no locale {name} (Debian has what it takes in the package locales)")


def run_row(name, notebooks):
    """Run the notebooks as one row of the matrix says.

    Parameters
    ----------
    name : str
        A key of `ROWS`.
    notebooks : list of pathlib.Path
        The notebooks.

    Returns
    -------
    passed : bool
        Whether all cells held, in all repetitions.
    printed : str
        What pytest printed.
    """
    if name.endswith(CHINESE):
        make_locale(CHINESE, LOCALES)
    order = notebooks[::-1] if name == "reversed order" else notebooks
    command = [sys.executable, "-m", "pytest", "-p", "tools.contracts.plugin", "--nbval", "-q"]
    command += ["--nbval-current-env", "-n", str(WORKERS), "--dist", "loadfile", *map(str, order)]
    printed = ""
    for _ in range(REPETITIONS if name == "ten times" else 1):
        result = subprocess.run(
            command, env=os.environ | BASE | ROWS[name], capture_output=True, text=True, check=False
        )
        printed += result.stdout + result.stderr
        if result.returncode:
            return False, printed
    return True, printed


def main(arguments=None):
    """Run the command line and return its exit status."""
    parser = argparse.ArgumentParser(prog="python -m tools.contracts.matrix", description=__doc__)
    parser.add_argument("rows", nargs="*", metavar="ROW", help=f"default: {', '.join(ROWS)}")
    rows = parser.parse_args(arguments).rows or list(ROWS)
    for name in rows:
        if name not in ROWS:
            parser.error(f"no row is called {name!r}; there are {', '.join(ROWS)}")
    notebooks = sorted(Path("book").glob("*.ipynb"))
    LOG.parent.mkdir(parents=True, exist_ok=True)
    failed = 0
    with LOG.open("w", encoding="utf-8") as log:
        for name in rows:
            start = time.monotonic()
            passed, printed = run_row(name, notebooks)
            log.write(f"{name}\n\n{printed}\n")
            summary = re.findall(r"contracts: .*|.* in [0-9.]+s.*", printed)[-1:]
            verdict = "held" if passed else "FAILED"
            seconds = time.monotonic() - start
            print(f"{name:30} {verdict:6} {seconds:6.0f} s  {''.join(summary)}", flush=True)
            failed += not passed
    print(f"{len(rows) - failed} of {len(rows)} rows held; all that was printed is in {LOG}")
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())

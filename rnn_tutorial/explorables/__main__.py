"""Write the files that the explorables load: ``python -m rnn_tutorial.explorables``."""

import argparse
from pathlib import Path

from rnn_tutorial import explorables

parser = argparse.ArgumentParser(prog="python -m rnn_tutorial.explorables", description=__doc__)
parser.add_argument(
    "--folder",
    type=Path,
    default=Path("book/_static/explorables/data"),
    help="where to; typed in the top folder of the project, the default is right",
)
for path in explorables.write(parser.parse_args().folder):
    print(f"{path.name}: {path.stat().st_size:,} bytes")

import os
import sys
from pathlib import Path

import pytest
from hypothesis import settings

# One thread for torch and NumPy, here and in whatever a test starts: two workers share the cores.
# It has to be said before either is imported.
os.environ["OMP_NUM_THREADS"] = os.environ["MKL_NUM_THREADS"] = "1"

# The supervisor of submissions needs Linux.
collect_ignore = [] if sys.platform.startswith("linux") else ["assignments"]

# A busy machine makes single examples slow. The long suite draws more, with its own profile.
settings.register_profile("quick", deadline=None, max_examples=25)
settings.register_profile("long", deadline=None, max_examples=100)
settings.load_profile("quick")


@pytest.fixture(autouse=True)
def same_random_numbers():
    """Begin each test with the same random numbers, whichever tests a worker has run before."""
    if torch := sys.modules.get("torch"):
        torch.manual_seed(0)


@pytest.fixture(scope="session")
def root() -> Path:
    """The top folder of the project."""
    return Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def few_speeches():
    """Two speeches of each play of Shakespeare that has a genre."""
    import numpy as np

    from rnn_tutorial.data import Speeches, speeches

    whole = speeches()
    firsts = np.unique(whole.plays, return_index=True)[1]
    few = np.sort(np.concatenate([firsts, firsts + 1]))
    return Speeches(whole.data.select(few), whole.plays[few])

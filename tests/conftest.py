import sys
from pathlib import Path

import pytest
from hypothesis import settings

# The supervisor of submissions needs Linux.
collect_ignore = [] if sys.platform.startswith("linux") else ["assignments"]

# A busy machine makes single examples slow; the suite has limits of its own.
settings.register_profile("tests", deadline=None)
settings.load_profile("tests")


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


@pytest.fixture
def own_style():
    """Draw in the style of the book, and leave neither it nor a figure behind."""
    import matplotlib.pyplot as plt

    from rnn_tutorial import figures

    with plt.rc_context():
        figures.use_style()
        yield
        plt.close("all")

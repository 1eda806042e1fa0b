import matplotlib.pyplot as plt
import pytest

from rnn_tutorial import figures


@pytest.fixture(autouse=True)
def own_style():
    """Draw in the style of the book, and leave neither the style nor a figure open."""
    with plt.rc_context():
        figures.use_style()
        yield
        plt.close("all")

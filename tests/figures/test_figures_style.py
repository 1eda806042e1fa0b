"""Figures have the letters of the pages, from the package, on every machine."""

import warnings
from pathlib import Path

import matplotlib.pyplot as plt
import pytest
from matplotlib.font_manager import FontProperties, findfont

from rnn_tutorial import figures

FONTS = Path(figures.__file__).parent / "fonts"


@pytest.mark.parametrize(
    ("look", "name"),
    [({}, "Regular"), ({"style": "italic"}, "Italic"), ({"weight": "bold"}, "Bold")],
)
def test_letters_come_from_the_package(look, name):
    assert Path(findfont(FontProperties(**look))) == FONTS / f"STIXTwoText-{name}.ttf"


def test_signs_of_labels_and_formulas_are_found(caplog):
    words = "λ → ⊙ ‖J‖ ≤ 1 ± ½, Čapek"
    formulas = r"$\mathcal{N}$, $\hat{y}_t = \tanh(\mathbf{W} h) \in \mathbb{R}$"
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        figure, ax = plt.subplots()
        ax.set_title(f"{words} {formulas}")
        figure.canvas.draw()
    assert not caplog.records

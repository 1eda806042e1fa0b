"""Figures are stored as PNG and SVG: the same in each run, and short."""

import io
import itertools
import re
from xml.etree import ElementTree

import matplotlib.pyplot as plt
import numpy as np
from IPython.core.interactiveshell import InteractiveShell
from matplotlib.figure import Figure
from PIL import Image

from rnn_tutorial import figures
from rnn_tutorial.figures import _display

SVG = "{http://www.w3.org/2000/svg}"


def curves():
    labels = {"xlabel": "steps $k$", "ylabel": r"$\partial h_k / \partial h_0$"}
    return figures.lines({"a": [1.0, 0.5, 0.1], "b": [0.9, 0.8, 0.7]}, **labels).figure


def cells(count):
    _, ax = plt.subplots()
    ax.pcolormesh(np.arange(count**2).reshape(count, count) / count**2)
    return ax.figure


def pixels(png):
    with Image.open(io.BytesIO(png)) as picture:
        assert picture.mode == "RGB", "without transparency"
        return picture.size, round(picture.info["dpi"][0])


def test_a_figure_has_both_forms_of_one_size():
    figure = curves()
    width, height = figure.get_size_inches()
    data, metadata = _display.both(figure)
    assert set(data) == {"image/png", "image/svg+xml"}
    assert metadata == {}
    assert pixels(data["image/png"]) == ((int(96 * width), int(96 * height)), 96)
    root = ElementTree.fromstring(data["image/svg+xml"])
    assert [float(n) for n in root.get("viewBox").split()] == [0, 0, 72 * width, 72 * height]


def test_pixels_and_what_is_long_are_stored_twice_as_fine_and_shown_as_large():
    _, ax = plt.subplots()
    ax.imshow(np.eye(3))
    for figure in (ax.figure, cells(60)):
        data, metadata = _display.both(figure)
        width, height = (int(96 * inches) for inches in figure.get_size_inches())
        assert set(data) == {"image/png"}
        assert metadata == {"image/png": {"width": width, "height": height}}
        (across, down), dots = pixels(data["image/png"])
        assert dots == 192
        assert 0 <= across - 2 * width <= 1
        assert 0 <= down - 2 * height <= 1
    assert "image/svg+xml" in _display.both(cells(5))[0]


def test_a_second_run_gives_the_same_letters():
    assert _display.svg(curves()) == _display.svg(curves())


def test_text_stays_text_and_nothing_is_left_that_says_nothing():
    drawn = _display.svg(curves())
    root = ElementTree.fromstring(drawn)
    texts = ["".join(text.itertext()) for text in root.iter(f"{SVG}text")]
    assert {"a", "b"} <= set(texts)
    assert any(re.fullmatch(r"steps\s*k", text) for text in texts)
    assert "∂h" in "".join(texts)
    tags = {element.tag for element in root.iter()}
    assert not {f"{SVG}style", f"{SVG}metadata"} & tags, "a style would hold of the whole page"
    ids = re.findall(r'\bid="([^"]+)"', drawn)
    assert ids
    assert all(f"#{name}" in drawn for name in ids)
    assert not re.search(r"\d\.\d{3}", "".join(re.findall(r' d="[^"]*"', drawn)))


def test_what_is_drawn_stays_after_it_was_shown():
    figure = curves()
    layout = figure.get_layout_engine()
    first, _ = _display.both(figure)
    assert figure.get_layout_engine() is layout
    assert _display.both(figure)[0] == first


def test_ipython_stores_both(monkeypatch):
    shell = InteractiveShell()
    shell.display_formatter.formatters["image/png"].for_type(Figure, lambda _: b"its own")
    monkeypatch.setattr("builtins.get_ipython", lambda: shell, raising=False)
    figures.use_style()
    assert isinstance(curves(), Figure)
    data, _ = shell.display_formatter.format(curves())
    assert {"image/png", "image/svg+xml"} <= set(data)
    assert pixels(data["image/png"])[1] == 96


def test_what_is_longer_than_its_axes_is_broken_into_lines():
    figure, axes = plt.subplots(1, 4)
    for ax in axes:
        ax.set(title="strong input, large weights", xlabel="lag k (steps)", ylabel="norm")
    _display.both(figure)
    ax = axes[0]
    assert ax.get_title(loc="left").count("\n") >= 1
    assert ax.get_ylabel() == "norm"
    boxes = [ax.get_tightbbox() for ax in axes]
    for left, right in itertools.pairwise(boxes):
        assert left.x1 <= right.x0 + 1, "a title on another"
    assert boxes[-1].x1 <= figure.bbox.x1

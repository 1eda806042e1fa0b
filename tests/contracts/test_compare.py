import base64
import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nbformat.v4 import new_output
from PIL import Image

from tools.contracts import text
from tools.contracts.compare import figure_differences, output_differences
from tools.contracts.contract import FIGURE_RMS, Contract


@pytest.mark.parametrize(
    ("expected", "actual"),
    [
        ("change 0.00", "change -0.00"),
        ("change +0.00", "change -0.00"),
        ("1.2e-05", "1.3e-05"),
        ("9.99e-05", "1.00e-04"),
        ("999.9 words", "1,000.0 words"),
        ("83.2%", "83.3%"),
        ("accuracy .83", "accuracy .84"),
        ("0.5", "0.49999999"),
        ("[1. 2.]", "[0.99999999 2.        ]"),
        ("\x1b[31m0.53\x1b[39m", "\x1b[31m0.54\x1b[39m"),
        (" 9.99  a\n 1.00  b", "10.00  a\n 1.00  b"),
        ("   loss\n0  9.99", "    loss\n0  10.00"),
        ("[0.1, 9.99]", "[ 0.1, 10.00]"),
    ],
)
def test_rounded_texts_agree(expected, actual):
    assert text.differences(expected, actual, rounding=True) == []


@pytest.mark.parametrize(
    ("expected", "actual"),
    [
        ("loss 0.531", "loss -0.531"),
        ("loss 0.5", "loss 0.55"),
        ("loss 0.531", "cost 0.531"),
        ("loss  0.531", "loss 0.531"),
        ("loss 0.531", "loss 0.531\n"),
        ("12 seeds", "13 seeds"),
        ("It is 5.", "It is 6."),
        ("10", "10.0"),
        ("+0.5", "0.5"),
        ("inf", "-inf"),
        ("1.2e-05", "1.4e-05"),
        ("83%", "84%"),
        ("h_3", "h_4"),
        ("lag1.5", "lag1.6"),
        ("torch 2.13.0", "torch 2.12.0"),
        ("640x480", "641x480"),
        ("3-5 steps", "3-6 steps"),
        ("\x1b[31mx", "\x1b[32mx"),
        (" 9.99  a\n 1.00  b", "10.00  a 1.00  b"),
        ("9.99  a", "10.00  b"),
    ],
)
def test_texts_differ_by_more_than_rounding(expected, actual):
    (difference,) = text.differences(expected, actual, rounding=True)
    assert repr(expected) in difference
    assert "got" in difference


@pytest.mark.parametrize(
    ("expected", "actual", "agree"),
    [
        ("0.831", "0.841", True),
        ("0.831", "0.842", False),
        ("83.1%", "84.1%", True),
        ("83.1 %", "84.2 %", False),
        ("83%", "84%", True),
        ("83%", "85%", False),
        ("12", "13", False),
        ("1e+03", "2e+03", True),
    ],
)
def test_tolerance_of_a_contract(expected, actual, agree):
    assert (text.differences(expected, actual, atol=0.01) == []) is agree


@given(
    st.integers(-(10**6), 10**6),
    st.integers(1, 5),
    st.integers(-4, 4),
    st.sampled_from(["x {}", "({})", "{}s", "a={}, b", "[{} 3]", "<td>{}</td>", "'{}'"]),
)
def test_one_unit_in_the_last_place_and_no_more(units, places, step, template):
    expected, actual = (f"{n / 10**places:.{places}f}" for n in (units, units + step))
    texts = template.format(expected), template.format(actual)
    assert (text.differences(*texts, rounding=True) == []) is (abs(step) <= 1)
    assert (text.differences(*texts) == []) is (step == 0)


@given(st.text("0.1 a\n-e"), st.text("0.1 a\n-e"))
def test_texts_without_a_tolerance_agree_to_the_letter(expected, actual):
    assert (text.differences(expected, actual) == []) is (expected == actual)
    assert text.differences(expected, expected, rounding=True) == []


def _png(pixels, mode="RGB"):
    buffer = io.BytesIO()
    Image.fromarray(pixels.astype(np.uint8)).convert(mode).save(buffer, format="PNG")
    return base64.b64encode(buffer.getvalue()).decode()


WHITE = np.full((40, 60, 3), 255)


def test_figures_differ_by_root_mean_square_of_pixels_not_by_bytes(tmp_path):
    white, gray = _png(WHITE), _png(WHITE - 4)
    assert figure_differences(white, _png(WHITE, "RGBA"), FIGURE_RMS) == []
    assert figure_differences(white, gray, rms=4) == []
    (difference,) = figure_differences(white, gray, 3.9, tmp_path / "new" / "cell-3")
    assert "4.00 (root mean square), accepted is 3.9" in difference
    for name in ("expected", "actual", "difference"):
        path = tmp_path / f"new/cell-3-{name}.png"
        assert path.is_file()
        assert str(path) in difference


def test_figures_of_other_size_or_transparency_differ():
    (difference,) = figure_differences(_png(WHITE), _png(WHITE[1:]), 255)
    assert "was 60 x 40 pixels and is 60 x 39" in difference
    clear = np.concatenate([WHITE, np.zeros((40, 60, 1))], axis=2)
    assert figure_differences(_png(WHITE), _png(clear, "RGBA"), FIGURE_RMS)


def _stream(printed, name="stdout"):
    return new_output("stream", name=name, text=printed)


def _display(mime, value, metadata=None):
    return new_output("display_data", data={mime: value}, metadata=metadata or {})


def _glued(name, value):
    metadata = {"scrapbook": {"name": name}}
    return _display("application/papermill.record/text/plain", value, metadata)


def _error(name, message, traceback=()):
    return new_output("error", ename=name, evalue=message, traceback=list(traceback))


@pytest.mark.parametrize(
    ("expected", "actual"),
    [
        ([], []),
        ([_stream("0.52")], [_stream("0.53")]),
        ([_display("text/html", "<td>0.52</td>")], [_display("text/html", "<td>0.53</td>")]),
        ([_glued("accuracy", "'0.831'")], [_glued("accuracy", "'0.832'")]),
        ([_error("ValueError", "got 0.52", "a")], [_error("ValueError", "got 0.53", "b")]),
    ],
)
def test_outputs_agree_where_rounding_was_seen_and_only_there(expected, actual):
    assert output_differences(expected, actual, Contract(rounding=True)) == []
    assert (output_differences(expected, actual) == []) is (expected == actual)


@pytest.mark.parametrize(
    ("expected", "actual", "message"),
    [
        ([_stream("a")], [], "expected stream of stdout\n    got      none"),
        ([], [_stream("a")], "expected none\n    got      stream of stdout"),
        ([_stream("a")], [_stream("a", "stderr")], "stderr"),
        (
            [_stream("a"), _display("text/plain", "b")],
            [_display("text/plain", "b"), _stream("a")],
            "other outputs",
        ),
        ([_display("text/plain", "a")], [_display("text/html", "a")], "text/html"),
        (
            [_display("text/plain", "1")],
            [new_output("execute_result", data={"text/plain": "1"})],
            "execute_result of text/plain",
        ),
        ([_display("text/plain", "a")], [_display("text/plain", "a", {"width": 3})], "metadata"),
        ([_glued("accuracy", "1")], [_glued("recall", "1")], "'name': 'recall'"),
        ([_glued("accuracy", "'0.831'")], [_glued("accuracy", "'0.841'")], "0.831 became 0.841"),
        ([_error("ValueError", "a")], [_error("TypeError", "a")], "TypeError"),
        ([_error("ValueError", "a 1")], [_error("ValueError", "a 2")], "ValueError, line 1"),
        ([_display("application/x", "0.52")], [_display("application/x", "0.53")], "application/x"),
    ],
)
def test_outputs_differ(expected, actual, message):
    (difference,) = output_differences(expected, actual)
    assert message in difference


def test_contract_reaches_numbers_and_figures():
    old = [_stream("accuracy 0.83"), _display("image/png", _png(WHITE))]
    new = [_stream("accuracy 0.87"), _display("image/png", _png(WHITE - 4))]
    assert len(output_differences(old, new)) == 2
    assert len(output_differences(old, new, Contract(atol=0.05))) == 1
    assert output_differences(old, new, Contract(atol=0.05, rms=5)) == []


def test_of_a_figure_in_both_forms_only_the_png_counts():
    gray = np.full((20, 40, 3), 200)
    one, other = (
        new_output("display_data", data={"image/png": png, "image/svg+xml": svg})
        for png, svg in ((_png(gray), "<svg/>"), (_png(gray), "<svg><path/></svg>"))
    )
    assert output_differences([one], [other]) == []
    alone = new_output("display_data", data={"image/png": _png(gray)})
    assert output_differences([one], [alone]) == []
    changed = new_output(
        "display_data", data={"image/png": _png(gray + 10), "image/svg+xml": "<svg/>"}
    )
    (message,) = output_differences([one], [changed])
    assert "the figures differ by 10.00" in message
    drawn = [new_output("display_data", data={"image/svg+xml": svg}) for svg in ("<a/>", "<b/>")]
    assert output_differences(*([output] for output in drawn)), "an SVG alone is a text"

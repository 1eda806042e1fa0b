import base64
import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nbformat.v4 import new_output
from PIL import Image

from tools.contracts import figures, text
from tools.contracts.compare import output_differences
from tools.contracts.contract import FIGURE_RMS, Contract


@pytest.mark.parametrize(
    ("expected", "actual"),
    [
        ("loss 0.531", "loss 0.532"),
        ("loss -0.531", "loss -0.530"),
        ("change 0.00", "change -0.00"),
        ("change +0.00", "change -0.00"),
        ("1.2e-05", "1.3e-05"),
        ("9.99e-05", "1.00e-04"),
        ("1,234.5 words", "1,234.6 words"),
        ("999.9 words", "1,000.0 words"),
        ("83.2%", "83.3%"),
        ("(0.5, 0.25)", "(0.5, 0.26)"),
        ("accuracy .83", "accuracy .84"),
        ("0.52s", "0.53s"),
        ("x=0.52", "x=0.53"),
        ("0.5", "0.49999999"),
        ("[1. 2.]", "[0.99999999 2.        ]"),
        ("\x1b[31m0.53\x1b[39m", "\x1b[31m0.54\x1b[39m"),
        (" 9.99  a\n 1.00  b", "10.00  a\n 1.00  b"),
        ("      loss\n0   9.99\n1   1.00", "      loss\n0  10.00\n1   1.00"),
        ("   loss\n0  9.99", "    loss\n0  10.00"),
        ("[0.1, 9.99]", "[ 0.1, 10.00]"),
        ("nan inf -inf", "nan inf -inf"),
    ],
)
def test_rounded_texts_agree(expected, actual):
    assert text.differences(expected, actual, rounding=True) == []


@pytest.mark.parametrize(
    ("expected", "actual"),
    [
        ("loss 0.531", "loss 0.533"),
        ("loss 0.531", "loss -0.531"),
        ("loss 0.5", "loss 0.55"),
        ("loss 0.531", "cost 0.531"),
        ("loss  0.531", "loss 0.531"),
        ("loss 0.531", "loss 0.531\n"),
        ("12 seeds", "13 seeds"),
        ("1,234", "1,235"),
        ("[1. 2.]", "[1. 3.]"),
        ("It is 5.", "It is 6."),
        ("10", "10.0"),
        ("10.0", "10"),
        ("+0.5", "0.5"),
        ("0.5", "nan"),
        ("inf", "-inf"),
        ("1.2e-05", "1.4e-05"),
        ("1.2e-05", "1.2e-04"),
        ("83%", "84%"),
        ("h_3", "h_4"),
        ("GRU2", "GRU3"),
        ("lag1.5", "lag1.6"),
        ("torch 2.13.0", "torch 2.12.0"),
        ("640x480", "641x480"),
        ("0x7f3a", "0x8f3a"),
        ("3-5 steps", "3-6 steps"),
        ("12e45ab", "13e45ab"),
        ("\x1b[31mx", "\x1b[32mx"),
        (" 9.99  a\n 1.00  b", "10.00  a 1.00  b"),
        ("9.99  a", "10.00  b"),
    ],
)
def test_texts_differ_by_more_than_rounding(expected, actual):
    (difference,) = text.differences(expected, actual, rounding=True)
    assert repr(expected) in difference or repr(expected.split("\n")[0]) in difference
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
        ("0.5", "0.7", False),
        ("1e+03", "2e+03", True),
        ("h_3", "h_4", False),
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


@given(st.text(), st.text(), st.booleans())
def test_any_text_agrees_with_itself_and_the_comparison_never_raises(first, second, rounding):
    assert text.differences(first, first, rounding=rounding) == []
    text.differences(first, second, rounding=rounding)


@given(st.text("0.1 a\n-e"), st.text("0.1 a\n-e"))
def test_texts_without_a_tolerance_agree_to_the_letter(expected, actual):
    assert (text.differences(expected, actual) == []) is (expected == actual)


def _png(pixels, mode="RGB"):
    buffer = io.BytesIO()
    Image.fromarray(pixels.astype(np.uint8)).convert(mode).save(buffer, format="PNG")
    return base64.b64encode(buffer.getvalue()).decode()


WHITE = np.full((40, 60, 3), 255)


def test_figures_agree_by_their_pixels_not_their_bytes():
    assert figures.differences(_png(WHITE), _png(WHITE, "RGBA"), FIGURE_RMS) == []


def test_figures_differ_by_root_mean_square(tmp_path):
    gray = WHITE - 4
    assert figures.differences(_png(WHITE), _png(gray), rms=4) == []
    (difference,) = figures.differences(_png(WHITE), _png(gray), 3.9, tmp_path / "new" / "cell-3")
    assert "4.00 (root mean square), accepted is 3.9" in difference
    assert sorted(path.name for path in (tmp_path / "new").iterdir()) == [
        "cell-3-actual.png",
        "cell-3-difference.png",
        "cell-3-expected.png",
    ]
    assert str(tmp_path / "new" / "cell-3-difference.png") in difference


def test_figures_of_other_size_differ(tmp_path):
    (difference,) = figures.differences(_png(WHITE), _png(WHITE[1:]), 255, tmp_path / "cell")
    assert "was 60 x 40 pixels and is 60 x 39" in difference
    assert not (tmp_path / "cell-difference.png").exists()


def test_transparency_counts():
    clear = np.concatenate([WHITE, np.zeros((40, 60, 1))], axis=2)
    assert figures.differences(_png(WHITE), _png(clear, "RGBA"), FIGURE_RMS)


def _stream(printed, name="stdout"):
    return new_output("stream", name=name, text=printed)


def _display(metadata=None, **data):
    data = {mime.replace("_", "/"): value for mime, value in data.items()}
    return new_output("display_data", data=data, metadata=metadata or {})


def _glued(name, value):
    metadata = {"scrapbook": {"name": name, "mime_prefix": "application/papermill.record/"}}
    output = _display(metadata)
    output.data = {"application/papermill.record/text/plain": value}
    return output


def _error(name, message, traceback=()):
    return new_output("error", ename=name, evalue=message, traceback=list(traceback))


@pytest.mark.parametrize(
    ("expected", "actual"),
    [
        ([], []),
        ([_stream("0.52")], [_stream("0.53")]),
        ([_display(text_html="<td>0.52</td>")], [_display(text_html="<td>0.53</td>")]),
        ([_glued("accuracy", "'0.831'")], [_glued("accuracy", "'0.832'")]),
        ([_error("ValueError", "got 0.52", "a")], [_error("ValueError", "got 0.53", "b")]),
    ],
)
def test_outputs_agree_where_rounding_was_seen_and_only_there(expected, actual):
    assert output_differences(expected, actual, Contract(rounding=("another processor",))) == []
    assert (output_differences(expected, actual) == []) is (expected == actual)


@pytest.mark.parametrize(
    ("expected", "actual", "message"),
    [
        ([_stream("a")], [], "expected stdout\n    got      none"),
        ([], [_stream("a")], "expected none\n    got      stdout"),
        ([_stream("a")], [_stream("a", "stderr")], "stderr"),
        (
            [_stream("a"), _display(text_plain="b")],
            [_display(text_plain="b"), _stream("a")],
            "other outputs",
        ),
        ([_display(text_plain="a")], [_display(text_html="a")], "text/html"),
        (
            [_display(text_plain="1")],
            [new_output("execute_result", data={"text/plain": "1"})],
            "execute_result of text/plain",
        ),
        ([_display(text_plain="a")], [_display({"width": 3}, text_plain="a")], "metadata"),
        ([_glued("accuracy", "1")], [_glued("recall", "1")], "glued as 'recall'"),
        ([_glued("accuracy", "'0.831'")], [_glued("accuracy", "'0.841'")], "0.831 became 0.841"),
        ([_error("ValueError", "a")], [_error("TypeError", "a")], "TypeError"),
        ([_error("ValueError", "a 1")], [_error("ValueError", "a 2")], "message of ValueError"),
        ([_display(application_x="0.52")], [_display(application_x="0.53")], "application/x"),
    ],
)
def test_outputs_differ(expected, actual, message):
    (difference,) = output_differences(expected, actual)
    assert message in difference


def test_contract_reaches_numbers_and_figures():
    old = [_stream("accuracy 0.83"), _display(image_png=_png(WHITE))]
    new = [_stream("accuracy 0.87"), _display(image_png=_png(WHITE - 4))]
    assert len(output_differences(old, new)) == 2
    assert len(output_differences(old, new, Contract(atol=0.05))) == 1
    assert output_differences(old, new, Contract(atol=0.05, rms=5)) == []

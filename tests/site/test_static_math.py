r"""Formulas as the chapters write them become MathML, and wrong ones stop the build."""

import pytest
from math_core import LatexError
from static_math import to_mathml


@pytest.mark.parametrize(
    ("latex", "shown"),
    [
        (
            r"\mathbf{h}_t = \tanh(\mathbf{W} \mathbf{h}_{t-1})",
            "\N{MATHEMATICAL BOLD SMALL H}",
        ),
        (r"\boldsymbol{\theta}", "\N{MATHEMATICAL BOLD ITALIC SMALL THETA}"),
        (r"\frac{\partial L}{\partial w} \odot \sigma(x)", "⊙"),
        (r"\hat{y} + \tilde{\mathbf{c}}_t", "<mover"),
        (r"\operatorname{diag}(\mathbf{x}) \in \mathbb{R}^{H \times H}", "diag"),
        (r"\sum_{t=1}^{T} \log p(x_t \mid x_{<t})", "<munderover>"),
        (r"\begin{cases} 1 & \text{if } x > 0 \\ 0 & \text{otherwise} \end{cases}", "otherwise"),
        (r"\begin{pmatrix} a & b \\ c & d \end{pmatrix}", "<mtr>"),
        (r"\left\lVert \prod_{k} \mathbf{J}_k \right\rVert \le \gamma^{t}", "‖"),
    ],
)
@pytest.mark.parametrize("display", [True, False])
def test_formula(latex, shown, display):
    mathml = to_mathml(latex, display=display)
    assert shown in mathml or (shown == "<munderover>" and "<msubsup>" in mathml)
    assert mathml.startswith("<math")
    assert "\\" not in mathml


@pytest.mark.parametrize(
    "latex",
    [
        r"\begin{aligned} a &= b \\ c &= d \end{aligned}",
        r"\begin{align} a &= b \\ c &= d \end{align}",
        r"\begin{split} a &= b \\ c &= d \end{split}",
        r"a &= b \\ c &= d",
        "a = b\n\nc = d",
    ],
)
def test_rows_without_numbers_of_their_own(latex):
    mathml = to_mathml(latex, display=True)
    assert mathml.count("<mtr>") == 2
    assert "(1)" not in mathml


def test_error_names_the_command():
    with pytest.raises(LatexError, match="nonsense"):
        to_mathml(r"a \nonsense", display=True)

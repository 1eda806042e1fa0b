"""The symbols of a formula become words that one can search for."""

import pytest
from search_words import symbols


@pytest.mark.parametrize(
    ("latex", "found"),
    [
        (r"\mathbf{h}_t = \tanh(\mathbf{W}_{hh} \mathbf{h}_{t-1})", {"h_t", "W_hh"}),
        (r"\boldsymbol{\theta} + \sigma_{\max}(\mathbf{J}_k)", {"θ", "σ", "J_k"}),
        (r"\frac{a}{b}", set()),
        (r"\etas \beta", {"β"}),
    ],
)
def test_symbols(latex, found):
    assert symbols(latex) == found

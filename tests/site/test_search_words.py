"""The symbols of a formula become words that one can search for."""

import pytest


@pytest.fixture
def symbols(extension):
    return extension("search_words").symbols


@pytest.mark.parametrize(
    ("latex", "found"),
    [
        (r"\mathbf{h}_t = \tanh(\mathbf{W}_{hh} \mathbf{h}_{t-1})", {"h_t", "W_hh"}),
        (r"\boldsymbol{\theta} + \sigma_{\max}(\mathbf{J}_k)", {"θ", "σ", "J_k"}),
        (r"\frac{a}{b}", set()),
        (r"\etas \beta", {"β"}),
    ],
)
def test_symbols(symbols, latex, found):
    assert symbols(latex) == found

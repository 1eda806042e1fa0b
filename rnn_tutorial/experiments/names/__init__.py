"""Experiments on surnames: settings, baselines, padding, and the cells compared on them."""

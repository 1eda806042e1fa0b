"""Experiments on what a hidden state holds, and for how long."""

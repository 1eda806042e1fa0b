"""Experiments on gates: biases, cells of equal size, the forget gate, the speed of a scan."""

"""Gradients through time: four ways to them, the Jacobians in them, and what they cost."""

from rnn_tutorial.gradients.costs import multiplications, rtrl_numbers, saved_numbers
from rnn_tutorial.gradients.jacobians import (
    gradient_norms,
    jacobian_bound,
    jacobian_products,
    singular_values,
    state_jacobians,
)
from rnn_tutorial.gradients.through_time import (
    StepLoss,
    finite_differences,
    influence_after,
    recomputed_bptt,
    rtrl,
    truncated_bptt,
)

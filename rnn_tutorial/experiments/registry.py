"""Which experiments there are."""

from rnn_tutorial.experiments import (
    adding,
    cells_compared,
    character_model,
    character_samples,
    cliff,
    copy_memory,
    counting,
    elman,
    exact,
    forget_bias,
    forget_gate,
    gradient_flow,
    guessing,
    jacobian_bound,
    memory_length,
    parity_length,
    reber,
    scan_speed,
    speech_genre,
    state_automaton,
    state_capacity,
    state_probes,
    state_start,
    surname_baselines,
    surname_padding,
    surname_settings,
    surnames,
    temporal_order,
    truncation,
    word_boundaries,
)
from rnn_tutorial.experiments.experiment import Experiment

EXPERIMENTS: dict[str, Experiment] = {
    experiment.name: experiment
    for experiment in (
        # of the chapters
        surname_settings.EXPERIMENT,
        surname_padding.EXPERIMENT,
        surnames.EXPERIMENT,
        surname_baselines.EXPERIMENT,
        speech_genre.EXPERIMENT,
        state_automaton.EXPERIMENT,
        state_probes.EXPERIMENT,
        state_capacity.CAPACITY,
        state_capacity.RECALL,
        state_start.EXPERIMENT,
        truncation.COSINE,
        truncation.TRAINING,
        gradient_flow.FLOW,
        gradient_flow.CELLS,
        memory_length.ORDER,
        memory_length.COPY,
        forget_bias.DIAL,
        forget_bias.TRAINING,
        cells_compared.EXPERIMENT,
        scan_speed.EXPERIMENT,
        character_model.COMPARED,
        character_model.OVER_SEEDS,
        character_samples.EXPERIMENT,
        # beside a published result, in the order of the page
        elman.LETTERS,
        elman.XOR,
        word_boundaries.EXPERIMENT,
        jacobian_bound.EXPERIMENT,
        cliff.EXPERIMENT,
        temporal_order.EXPERIMENT,
        guessing.EXPERIMENT,
        counting.EXPERIMENT,
        parity_length.EXPERIMENT,
        copy_memory.EXPERIMENT,
        adding.EXPERIMENT,
        reber.EXPERIMENT,
        forget_gate.EXPERIMENT,
        exact.STACK,
        exact.PARITY,
    )
}


def reproductions() -> list[Experiment]:
    """Return the experiments that stand beside a published result, in the order of the page."""
    return [experiment for experiment in EXPERIMENTS.values() if experiment.published]

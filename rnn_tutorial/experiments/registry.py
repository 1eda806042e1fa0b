"""The experiments that there are."""

from rnn_tutorial.experiments.classics import (
    adding,
    copy_memory,
    counting,
    elman,
    exact,
    exhibits,
    guessing,
    parity_length,
    reber,
    temporal_order,
    word_boundaries,
)
from rnn_tutorial.experiments.engine.experiment import Experiment
from rnn_tutorial.experiments.gating import cells_compared, forget_bias, forget_gate, scan_speed
from rnn_tutorial.experiments.hidden_states import (
    state_automaton,
    state_capacity,
    state_probes,
    state_start,
)
from rnn_tutorial.experiments.long_range import (
    cliff,
    gradient_flow,
    jacobian_bound,
    memory_length,
    truncation,
)
from rnn_tutorial.experiments.names import (
    surname_baselines,
    surname_clipping,
    surname_padding,
    surname_pairs,
    surname_settings,
    surnames,
)
from rnn_tutorial.experiments.texts import (
    character_model,
    character_ngrams,
    character_samples,
    speech_genre,
)
from rnn_tutorial.experiments.time_series import (
    forecast_intervals,
    forecast_sunspots,
    forecasts,
    lag_one,
    line_opponents,
)

EXPERIMENTS: dict[str, Experiment] = {
    experiment.name: experiment
    for experiment in (
        # of the chapters
        surname_settings.EXPERIMENT,
        surname_padding.EXPERIMENT,
        surnames.EXPERIMENT,
        surname_baselines.EXPERIMENT,
        surname_pairs.EXPERIMENT,
        surname_clipping.EXPERIMENT,
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
        character_ngrams.EXPERIMENT,
        character_model.COMPARED,
        character_model.OVER_SEEDS,
        character_samples.EXPERIMENT,
        forecasts.SETTINGS_ON_2014,
        forecasts.WEATHER,
        forecasts.ROLLING,
        forecasts.LEADS,
        forecast_sunspots.EXPERIMENT,
        forecast_intervals.EXPERIMENT,
        lag_one.EXPERIMENT,
        line_opponents.EXPERIMENT,
        lag_one.LINES,
        exhibits.EXPERIMENT,
        # of published results, in the order of the page
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

# the searches for their learning rates
SEARCHES: dict[str, Experiment] = {
    search.name: search for search in (e.searching() for e in EXPERIMENTS.values() if e.search)
}


# the runs on seeds that nobody had looked at when the criterion was written
FRESH_RUNS: dict[str, Experiment] = {
    fresh.name: fresh
    for fresh in (
        e.again() for e in EXPERIMENTS.values() if e.published and e.published.needs_fresh_seeds
    )
}


def reproductions() -> list[Experiment]:
    """Return the experiments that reproduce a published result, in the order of the page."""
    return [experiment for experiment in EXPERIMENTS.values() if experiment.published]

"""The exhibits of chapter 12: the symptom of each bug, and what the checks say, over seeds."""

from rnn_tutorial.experiments.engine.experiment import Experiment, by_name
from rnn_tutorial.museum import EXHIBITS

SEEDS = tuple(range(100, 105))


def run(variant: str, seed: int) -> dict[str, list[dict]]:
    """Measure one exhibit, broken and repaired.

    Returns
    -------
    dict
        ``""``: the symptom as ``broken`` and as ``repaired``; ``found``: 1 if the check that the
        exhibit names fails on the broken version with the exhibit's misconception; ``alarms``: how
        many checks fail on the repaired one.
    """
    exhibit = EXHIBITS[variant]
    failures = exhibit.diagnose("broken", seed).failures
    found = any(
        (result.name, result.misconception) == (exhibit.check, exhibit.misconception)
        for result in failures
    )
    return {
        "": [
            {
                "broken": exhibit.symptom("broken", seed),
                "repaired": exhibit.symptom("repaired", seed),
                "found": int(found),
                "alarms": len(exhibit.diagnose("repaired", seed).failures),
            }
        ]
    }


EXPERIMENT = Experiment(
    "museum",
    "Twenty-one bugs: what each does, and whether the checks find it",
    run,
    by_name(EXHIBITS),
    SEEDS,
    headline="repaired",
)

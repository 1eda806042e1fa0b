"""What an experiment is, and which there are."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from rnn_tutorial.experiments import (
    elman,
    exact,
    guessing,
    surname_baselines,
    surname_padding,
    surname_settings,
    surnames,
)
from rnn_tutorial.experiments.published import Published


@dataclass(frozen=True)
class Experiment:
    """A result that is measured over seeds.

    Parameters
    ----------
    name : str
        What the command calls it; the stem of its tables.
    description : str
        One line: what it shows.
    run : callable
        Takes a variant and a seed, returns a mapping of table name to records (a list of flat
        mappings). The table ``""`` is the main one, with the headline numbers.
    variants : tuple of str
        What is compared. Each runs with every seed.
    seeds : tuple of int
        The seeds that are reported.
    headline : str
        The column of the main table by which a repetition is compared with it.
    published : Published, optional
        What a paper reported, where the experiment stands beside one.
    """

    name: str
    description: str
    run: Callable[[str, int], Mapping[str, list[Mapping[str, object]]]]
    variants: tuple[str, ...]
    seeds: tuple[int, ...]
    headline: str = "accuracy"
    published: Published | None = None


EXPERIMENTS = {
    experiment.name: experiment
    for experiment in (
        Experiment(
            "surname_settings",
            "The search for settings: one thing changed at a time, on validation names",
            surname_settings.run,
            tuple(surname_settings.VARIANTS),
            surname_settings.SEEDS,
        ),
        Experiment(
            "surname_padding",
            "What reading the last column of a padded batch costs",
            surname_padding.run,
            tuple(surname_padding.VARIANTS),
            surnames.SEEDS,
            headline="in_batch",
        ),
        Experiment(
            "surnames",
            "Recurrent classifiers of surnames, by cell, length of training and split",
            surnames.run,
            tuple(surnames.VARIANTS),
            surnames.SEEDS,
        ),
        Experiment(
            "surname_baselines",
            "What a surname classifier has to beat: majority, bags of characters, n-grams",
            surname_baselines.run,
            surname_baselines.VARIANTS,
            (0, 1, 2, 3, 4, 5),
        ),
        Experiment(
            "elman_letters",
            "Elman's letters: the vowels can be foretold, the consonants cannot",
            elman.run_letters,
            ("20 units",),
            elman.SEEDS,
            headline="consonants",
            published=Published(
                reference="elman1990finding",
                claim=(
                    "A network that predicts the next letter is wrong about consonants and right "
                    "about vowels, and even of a consonant it knows that one comes."
                ),
                number=(
                    "the error is high on consonants and low on vowels; that of the feature "
                    '"consonant" lies below that of "high" throughout'
                ),
                read_from="figure",
                setup=(
                    "6 inputs, 20 tanh units, 6 logistic outputs; 1000 syllables, 200 passes; "
                    "tested on 300 fresh syllables"
                ),
                deviations=(
                    "backpropagation through 15 steps and Adam; the paper's network has context "
                    "units that are copies of the hidden ones",
                    "twenty streams side by side",
                ),
                criterion=(
                    "mean squared error on consonants above 20 times that on vowels; on "
                    'consonants, that of "consonant" below 0.1 times that of "high"'
                ),
                holds=lambda table: (
                    (table["consonants"] > 20 * table["vowels"])
                    & (table["feature_consonant"] < 0.1 * table["feature_high"])
                ),
                tuned_on=elman.TUNED_ON,
            ),
        ),
        Experiment(
            "temporal_xor",
            "Elman's temporal XOR: every third bit can be foretold",
            elman.run_xor,
            tuple(elman.XOR_UNITS),
            elman.SEEDS,
            headline="predictable",
            published=Published(
                reference="elman1990finding",
                claim="The error drops at every third bit, the exclusive or of the two before.",
                number="the error over a cycle of twelve bits dips at every third one",
                read_from="figure",
                setup=(
                    "1 input, 8 or 2 tanh units, 1 logistic output; 3000 bits, 600 passes; tested "
                    "on 3000 fresh bits"
                ),
                deviations=(
                    "backpropagation through 15 steps and Adam; the paper's network has context "
                    "units that are copies of the hidden ones",
                    "twenty streams side by side",
                    "8 units beside the paper's 2",
                ),
                criterion=(
                    "root mean squared error below 0.1 where the bit can be foretold, at least "
                    "0.45 elsewhere"
                ),
                holds=lambda table: (table["predictable"] < 0.1) & (table["elsewhere"] >= 0.45),
                tuned_on=elman.TUNED_ON,
            ),
        ),
        Experiment(
            "guessing",
            "Random weights solve the two-sequence problem",
            guessing.run,
            ("3 units",),
            guessing.SEEDS,
            headline="test_error",
            published=Published(
                reference="hochreiter1997long",
                claim=(
                    "The two-sequence problem is so easy that guessing all weights at random "
                    "solves it sooner than any gradient. Its authors say so to judge the problem, "
                    "not to recommend guessing."
                ),
                number="LSTM: 58,370 and 64,330 training sequences, by two rules of stopping",
                read_from="table",
                setup=(
                    "a first number 1 or -1, then 99 of noise with variance 0.2; 3 tanh units "
                    "and a logistic output, all weights from U[-100, 100], until 500 sequences "
                    "are right"
                ),
                deviations=(
                    "all sequences have 100 steps, in the paper 100 to 110",
                    "we count guesses, each tried on 500 sequences; the paper counts sequences",
                ),
                criterion=(
                    "median of the guesses below 2000; at most 1 % of 1000 fresh sequences wrong"
                ),
                holds=lambda table: (
                    (table["trials"].median() < 2000) & (table["test_error"] <= 0.01)
                ),
                tuned_on=guessing.TUNED_ON,
            ),
        ),
        Experiment(
            "one_number_stack",
            "A stack in one number: exact with fractions, 26 bits deep with floats",
            exact.run_stack,
            ("random bits",),
            exact.STACK_SEEDS,
            headline="fractions_right",
            published=Published(
                reference="siegelmann1995computational",
                claim=(
                    "A unit whose state is a rational number holds a stack of any depth; with two "
                    "stacks a network with rational weights is as strong as a Turing machine."
                ),
                number="a stack without a bound",
                read_from="proof",
                setup="200 random bits pushed and popped, with fractions and in float64",
                deviations=("the stack alone, without the network that drives it",),
                criterion=(
                    "all 200 bits come back from fractions; in float64 none is lost up to 26 bits, "
                    "and some bit before 60"
                ),
                holds=lambda table: (
                    (table["fractions_right"] == 1) & table["float64_depth"].between(27, 59)
                ),
            ),
        ),
        Experiment(
            "linear_parity",
            "Parity by one linear unit whose weight may be negative",
            exact.run_parity,
            ("one unit",),
            exact.PARITY_SEEDS,
            headline="right",
            published=Published(
                reference="grazzi2024unlocking",
                claim=(
                    "With finite precision a linear recurrence whose eigenvalues are all positive "
                    "cannot track parity; with eigenvalues from [-1, 1] one can."
                ),
                number="exact, at any length",
                read_from="proof",
                setup="h ← (1 - 2 x) h over 10,000 random bits, written down, not trained",
                deviations=("the construction alone; whether training finds it is not tested",),
                criterion="the sign of h is the parity at all 10,000 steps",
                holds=lambda table: table["right"] == 1,
            ),
        ),
    )
}

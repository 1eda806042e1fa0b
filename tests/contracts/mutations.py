"""Changes to the stored outputs of a chapter, and what the plugin has to say about them."""

import copy

import nbformat


def _replace(old, new, occurrences=1):
    """Mutate what a cell prints."""

    def mutate(cell, _):
        text = nbformat.v4.writes(nbformat.v4.new_notebook(cells=[cell]))
        assert old in text, f"the mutation does not find {old!r}"
        changed = nbformat.v4.reads_json(text.replace(old, new, occurrences)).cells[0]
        cell.outputs = changed.outputs

    return mutate


def _outputs_of(donor):
    def mutate(cell, chapter):
        cell.outputs = copy.deepcopy(chapter[donor].outputs)

    return mutate


def _source(source):
    def mutate(cell, _):
        cell.source = source

    return mutate


def _metadata(**changes):
    def mutate(cell, _):
        cell.metadata.update(nbformat.from_dict(changes))

    return mutate


def _without(name):
    return lambda cell, _: cell.metadata.pop(name)


def _never_run(cell, _):
    cell.execution_count, cell.outputs = None, []


def _no_count(cell, _):
    cell.execution_count = None


def _out_of_order(cell, _):
    cell.execution_count = 999


def _drop_first_output(cell, _):
    del cell.outputs[0]


def _repeat_output(cell, _):
    cell.outputs.append(cell.outputs[0])


def _swap_outputs(cell, _):
    cell.outputs.reverse()


def _swap_names(cell, _):
    first, second = (output.metadata.scrapbook for output in cell.outputs)
    first.name, second.name = second.name, first.name


def _stored_stderr(cell, _):
    cell.outputs.append(nbformat.v4.new_output("stream", name="stderr", text="a warning"))


WARNS = "import warnings\nwarnings.warn('deprecated')"
REASON = {"reason": "trained live"}

# name: cell, mutation, what the message of the failure says
FAILING = {
    "digit of a text": ("text", _replace("0.531", "0.541"), "0.541 became 0.531"),
    "integer of a text": ("text", _replace("12 steps", "13 steps"), "13 became 12"),
    "name in a text": ("text", _replace("h_3", "h_4"), "the text differs"),
    "word of a text": ("text", _replace("after", "until"), "the text differs"),
    "digit of a table": ("table", _replace("0.8312", "0.8512", 2), "0.8512 became 0.8312"),
    "digit of the HTML alone": ("table", _replace("<td>0.8312", "<td>0.8512"), "text/html"),
    "label of a table": ("table", _replace("GRU", "GPU"), "the text differs"),
    "swapped labels of a table": ("table", _replace("tanh", "LSTM", 2), "the text differs"),
    "curve": ("curve", _outputs_of("other curve"), "the figures differ by"),
    "label of a curve": ("curve", _outputs_of("other label"), "-difference.png"),
    "glued curve": ("glued curve", _outputs_of("other glued curve"), "the figures differ by"),
    "figure size in the text": ("curve", _replace("640x480", "650x480"), "the text differs"),
    "glued value": ("glue", _replace("0.785", "0.795"), "0.795 became 0.785"),
    "hidden glued value": ("hidden glue", _replace("0.812", "0.822"), "0.822 became 0.812"),
    "glue name": ("hidden glue", _replace("precision", "accuracy"), "glued as 'accuracy'"),
    "swapped glue names": ("glue", _swap_names, "other outputs"),
    "swapped glue outputs": ("glue", _swap_outputs, "other outputs"),
    "deleted output": ("glue", _drop_first_output, "other outputs"),
    "added output": ("text", _repeat_output, "3 lines expected, got 2"),
    "deleted only output": ("text", _drop_first_output, "expected none"),
    "never run": ("text", _never_run, "never run"),
    "no count": ("text", _no_count, "never run"),
    "out of order": ("text", _out_of_order, "in order it would be"),
    "message of an exception": ("raises", _replace("0.53, over", "0.63, over"), "0.63 became 0.53"),
    "type of an exception": ("raises", _replace("ValueError", "TypeError", 9), "TypeError"),
    "raises no more": ("raises", _source("pass"), "nothing was raised (live)"),
    "raises and is not tagged": ("raises", _without("tags"), "stored traceback"),
    "tagged and raises nothing": ("text", _metadata(tags=["raises-exception"]), "nothing was"),
    "stored stderr": ("text", _stored_stderr, "stored output on stderr"),
    "live stderr": ("text", _source(WARNS), "live output on stderr"),
    "exempt, live stderr": ("timed", _source(WARNS), "live output on stderr"),
    "fails": ("text", _source("undefined"), "NameError"),
    "empty": ("text", _source("\n"), "the cell is empty"),
    "comment marker": ("text", _source("# NBVAL_IGNORE_OUTPUT\nprint()"), "NBVAL_IGNORE_OUTPUT"),
    "skipped": ("text", _metadata(tags=["nbval-skip"]), "nbval-skip"),
    "exempt without reason": ("timed", _without("nbval_ignore_reason"), "without a reason"),
    "more than the tolerance": ("trained", _replace("0.831", "0.842"), "more than 0.01 away"),
    "tolerance of a percentage": ("trained", _replace("83.1", "84.2"), "more than 1.00 away"),
    "integer under a tolerance": ("trained", _replace("12 seeds", "13 seeds"), "which is exact"),
    "contract without reason": ("text", _metadata(contract={"atol": 0.1}), "gives no reason"),
    "contract without tolerance": ("text", _metadata(contract=REASON), "neither atol nor rms"),
    "contract of zero": ("text", _metadata(contract={"atol": 0, **REASON}), "a positive number"),
    "contract in words": ("text", _metadata(contract={"atol": "1", **REASON}), "a positive number"),
    "contract with a typo": (
        "text",
        _metadata(contract={"atol": 1, "tol": 1, **REASON}),
        "unknown key 'tol'",
    ),
}
PASSING = {
    "last digit of a text": ("text", _replace("0.531", "0.532")),
    "last digit of a table": ("table", _replace("0.8312", "0.8313", 2)),
    "last digit of a glued value": ("hidden glue", _replace("0.812", "0.813")),
    "last digit of a message": ("raises", _replace("0.53, over", "0.54, over")),
    "within the tolerance": ("trained", _replace("0.831", "0.839")),
    "percentage within the tolerance": ("trained", _replace("83.1", "83.9")),
    "curve within its tolerance": ("curve within rms", _outputs_of("other curve")),
    "exempt": ("timed", _replace("0.52", "0.61")),
}

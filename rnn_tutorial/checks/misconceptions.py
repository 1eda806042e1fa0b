"""Misconceptions about recurrent networks, each with an id, a chapter and a repair.

The museum (chapter 12), `rnn_tutorial.checks` and whoever grades an exercise share this table, so
that each mistake has one name.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Misconception:
    """A mistake that runs.

    Parameters
    ----------
    title : str
        What is done, in a few words.
    chapter : int
        The chapter that explains it.
    repair : str
        What to do instead.
    """

    title: str
    chapter: int
    repair: str


MISCONCEPTIONS: dict[str, Misconception] = {
    "M-first-batch": Misconception(
        "never run on a small batch",
        9,
        "run the model on one small batch, and on one sequence, before anything else",
    ),
    "M-not-finite": Misconception(
        "answers with infinities or with what is no number",
        5,
        "look for a softmax over a row that is masked whole (a mask the wrong way round), for the "
        "logarithm or the root of zero, and for inputs that are not finite",
    ),
    "M-padding-state": Misconception(
        "reads states of padding",
        9,
        "pack the batch, or gather each row's last real step by its length",
    ),
    "M-batch-time": Misconception(
        "mixes the sequences of a batch",
        2,
        "say batch_first=True for (batch, time, features); transpose where you must not reshape",
    ),
    "M-row-order": Misconception(
        "answers in another order than it was asked",
        9,
        "undo the sort by length: answers[order.argsort()]",
    ),
    "M-over-batch": Misconception(
        "sums over the sequences of a batch",
        9,
        "give the softmax, mean or norm the axis of time or of features, not that of the batch",
    ),
    "M-state-layout": Misconception(
        "treats the state as batch-first",
        3,
        "index states as (layers · directions, batch, hidden), whatever batch_first is",
    ),
    "M-state-ignored": Misconception(
        "does not continue from the state that it is given",
        4,
        "hand the state, for the LSTM both parts of it, to the recurrent layer",
    ),
    "M-bidirectional-last": Misconception(
        "reads the backward direction after one step",
        9,
        "read the backward direction after its last step: h_n[-1], not outputs[:, -1]",
    ),
    "M-unused-weights": Misconception(
        "has weights that move no answer",
        9,
        "follow the named tensors to the answer: a layer or direction that is not read, a softmax "
        "over a single number, a module that is not called",
    ),
    "M-constant": Misconception(
        "answers the same, whatever it reads",
        9,
        "look for what cuts the input off: a softmax over a single number is always 1, a variable "
        "that is written and not read",
    ),
    "M-unregistered": Misconception(
        "has weights that no optimizer sees",
        7,
        "keep layers in nn.ModuleList and weights in nn.Parameter",
    ),
    "M-future": Misconception(
        "reads what it is to predict",
        10,
        "let no step read later ones: use one direction, convolutions that are padded in front "
        "only, and no mean over the whole sequence",
    ),
    "M-no-nonlinearity": Misconception(
        "only adds up its steps",
        2,
        "put the tanh, or a gate, into the recurrence",
    ),
    "M-short-memory": Misconception(
        "starts with weights that forget at once",
        5,
        "start W_hh orthogonal, or with torch's default, and not with 0.01 · randn",
    ),
    "M-last-step": Misconception(
        "does not read the last step",
        9,
        "count the steps from 0: the last one of a sequence is at length - 1",
    ),
    "M-random-answer": Misconception(
        "answers at random in evaluation mode",
        3,
        "start from zeros or from a learned state, and tie dropout to self.training",
    ),
    "M-state-kept": Misconception(
        "keeps a state that belongs to the previous batch",
        3,
        "return the state instead of storing it, and start anew with a new sequence",
    ),
    "M-chunk-order": Misconception(
        "carries the state to a chunk that does not continue the text",
        4,
        "keep the streams contiguous and their chunks in order, or carry no state",
    ),
    "M-missing-detach": Misconception(
        "keeps the graph of the previous batch",
        4,
        "detach the state that is carried; retain_graph=True is not the repair",
    ),
    "M-wrong-gradient": Misconception(
        "has a gradient that is not the slope of its loss",
        4,
        "do not detach inside a sequence; check a gradient written by hand in float64",
    ),
    "M-dropout-alone": Misconception(
        "declares a dropout that does nothing",
        7,
        "a recurrent layer drops between layers only: with one layer use nn.Dropout",
    ),
    "M-softmax-twice": Misconception(
        "hands probabilities to a loss that wants logits",
        9,
        "return logits; softmax only where a person reads probabilities",
    ),
    "M-loss-mismatch": Misconception(
        "has a loss that is not the mean cross-entropy of its answers",
        3,
        "use cross_entropy on logits, with the mean over what counts",
    ),
    "M-loss-order": Misconception(
        "holds answers against the targets of other steps",
        9,
        "flatten answers and targets in the same order, both (batch, time) or both (time, batch), "
        "and transpose where a view would mix the axes",
    ),
    "M-class-count": Misconception(
        "has fewer outputs than there are classes",
        9,
        "count the classes from 0, padding among them if it has an index, and give each an output",
    ),
    "M-wild-start": Misconception(
        "is sure of itself before it has learned",
        9,
        "scale the inputs and the last layer so that the first loss is near log C",
    ),
    "M-padding-loss": Misconception(
        "scores the padding",
        8,
        "ignore_index for targets of padding, and a mean over the steps that are left",
    ),
    "M-off-by-one": Misconception(
        "is asked for what it has just read",
        4,
        "targets are the inputs, one step later",
    ),
    "M-cannot-learn": Misconception(
        "cannot memorize one small batch",
        9,
        "find out why before you train: gradient, learning rate, loss, labels",
    ),
    "M-gradients-add-up": Misconception(
        "adds up the gradients of all batches",
        9,
        "optimizer.zero_grad() before each backward()",
    ),
    "M-training-step": Misconception(
        "has a training step that changes nothing, or breaks",
        9,
        "zero_grad, forward, loss, backward, step, in this order",
    ),
    "M-leak": Misconception(
        "is tested on what it was trained on",
        8,
        "deduplicate, then split, then cut windows",
    ),
    "M-leak-scale": Misconception(
        "knows the test set from its scale",
        8,
        "fit scalers and vocabularies on the training part alone",
    ),
    "M-padding-token": Misconception(
        "leaves a real token untrained",
        8,
        "give padding an index that no token has, and name it as padding_idx",
    ),
    "M-unscaled": Misconception(
        "is handed numbers as they were measured",
        11,
        "subtract the mean and divide by the spread of the training part, inputs and targets",
    ),
    "M-target-in-window": Misconception(
        "finds the answer among its inputs",
        11,
        "end the window one step before its target, and take the target's column out",
    ),
    "M-zeros-as-padding": Misconception(
        "takes real zeros for padding",
        8,
        "hand the lengths over; do not count the steps that are not zero",
    ),
    "M-loss-pairs": Misconception(
        "compares answers with the targets of others",
        11,
        "bring answers and targets to one shape; flatten and transpose both the same way",
    ),
    "M-loss-edge": Misconception(
        "has a loss whose gradient can be no number",
        11,
        "add an epsilon inside the root; take log_softmax in place of the logarithm of a softmax",
    ),
    "M-ctc-blank": Misconception(
        "has CTC's blank among the labels",
        8,
        "number the labels from 1, or hand over a blank= that no label has",
    ),
    "M-ctc-steps": Misconception(
        "asks for more labels than there are steps",
        8,
        "keep a step for each label and one between equal ones: pool less, or drop the sequence; "
        "zero_infinity only hides it",
    ),
    "M-clip-order": Misconception(
        "clips a gradient that is not there, or no longer of use",
        5,
        "loss.backward(), clip_grad_norm_, optimizer.step(), in this order",
    ),
    "M-optimizer-lacks": Misconception(
        "has weights that its optimizer does not hold",
        9,
        "create the optimizer last, from model.parameters(); freeze with requires_grad_(False)",
    ),
    "M-schedule-step": Misconception(
        "steps a schedule of epochs with each batch",
        9,
        "step the schedule after each epoch, or count its steps in batches",
    ),
    "M-stays-in-eval": Misconception(
        "goes on training in evaluation mode",
        9,
        "model.train() after each evaluation",
    ),
}

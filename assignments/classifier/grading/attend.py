"""Hidden tests of `attend`."""

import torch
from checking import call_alone, close, expect
from drawing import normal

from grading._shared import draw_lengths


def _true_attend(scores, outputs, lengths):
    rows = []
    for score, states, length in zip(scores, outputs, lengths.tolist(), strict=True):
        weights = torch.softmax(score[:length], dim=0)
        rows.append((weights[:, None] * states[:length]).sum(dim=0))
    return torch.stack(rows)


def _attention(offset, batch, time, hidden, scale=1.0):
    scores = scale * normal(batch, time, offset=offset)
    return scores, normal(batch, time, hidden, offset=offset), draw_lengths(batch, time, offset)


def _attend(env, scores, outputs, lengths, text):
    found = call_alone(env, "attend", scores.clone(), outputs.clone(), lengths.clone())
    close(found, _true_attend(scores, outputs, lengths), text)


def attend_values(env):
    """Ordinary scores, shapes that do not help a wrong axis."""
    for offset, sizes in enumerate([(4, 6, 3), (3, 3, 3), (2, 1, 5), (1, 5, 2)]):
        _attend(env, *_attention(offset, *sizes), "A weighted mean is wrong.")


def attend_padding(env):
    """Whatever stands in the padding, nothing of it is read."""
    for fill in (30.0, 0.0, -30.0):
        scores, outputs, lengths = _attention(5, 4, 7, 3)
        for row, length in enumerate(lengths):
            scores[row, length:], outputs[row, length:] = fill, 1000.0
        _attend(env, scores - 3, outputs, lengths, "Something of the padding was weighed.")


def attend_large(env):
    """Large scores of either sign stay finite."""
    for shift in (1e4, -1e4, 0.0):
        scores, outputs, lengths = _attention(6, 4, 5, 3)
        found = call_alone(env, "attend", scores + shift, outputs.clone(), lengths.clone())
        finite = isinstance(found, torch.Tensor) and bool(found.isfinite().all())
        expect(finite, f"With scores near {shift:g} the result is not finite.")
        _attend(env, scores + shift, outputs, lengths, f"Wrong with scores near {shift:g}.")

"""Hidden tests of `last_states`."""

import torch
from checking import call, close, expect
from drawing import generator, normal


def _padded(batch, time, hidden, directions, offset):
    outputs = normal(batch, time, directions * hidden, offset=offset)
    lengths = torch.randint(1, time + 1, (batch,), generator=generator(offset))
    lengths[0], lengths[-1] = time, 1
    for row, length in enumerate(lengths):
        outputs[row, length:] = 1000.0  # what nobody may read
    return outputs, lengths


def _last(env, directions):
    for offset, (batch, time, hidden) in enumerate([(4, 6, 3), (3, 1, 2), (5, 5, 5)]):
        outputs, lengths = _padded(batch, time, hidden, directions, offset)
        forward = torch.stack([outputs[i, n - 1, :hidden] for i, n in enumerate(lengths)])
        wanted = torch.cat([forward, outputs[:, 0, hidden:]], dim=1)
        found = call(env, "last_states", outputs, lengths, directions == 2)
        expect(isinstance(found, torch.Tensor), "`last_states` must return a tensor.")
        expect(not (found == 1000.0).any(), "A state that belongs to padding was read.")
        close(found, wanted, "A state was read at a step where that direction had not ended.")


def last_forward(env):
    """One direction."""
    _last(env, 1)


def last_both(env):
    """Two directions."""
    _last(env, 2)

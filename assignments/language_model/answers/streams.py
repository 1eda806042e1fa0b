# %% wrong M-target-dropped-at-the-cut
# Shifts inside each chunk, so that the last symbol of a chunk is never an input with a target.
def streams(ids, batch, length):
    span = (len(ids) - 1) // batch
    rows = ids[: batch * span].view(batch, span).T
    return [(chunk[:-1], chunk[1:]) for chunk in rows.split(length)]


# %% wrong M-streams-not-contiguous
# Fills batch by batch: a stream jumps at each chunk.
def streams(ids, batch, length):
    span = (len(ids) - 1) // batch
    inputs = ids[: batch * span].view(span, batch)
    targets = ids[1 : batch * span + 1].view(span, batch)
    return list(zip(inputs.split(length), targets.split(length)))


# %% wrong M-off-by-one
# The target is the input itself.
def streams(ids, batch, length):
    span = (len(ids) - 1) // batch
    inputs = ids[: batch * span].view(batch, span).T
    return list(zip(inputs.split(length), inputs.split(length)))


# %% wrong M-batch-first
# Puts the streams first.
def streams(ids, batch, length):
    span = (len(ids) - 1) // batch
    inputs = ids[: batch * span].view(batch, span)
    targets = ids[1 : batch * span + 1].view(batch, span)
    return list(zip(inputs.split(length, dim=1), targets.split(length, dim=1)))


# %% wrong M-short-chunk-dropped
# Leaves out the last chunk if it is shorter.
edit(
    "return list(zip(inputs.split(length), targets.split(length)))",
    """chunks = list(zip(inputs.split(length), targets.split(length)))
    return [chunk for chunk in chunks if len(chunk[0]) == length]""",
)


# %% wrong M-row-without-a-target
# Cuts the text into rows first, so that the end of each row has no target.
def streams(ids, batch, length):
    span = len(ids) // batch
    rows = ids[: batch * span].view(batch, span).T
    return list(zip(rows[:-1].split(length), rows[1:].split(length)))


# %% wrong M-imported
# The package's streams, turned around.
def streams(ids, batch, length):
    from rnn_tutorial.data import Streams

    return [(inputs, targets) for inputs, targets in Streams(ids, batch, length)]


# %% right loops
# Places, chunk by chunk.
def streams(ids, batch, length):
    span = (len(ids) - 1) // batch
    chunks = []
    for first in range(0, span, length):
        times = range(first, min(first + length, span))
        places = torch.tensor([[b * span + t for b in range(batch)] for t in times])
        chunks.append((ids[places], ids[places + 1]))
    return chunks


# %% right stacked
# Slices of the text, stacked.
def streams(ids, batch, length):
    span = (ids.numel() - 1) // batch
    rows = [ids[b * span : (b + 1) * span + 1] for b in range(batch)]
    table = torch.stack(rows, dim=1)
    chunks, t = [], 0
    while t < span:
        end = min(t + length, span)
        chunks.append((table[t:end], table[t + 1 : end + 1]))
        t = end
    return chunks


# %% right unfold
# Windows that overlap by one symbol.
def streams(ids, batch, length):
    span = (len(ids) - 1) // batch
    rows = ids[: batch * span + 1].unfold(0, span + 1, span)
    return [
        (rows[:, t : min(t + length, span)].t(), rows[:, t + 1 : t + length + 1].t())
        for t in range(0, span, length)
    ]

# %% wrong M-padding-state
# Reads the last column, which is padding for all but the longest.
def last_states(outputs, lengths, bidirectional):
    if not bidirectional:
        return outputs[:, -1]
    hidden = outputs.shape[2] // 2
    return torch.cat([outputs[:, -1, :hidden], outputs[:, 0, hidden:]], dim=1)


# %% wrong M-backward-last
# Reads the backward direction where it has seen a single step.
def last_states(outputs, lengths, bidirectional):
    return outputs[torch.arange(len(outputs)), lengths - 1]


# %% wrong M-off-by-one
# Takes the step at the length, not the one before it.
def last_states(outputs, lengths, bidirectional):
    end = lengths.clamp(max=outputs.shape[1] - 1)
    forward = outputs[torch.arange(len(outputs)), end]
    if not bidirectional:
        return forward
    hidden = outputs.shape[2] // 2
    return torch.cat([forward[:, :hidden], outputs[:, 0, hidden:]], dim=1)


# %% wrong M-mean-for-last
# Averages over the real steps.
def last_states(outputs, lengths, bidirectional):
    real = torch.arange(outputs.shape[1]) < lengths[:, None]
    return (outputs * real[..., None]).sum(dim=1) / lengths[:, None]


# %% wrong M-one-length-for-all
# Uses the length of the first row for every row.
def last_states(outputs, lengths, bidirectional):
    forward = outputs[:, int(lengths[0]) - 1]
    if not bidirectional:
        return forward
    hidden = outputs.shape[2] // 2
    return torch.cat([forward[:, :hidden], outputs[:, 0, hidden:]], dim=1)


# %% wrong M-directions-swapped
# Puts the backward direction first.
def last_states(outputs, lengths, bidirectional):
    forward = outputs[torch.arange(len(outputs)), lengths - 1]
    if not bidirectional:
        return forward
    hidden = outputs.shape[2] // 2
    return torch.cat([outputs[:, 0, hidden:], forward[:, :hidden]], dim=1)


# %% wrong M-from-the-package
# The package's packing, and the last state that it keeps of each row.
def last_states(outputs, lengths, bidirectional):
    from rnn_tutorial.data import pack

    packed = pack(outputs, lengths)
    states, ends = torch.nn.utils.rnn.pad_packed_sequence(packed, batch_first=True)
    return states[torch.arange(len(states)), ends - 1]


# %% right gather
# torch's gather along time.
def last_states(outputs, lengths, bidirectional):
    index = (lengths - 1).view(-1, 1, 1).expand(-1, 1, outputs.size(2))
    ends = outputs.gather(1, index).squeeze(1)
    if bidirectional:
        half = outputs.size(2) // 2
        ends = torch.cat((ends[:, :half], outputs[:, 0, half:]), dim=-1)
    return ends


# %% right loop
# Row by row.
def last_states(outputs, lengths, bidirectional):
    rows = []
    for row, length in zip(outputs, lengths.tolist()):
        if bidirectional:
            half = row.shape[1] // 2
            rows.append(torch.cat([row[length - 1, :half], row[0, half:]]))
        else:
            rows.append(row[length - 1])
    return torch.stack(rows)


# %% right mask
# Zero all but the last real step, then add over time.
def last_states(outputs, lengths, bidirectional):
    steps = torch.arange(outputs.shape[1])[None, :, None]
    is_end = steps == (lengths - 1)[:, None, None]
    if bidirectional:
        half = outputs.shape[2] // 2
        is_end = torch.cat(
            [is_end.expand(-1, -1, half), (steps == 0).expand(len(outputs), -1, half)], dim=2
        )
    return torch.where(is_end, outputs, 0.0).sum(dim=1)

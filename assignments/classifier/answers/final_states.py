# %% wrong M-imported
# The final state that torch returns for the padded batch: it has read the padding.
def final_states(layer, x, lengths):
    _, h = layer(x)
    if isinstance(h, tuple):
        h = h[0]
    return torch.cat([h[-2], h[-1]], dim=1) if layer.bidirectional else h[-1]


# %% wrong M-padding-state
# The last column of the outputs.
def final_states(layer, x, lengths):
    return layer(x)[0][:, -1]


# %% wrong M-backward-last
# Reads both directions at the last real step, where the backward one has read a single step.
def final_states(layer, x, lengths):
    packed = nn.utils.rnn.pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
    outputs, _ = nn.utils.rnn.pad_packed_sequence(layer(packed)[0], batch_first=True)
    return outputs[torch.arange(len(x)), lengths - 1]


# %% wrong M-order-lost
# Sorts by length for packing and forgets to sort back.
def final_states(layer, x, lengths):
    lengths, order = lengths.sort(descending=True)
    packed = nn.utils.rnn.pack_padded_sequence(x[order], lengths, batch_first=True)
    _, h = layer(packed)
    if isinstance(h, tuple):
        h = h[0]
    return torch.cat([h[-2], h[-1]], dim=1) if layer.bidirectional else h[-1]


# %% wrong M-bottom-layer
# Takes the states of the first layer.
def final_states(layer, x, lengths):
    packed = nn.utils.rnn.pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
    _, h = layer(packed)
    if isinstance(h, tuple):
        h = h[0]
    return torch.cat([h[0], h[1]], dim=1) if layer.bidirectional else h[0]


# %% wrong M-cell-for-state
# Returns an LSTM's cell.
def final_states(layer, x, lengths):
    packed = nn.utils.rnn.pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
    _, h = layer(packed)
    if isinstance(h, tuple):
        h = h[1]
    return torch.cat([h[-2], h[-1]], dim=1) if layer.bidirectional else h[-1]


# %% wrong M-from-the-package
# What the package's classifier reads out of a layer that is put into it.
def final_states(layer, x, lengths):
    from rnn_tutorial.data import pack
    from rnn_tutorial.models import RecurrentClassifier

    model = RecurrentClassifier(3, 2)
    model.recurrent = layer
    return model.read(pack(x, lengths))


# %% right one row at a time
# No packing: each row is cut to its length.
def final_states(layer, x, lengths):
    rows = []
    for row, length in zip(x, lengths.tolist()):
        outputs, _ = layer(row[:length].unsqueeze(0))
        h = layer.hidden_size
        if layer.bidirectional:
            rows.append(torch.cat([outputs[0, -1, :h], outputs[0, 0, h:]]))
        else:
            rows.append(outputs[0, -1])
    return torch.stack(rows)


# %% right sorted and sorted back
# Packs in the order of lengths, then restores the order.
def final_states(layer, x, lengths):
    ordered, order = torch.sort(lengths, descending=True)
    packed = nn.utils.rnn.pack_padded_sequence(x[order], ordered, batch_first=True)
    h = layer(packed)[1]
    if type(h) is tuple:
        h, _ = h
    directions = 2 if layer.bidirectional else 1
    top = h.view(layer.num_layers, directions, len(x), -1)[-1]
    return top.transpose(0, 1).reshape(len(x), -1)[order.argsort()]


# %% right gathered
# Packs, unpacks, and reads each direction where it ends.
def final_states(layer, x, lengths):
    packed = nn.utils.rnn.pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
    outputs, _ = nn.utils.rnn.pad_packed_sequence(layer(packed)[0], batch_first=True)
    index = (lengths - 1).view(-1, 1, 1).expand(-1, 1, outputs.shape[2])
    ends = outputs.gather(1, index)[:, 0]
    if not layer.bidirectional:
        return ends
    half = layer.hidden_size
    return torch.hstack([ends[:, :half], outputs[:, 0, half:]])

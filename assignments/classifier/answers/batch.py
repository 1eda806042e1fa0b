# %% wrong M-imported
# The package's vocabulary and padding: other numbers, and the beginnings of long names.
def batch(names, index, limit):
    from rnn_tutorial.data import Vocabulary, pad

    vocabulary = Vocabulary(index, lowercase=False)
    return pad([vocabulary.encode(name, max_length=limit) for name in names])


# %% wrong M-truncated-end
# Keeps the beginning of long names.
def batch(names, index, limit):
    rows = [torch.tensor([index.get(symbol, 1) for symbol in name[:limit]]) for name in names]
    lengths = torch.tensor([len(row) for row in rows])
    return nn.utils.rnn.pad_sequence(rows, batch_first=True), lengths


# %% wrong M-unknown-as-padding
# Gives unknown symbols the number of the padding.
def batch(names, index, limit):
    rows = [torch.tensor([index.get(symbol, 0) for symbol in name[-limit:]]) for name in names]
    lengths = torch.tensor([len(row) for row in rows])
    return nn.utils.rnn.pad_sequence(rows, batch_first=True), lengths


# %% wrong M-padded-in-front
# Moves the names to the right.
def batch(names, index, limit):
    rows = [[index.get(symbol, 1) for symbol in name[-limit:]] for name in names]
    width = max(len(row) for row in rows)
    tokens = torch.tensor([[0] * (width - len(row)) + row for row in rows])
    return tokens, torch.tensor([len(row) for row in rows])


# %% wrong M-width-as-length
# Counts the padding as part of each name.
def batch(names, index, limit):
    rows = [torch.tensor([index.get(symbol, 1) for symbol in name[-limit:]]) for name in names]
    tokens = nn.utils.rnn.pad_sequence(rows, batch_first=True)
    return tokens, torch.full((len(rows),), tokens.shape[1])


# %% wrong M-order-lost
# Sorts the rows by length, and nobody knows which is which.
def batch(names, index, limit):
    names = sorted((name[-limit:] for name in names), key=len, reverse=True)
    rows = [torch.tensor([index.get(symbol, 1) for symbol in name]) for name in names]
    lengths = torch.tensor([len(row) for row in rows])
    return nn.utils.rnn.pad_sequence(rows, batch_first=True), lengths


# %% right pad_sequence
# torch's own padding.
def batch(names, index, limit):
    rows = [torch.tensor([index.get(symbol, 1) for symbol in name[-limit:]]) for name in names]
    lengths = torch.tensor(list(map(len, rows)))
    return nn.utils.rnn.pad_sequence(rows, batch_first=True, padding_value=0), lengths


# %% right lists
# Lists that are filled up before they become a tensor.
def batch(names, index, limit):
    ends = [name[max(0, len(name) - limit) :] for name in names]
    width = max(len(end) for end in ends)
    table = []
    for end in ends:
        numbers = [index[symbol] if symbol in index else 1 for symbol in end]
        table.append(numbers + [0] * (width - len(numbers)))
    return torch.tensor(table), torch.tensor([len(end) for end in ends])


# %% right mask
# A full rectangle first, then a mask that puts the numbers in.
def batch(names, index, limit):
    lengths = torch.tensor([min(len(name), limit) for name in names])
    real = torch.arange(int(lengths.max())) < lengths[:, None]
    numbers = [index.get(symbol, 1) for name in names for symbol in name[-limit:]]
    tokens = torch.zeros(real.shape, dtype=torch.long)
    tokens[real] = torch.tensor(numbers)
    return tokens, lengths

# %% wrong M-two-biases
# Counts torch's two bias vectors.
edit(
    """one_direction = blocks * hidden * (inputs + hidden + 1)
        if cell == "peephole":
            one_direction += 3 * hidden
        total += directions * one_direction""",
    """one = blocks * hidden * (inputs + hidden + 2) + (3 * hidden if cell == "peephole" else 0)
        total += directions * one""",
)


# %% wrong M-peephole-of-candidate
# Gives the candidate a peephole too.
edit(
    """one_direction = blocks * hidden * (inputs + hidden + 1)
        if cell == "peephole":
            one_direction += 3 * hidden
        total += directions * one_direction""",
    """one = blocks * hidden * (inputs + hidden + 1) + (4 * hidden if cell == "peephole" else 0)
        total += directions * one""",
)


# %% wrong M-upper-layer-reads-features
# Lets every layer read the features.
def parameters(cell, features, hidden, layers, bidirectional):
    blocks = {"rnn": 1, "gru": 3, "peephole": 4}[cell]
    one = blocks * hidden * (features + hidden + 1) + (3 * hidden if cell == "peephole" else 0)
    return layers * one * (2 if bidirectional else 1)


# %% wrong M-one-direction-above
# Forgets that the upper layer reads both directions.
def parameters(cell, features, hidden, layers, bidirectional):
    blocks = {"rnn": 1, "gru": 3, "peephole": 4}[cell]
    total, inputs = 0, features
    for _ in range(layers):
        total += blocks * hidden * (inputs + hidden + 1)
        total += 3 * hidden if cell == "peephole" else 0
        inputs = hidden
    return total * (2 if bidirectional else 1)


# %% wrong M-full-peephole
# Makes of a peephole a matrix, where each unit sees its own cell only.
edit(
    """one_direction = blocks * hidden * (inputs + hidden + 1)
        if cell == "peephole":
            one_direction += 3 * hidden
        total += directions * one_direction""",
    """one = blocks * hidden * (inputs + hidden + 1)
        one += 3 * hidden * hidden if cell == "peephole" else 0
        total += directions * one""",
)


# %% wrong M-from-the-package
# Counts the package's layers, which have torch's two biases and no peepholes.
def parameters(cell, features, hidden, layers, bidirectional):
    from rnn_tutorial.networks import layers as package
    from rnn_tutorial.training import count_parameters

    kind = {"rnn": package.RNN, "gru": package.GRU, "peephole": package.LSTM}[cell]
    return count_parameters(kind(features, hidden, layers, bidirectional=bidirectional))


# %% right closed form
# First layer, and all others alike.
def parameters(cell, features, hidden, layers, bidirectional):
    g, extra = {"rnn": (1, 0), "gru": (3, 0), "peephole": (4, 3)}[cell]
    d = 1 + bidirectional
    first = d * hidden * (g * (features + hidden + 1) + extra)
    above = d * hidden * (g * (d * hidden + hidden + 1) + extra)
    return first + (layers - 1) * above


# %% right torch
# torch's own layers, less one bias, and the peepholes.
def parameters(cell, features, hidden, layers, bidirectional):
    kind = {"rnn": torch.nn.RNN, "gru": torch.nn.GRU, "peephole": torch.nn.LSTM}[cell]
    layer = kind(features, hidden, layers, bidirectional=bidirectional)
    count = sum(p.numel() for name, p in layer.named_parameters() if not name.startswith("bias_hh"))
    if cell == "peephole":
        count += 3 * hidden * layers * (2 if bidirectional else 1)
    return count


# %% right shapes
# Writes all shapes down, then multiplies.
def parameters(cell, features, hidden, layers, bidirectional):
    shapes = []
    for layer in range(layers):
        for _ in range(2 if bidirectional else 1):
            below = features if layer == 0 else hidden * (2 if bidirectional else 1)
            rows = hidden * {"rnn": 1, "gru": 3, "peephole": 4}[cell]
            shapes += [(rows, below), (rows, hidden), (rows,)]
            if cell == "peephole":
                shapes += [(hidden,)] * 3
    return sum(math.prod(shape) for shape in shapes)

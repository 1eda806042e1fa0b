# %% wrong M-dead-start
# No unit is on at the start, so no unit is ever on.
edit(
    '"h_0": torch.tensor([float((s, letter) == (-values["a"] % k, "a")) for s, letter in units])',
    '"h_0": torch.zeros(len(units))',
)


# %% wrong M-sum-before-the-letter
# Accepts by the sum before the last letter was added.
edit(
    "float((s + values[letter]) % k == r) for s, letter in units",
    "float(s == r) for s, letter in units",
)


# %% wrong M-off-by-one
# Counts modulo k - 1.
edit("units = [", "k, r = k - 1, r % (k - 1)\nunits = [")


# %% wrong M-transposed-weight
# W_h from the new unit to the old one.
edit(
    "== s) for was, of in units] for s, _ in units]",
    "== s) for s, _ in units] for was, of in units]",
)


# %% wrong M-on-the-threshold
# Right about every word, with sums that stand a hair's breadth from the threshold.
edit("-1.5", "-1.99")


# %% wrong M-someone-elses-machine
# The machine of another id.
edit("assigned(STUDENT_ID)", 'assigned("somebody else")')


# %% wrong M-from-the-package
# The package's layer that adds up what it reads, without a modulus.
from rnn_tutorial.networks import RNN, identity_

layer = identity_(RNN(3, 8, nonlinearity="relu"))
MACHINE = {
    "W_x": layer.weight_ih_l0.detach(),
    "W_h": layer.weight_hh_l0.detach(),
    "b": layer.bias_ih_l0.detach(),
    "h_0": torch.zeros(8),
    "w_out": torch.ones(8),
    "b_out": torch.tensor(-0.5),
}


# %% right loops
# Filled entry by entry, units in another order and with other weights.
k, r, values = assigned(STUDENT_ID)
size = 3 * k
MACHINE = {
    "W_x": torch.zeros(size, 3),
    "W_h": torch.zeros(size, size),
    "b": torch.zeros(size) - 3.0,
    "h_0": torch.zeros(size),
    "w_out": torch.zeros(size),
    "b_out": torch.tensor(-1.0),
}
for i, letter in enumerate(LETTERS):
    for s in range(k):
        unit = i * k + s
        MACHINE["W_x"][unit, i] = 2.0
        after = (s + values[letter]) % k
        for j in range(3):
            MACHINE["W_h"][j * k + after, unit] = 2.0
        MACHINE["w_out"][unit] = 2.0 if after == r else 0.0
MACHINE["h_0"][2 * k + (-values["c"]) % k] = 1.0


# %% right fewer units
# One unit for each sum and each *value* of a letter.
k, r, values = assigned(STUDENT_ID)
steps = sorted(set(values.values()))
places = [(s, v) for v in steps for s in range(k)]
MACHINE = {
    "W_x": torch.tensor([[float(values[letter] == v) for letter in LETTERS] for _, v in places]),
    "W_h": torch.tensor([[float((s0 + v0) % k == s) for s0, v0 in places] for s, _ in places]),
    "b": torch.tensor([-1.5] * len(places)),
    "h_0": torch.tensor([float(v == steps[0] and (s + v) % k == 0) for s, v in places]),
    "w_out": torch.tensor([2.0 * ((s + v) % k == r) - 1.0 for s, v in places]),
    "b_out": torch.tensor(0.0),
}


# %% right kronecker
# Shifts of a cycle, as matrices.
k, r, values = assigned(STUDENT_ID)
shifts = [torch.roll(torch.eye(k), values[letter], dims=0) for letter in LETTERS]
arrives = torch.cat(shifts, dim=1)  # (k, 3k): from sum before and letter to the sum after
MACHINE = {
    "W_x": torch.kron(torch.eye(3), torch.ones(k, 1)),
    "W_h": arrives.repeat(3, 1),
    "b": -1.5 * torch.ones(3 * k),
    "h_0": torch.zeros(3 * k),
    "w_out": arrives[r],
    "b_out": torch.tensor(-0.5),
}
MACHINE["h_0"][-values["a"] % k] = 1.0

# %% wrong M-mask-after-softmax
# Weighs the padding first and takes it out afterwards: the rest adds up to less than one.
def attend(scores, outputs, lengths):
    real = torch.arange(scores.shape[1]) < lengths[:, None]
    weights = scores.softmax(dim=1) * real
    return (weights[:, :, None] * outputs).sum(dim=1)


# %% wrong M-score-zero-for-masked
# Sets the scores of the padding to zero, and the exponential of zero is one.
def attend(scores, outputs, lengths):
    real = torch.arange(scores.shape[1]) < lengths[:, None]
    weights = (scores * real).softmax(dim=1)
    return (weights[:, :, None] * outputs).sum(dim=1)


# %% wrong M-off-by-one
# Lets the first padding step in.
def attend(scores, outputs, lengths):
    padding = torch.arange(scores.shape[1]) > lengths[:, None]
    weights = scores.masked_fill(padding, -math.inf).softmax(dim=1)
    return (weights[:, :, None] * outputs).sum(dim=1)


# %% wrong M-softmax-over-the-batch
# Lets the rows of the batch compete.
def attend(scores, outputs, lengths):
    padding = torch.arange(scores.shape[1]) >= lengths[:, None]
    weights = scores.masked_fill(padding, -1e30).softmax(dim=0)
    return (weights[:, :, None] * outputs).sum(dim=1)


# %% wrong M-overflow
# Exponentials of scores as they stand.
def attend(scores, outputs, lengths):
    real = torch.arange(scores.shape[1]) < lengths[:, None]
    weights = scores.exp() * real
    return (weights[:, :, None] * outputs).sum(dim=1) / weights.sum(dim=1, keepdim=True)


# %% wrong M-mean-over-time
# Divides by the number of steps on top of weights that add up to one.
def attend(scores, outputs, lengths):
    padding = torch.arange(scores.shape[1]) >= lengths[:, None]
    weights = scores.masked_fill(padding, -math.inf).softmax(dim=1)
    return (weights[:, :, None] * outputs).mean(dim=1)


# %% wrong M-from-the-package
# The means that the package's classifier pools, which weigh all steps alike.
def attend(scores, outputs, lengths):
    from rnn_tutorial.data import pack
    from rnn_tutorial.models import RecurrentClassifier

    class Given(nn.Module):
        bidirectional = False

        def forward(self, packed):
            return packed, outputs[None, :, 0]

    model = RecurrentClassifier(3, 2, readout="concat")
    model.recurrent = Given()
    return model.read(pack(outputs, lengths)).chunk(3, dim=1)[1]


# %% right rows
# Each row is cut to its length.
def attend(scores, outputs, lengths):
    rows = []
    for i, n in enumerate(lengths.tolist()):
        rows.append(torch.softmax(scores[i, :n], 0) @ outputs[i, :n])
    return torch.stack(rows)


# %% right by hand
# Subtracts the largest real score before the exponential.
def attend(scores, outputs, lengths):
    real = torch.arange(scores.size(1)).unsqueeze(0) < lengths.unsqueeze(1)
    low = torch.where(real, scores, torch.full_like(scores, -torch.inf))
    weights = torch.exp(low - low.max(dim=1, keepdim=True).values)
    weights = weights / weights.sum(1, keepdim=True)
    return torch.einsum("bt,bth->bh", weights, outputs)


# %% right matrix product
# A mask that is added, and one product for the whole batch.
def attend(scores, outputs, lengths):
    steps = torch.arange(scores.shape[1]).expand_as(scores)
    mask = torch.zeros_like(scores)
    mask[steps >= lengths.view(-1, 1)] = float("-inf")
    logs = (scores + mask).log_softmax(-1)
    return torch.bmm(logs.exp().unsqueeze(1), outputs).squeeze(1)

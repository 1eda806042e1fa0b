# %% wrong M-imported
# torch's weights, whose mean divides by the weights that the batch happens to hold.
def balanced_loss(logits, labels, counts):
    weights = (counts.sum() / (len(counts) * counts)).to(logits)
    return nn.functional.cross_entropy(logits, labels, weight=weights)


# %% wrong M-softmax-before-loss
# Hands probabilities to a loss that wants logits.
def balanced_loss(logits, labels, counts):
    weights = counts.sum() / (len(counts) * counts)
    each = nn.functional.cross_entropy(logits.softmax(dim=1), labels, reduction="none")
    return (weights[labels] * each).mean()


# %% wrong M-weights-upside-down
# Gives the frequent classes the large weights.
def balanced_loss(logits, labels, counts):
    weights = len(counts) * counts / counts.sum()
    each = nn.functional.cross_entropy(logits, labels, reduction="none")
    return (weights[labels] * each).mean()


# %% wrong M-sum-for-mean
# Adds up, so that larger batches take larger steps.
def balanced_loss(logits, labels, counts):
    weights = counts.sum() / (len(counts) * counts)
    each = nn.functional.cross_entropy(logits, labels, reduction="none")
    return (weights[labels] * each).sum()


# %% wrong M-overflow
# The logarithm of a probability that has become zero.
def balanced_loss(logits, labels, counts):
    weights = counts.sum() / (len(counts) * counts)
    chosen = logits.softmax(dim=1)[torch.arange(len(labels)), labels]
    return (weights[labels] * -chosen.log()).mean()


# %% wrong M-counts-of-the-batch
# Counts the classes of the batch, not of the training data.
def balanced_loss(logits, labels, counts):
    own = torch.bincount(labels, minlength=len(counts)).clamp(min=1)
    weights = len(labels) / (len(counts) * own)
    each = nn.functional.cross_entropy(logits, labels, reduction="none")
    return (weights[labels] * each).mean()


# %% wrong M-from-the-package
# The package's measure of a loss over batches of one example.
def balanced_loss(logits, labels, counts):
    from rnn_tutorial.training import Objective, measure

    weights = counts.sum() / (len(counts) * counts)
    batches = [((row[None],), label[None]) for row, label in zip(logits, labels)]

    def loss(row, label):
        return weights[label] * nn.functional.cross_entropy(row, label)

    return torch.tensor(measure(nn.Identity(), batches, Objective(loss))[0])


# %% right log_softmax
# The definition, with a gather.
def balanced_loss(logits, labels, counts):
    weights = counts.sum() / len(counts) / counts
    logs = logits.log_softmax(dim=-1).gather(1, labels.unsqueeze(1)).squeeze(1)
    return -torch.mean(weights.gather(0, labels) * logs)


# %% right torch's sum
# torch's weights with a sum, divided by the size of the batch.
def balanced_loss(logits, labels, counts):
    counts = counts.to(logits.dtype)
    criterion = nn.CrossEntropyLoss(weight=counts.mean() / counts, reduction="sum")
    return criterion(logits, labels) / labels.numel()


# %% right logsumexp
# One example at a time.
def balanced_loss(logits, labels, counts):
    total, losses = int(counts.sum()), []
    for z, y in zip(logits, labels.tolist()):
        weight = total / (logits.shape[1] * int(counts[y]))
        losses.append(weight * (torch.logsumexp(z, 0) - z[y]))
    return torch.stack(losses).mean()

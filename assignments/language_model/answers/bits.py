# %% wrong M-nats-for-bits
# Natural logarithms.
def bits(chunks):
    total, count = 0.0, 0
    for logits, targets in chunks:
        real = targets >= 0
        total += float(nn.functional.cross_entropy(logits[real], targets[real], reduction="sum"))
        count += int(real.sum())
    return total / count if count else math.nan


# %% wrong M-mean-of-means
# The mean over chunks of the mean of each.
def bits(chunks):
    means = []
    for logits, targets in chunks:
        real = targets >= 0
        if real.any():
            means.append(float(nn.functional.cross_entropy(logits[real], targets[real])))
    return sum(means) / len(means) / math.log(2) if means else math.nan


# %% wrong M-softmax-before-loss
# Takes probabilities for logits.
edit(
    """logs = logits[real].double().log_softmax(dim=-1)
        total -= float(logs.gather(1, targets[real][:, None]).sum())""",
    """p = logits[real].softmax(dim=-1)
        total += float(nn.functional.cross_entropy(p, targets[real], reduction="sum"))""",
)


# %% wrong M-padding-counted
# Divides by all places, padding too.
def bits(chunks):
    total, count, real = 0.0, 0, 0
    for logits, targets in chunks:
        flat = logits.flatten(0, 1), targets.flatten()
        total += float(nn.functional.cross_entropy(*flat, ignore_index=-1, reduction="sum"))
        count += targets.numel()
        real += int((targets >= 0).sum())
    return total / count / math.log(2) if real else math.nan


# %% wrong M-perplexity-for-bits
# The number of equally likely choices.
def bits(chunks):
    total, count = 0.0, 0
    for logits, targets in chunks:
        real = targets >= 0
        total += float(nn.functional.cross_entropy(logits[real], targets[real], reduction="sum"))
        count += int(real.sum())
    return math.exp(total / count) if count else math.nan


# %% wrong M-padding-is-a-class
# Reads -1 as the last symbol.
def bits(chunks):
    total, count = 0.0, 0
    for logits, targets in chunks:
        logs = logits.log_softmax(dim=-1)
        targets = targets % logits.shape[-1]
        total -= float(logs.gather(-1, targets[..., None]).sum())
        count += targets.numel()
    return total / count / math.log(2) if count else math.nan


# %% wrong M-from-the-package
# The package's bits of a model that is asked with the targets as its text.
def bits(chunks):
    from rnn_tutorial.networks import mean_bits

    found = [
        mean_bits(logits.softmax(dim=-1).numpy(), targets.clamp(min=0).numpy())
        for logits, targets in chunks
    ]
    return sum(found) / len(found) if found else math.nan


# %% right collected
# Collects the bits of all characters, then takes one mean.
def bits(chunks):
    found = [torch.zeros(0, dtype=torch.float64)]
    for logits, targets in chunks:
        p = logits.double().softmax(-1)
        chosen = p.gather(-1, targets.clamp(min=0).unsqueeze(-1)).squeeze(-1)
        found.append(-torch.log2(chosen[targets != -1]))
    return float(torch.cat(found).mean())


# %% right ignore_index
# torch's own way to leave padding out.
def bits(chunks):
    criterion = nn.CrossEntropyLoss(ignore_index=-1, reduction="sum")
    nats = characters = 0
    for logits, targets in chunks:
        nats += criterion(logits.reshape(-1, logits.shape[-1]), targets.reshape(-1)).item()
        characters += targets.ne(-1).sum().item()
    return float("nan") if characters == 0 else nats / (characters * math.log(2))


# %% right weighted means
# A mean over chunks that are weighed by their characters.
def bits(chunks):
    mean, seen = 0.0, 0
    for logits, targets in chunks:
        mask = (targets >= 0).to(logits)
        size = int(mask.sum())
        if size == 0:
            continue
        each = logits.logsumexp(-1) - logits.gather(-1, targets.clamp(0)[..., None])[..., 0]
        own = float((each * mask).sum()) / size / math.log(2)
        seen += size
        mean += (own - mean) * size / seen
    return mean if seen else math.nan

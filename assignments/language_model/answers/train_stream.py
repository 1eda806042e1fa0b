# %% wrong M-missing-detach
# Keeps the graph of the whole pass: one step at the end, over all chunks.
def train_stream(model, chunks, optimizer, max_norm):
    total, count, state = 0.0, 0, None
    optimizer.zero_grad()
    for inputs, targets, fresh in chunks:
        start = model.start(len(targets))
        state = start if state is None else torch.where(fresh[:, None], start, state)
        logits, state = model(inputs, state)
        loss = nn.functional.cross_entropy(logits.flatten(0, 1), targets.flatten())
        loss.backward(retain_graph=True)
        total += loss.item() * targets.numel()
        count += targets.numel()
    nn.utils.clip_grad_norm_(model.parameters(), max_norm)
    optimizer.step()
    return total / count / math.log(2)


# %% wrong M-state-not-carried
# Starts every chunk anew.
edit(
    """if state is None:
            state = start
        else:
            state = torch.where(fresh[:, None], start, state.detach())""",
    "state = start",
)


# %% wrong M-document-boundary-ignored
# Goes on across the end of a document.
edit(
    """if state is None:
            state = start
        else:
            state = torch.where(fresh[:, None], start, state.detach())""",
    "state = start if state is None else state.detach()",
)


# %% wrong M-zero-for-the-start
# Fresh rows begin with zeros, not with the start that is learned.
edit(
    "state = start",
    "state = torch.zeros_like(start)",
)
edit(
    "state = torch.where(fresh[:, None], start, state.detach())",
    "state = torch.where(fresh[:, None], 0.0, state.detach())",
)


# %% wrong M-all-rows-reset
# One fresh row sets all of them back.
edit(
    "if state is None:",
    "if state is None or fresh.any():",
)
edit(
    "state = torch.where(fresh[:, None], start, state.detach())",
    "state = state.detach()",
)


# %% wrong M-clip-by-value
# Cuts each entry of the gradient by itself.
edit(
    "nn.utils.clip_grad_norm_(model.parameters(), max_norm)",
    "nn.utils.clip_grad_value_(model.parameters(), max_norm)",
)


# %% wrong M-gradient-left-over
# Never sets the gradient back.
def train_stream(model, chunks, optimizer, max_norm):
    total, count, state = 0.0, 0, None
    for inputs, targets, fresh in chunks:
        start = model.start(len(targets))
        if state is None:
            state = start
        else:
            state = torch.where(fresh[:, None], start, state.detach())
        logits, state = model(inputs, state)
        loss = nn.functional.cross_entropy(logits.flatten(0, 1), targets.flatten())
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), max_norm)
        optimizer.step()
        total += loss.item() * targets.numel()
        count += targets.numel()
    return total / count / math.log(2)


# %% wrong M-mean-of-means
# Averages over chunks, however long they are.
edit(
    """total += loss.item() * targets.numel()
        count += targets.numel()""",
    """total += loss.item()
        count += 1""",
)


# %% wrong M-from-the-package
# The package's training on streams: no document ever begins anew.
def train_stream(model, chunks, optimizer, max_norm):
    from rnn_tutorial.training import train_on_streams

    class Started(nn.Module):
        def __init__(self):
            super().__init__()
            self.model = model

        def forward(self, inputs, state):
            return self.model(inputs, self.model.start(len(inputs)) if state is None else state)

    pairs = [(inputs, targets) for inputs, targets, _ in chunks]
    found = train_on_streams(Started(), pairs, len(pairs), optimizer=optimizer, max_norm=max_norm)
    sizes = [targets.numel() for _, targets in pairs]
    return sum(b * size for b, size in zip(found, sizes)) / sum(sizes)


# %% right autograd
# Gradients from torch.autograd, rescaled by hand.
def train_stream(model, chunks, optimizer, max_norm):
    parameters = list(model.parameters())
    nats, characters, carried = 0.0, 0, None
    for inputs, targets, fresh in chunks:
        state = model.start(len(inputs)).clone()
        if carried is not None:
            state[~fresh] = carried[~fresh]
        logits, last = model(inputs, state)
        carried = last.detach()
        logs = logits.log_softmax(-1).gather(-1, targets.unsqueeze(-1))
        loss = -logs.mean()
        gradients = torch.autograd.grad(loss, parameters, allow_unused=True)
        gradients = [torch.zeros_like(p) if g is None else g for p, g in zip(parameters, gradients)]
        norm = torch.sqrt(sum((g**2).sum() for g in gradients))
        for parameter, gradient in zip(parameters, gradients):
            parameter.grad = gradient * min(1.0, max_norm / (float(norm) + 1e-6))
        optimizer.step()
        nats -= float(logs.detach().sum())
        characters += logs.numel()
    return nats / characters / math.log(2)


# %% right mask
# Mixes start and state with a mask; sums and divides at the end.
def train_stream(model, chunks, optimizer, max_norm):
    criterion = nn.CrossEntropyLoss(reduction="sum")
    found = []
    state = None
    for inputs, targets, fresh in chunks:
        start = model.start(inputs.shape[0])
        new = torch.ones_like(fresh) if state is None else fresh
        mask = new.to(start.dtype).unsqueeze(1)
        old = torch.zeros_like(start) if state is None else state
        logits, state = model(inputs, mask * start + (1 - mask) * old)
        state = state.detach()
        loss = criterion(logits.transpose(1, 2), targets) / targets.numel()
        model.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(list(model.parameters()), max_norm, norm_type=2)
        optimizer.step()
        found += [float(loss.detach()) / math.log(2)] * targets.numel()
    return sum(found) / len(found)


# %% right rows
# Puts the first states together row by row.
def first_states(model, last, fresh):
    start = model.start(len(fresh))
    if last is None:
        return start
    rows = [start[i] if new else last[i] for i, new in enumerate(fresh.tolist())]
    return torch.stack(rows)


def train_stream(model, chunks, optimizer, max_norm):
    last, weighted, sizes = None, [], []
    for inputs, targets, fresh in chunks:
        optimizer.zero_grad(set_to_none=True)
        logits, last = model(inputs, first_states(model, last, fresh))
        loss = nn.functional.nll_loss(logits.log_softmax(-1).movedim(-1, 1), targets)
        loss.backward()
        last = last.detach()
        nn.utils.clip_grad_norm_(model.parameters(), max_norm)
        optimizer.step()
        weighted.append(loss.item() * targets.numel())
        sizes.append(targets.numel())
    return sum(weighted) / sum(sizes) / math.log(2)

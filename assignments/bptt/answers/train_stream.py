# %% wrong M-state-not-carried
# Begins each chunk at the initial state.
def train_stream(run, x, targets, h_0, weights, steps, rate):
    losses, h = [], h_0
    for chunk, wanted in zip(x.split(steps), targets.split(steps)):
        loss, gradients, h = run(chunk, h_0, weights, wanted)
        losses.append(loss.item())
        weights = {name: weight - rate * gradients[name] for name, weight in weights.items()}
    return losses, weights, h.detach()


# %% wrong M-missing-detach
# Hands the state on with its graph.
def train_stream(run, x, targets, h_0, weights, steps, rate):
    losses, h = [], h_0
    for chunk, wanted in zip(x.split(steps), targets.split(steps)):
        loss, gradients, h = run(chunk, h, weights, wanted)
        losses.append(loss.item())
        weights = {name: weight - rate * gradients[name] for name, weight in weights.items()}
    return losses, weights, h.detach()


# %% wrong M-last-state-undetached
# Detaches between the chunks but hands out the last state with its graph.
edit(
    """loss, gradients, h = run(chunk, h, weights, wanted)
        h = h.detach()""",
    "loss, gradients, h = run(chunk, h.detach(), weights, wanted)",
)


# %% wrong M-changed-in-place
# Trains the caller's own tensors.
edit(
    "weights = {name: weight - rate * gradients[name] for name, weight in weights.items()}",
    """for name, weight in weights.items():
            weight -= rate * gradients[name]""",
)


# %% wrong M-drop-last
# Drops the chunk that is shorter.
edit(
    """for chunk, wanted in zip(x.split(steps), targets.split(steps)):
        loss, gradients, h = run(chunk, h, weights, wanted)""",
    """for start in range(0, len(x) - steps + 1, steps):
        window = slice(start, start + steps)
        loss, gradients, h = run(x[window], h, weights, targets[window])""",
)


# %% wrong M-gradients-pile-up
# Never empties the gradients of the chunks before.
edit(
    "losses, h = [], h_0",
    """losses, h = [], h_0
    pile = {name: torch.zeros_like(weight) for name, weight in weights.items()}""",
)
edit(
    "weights = {name: weight - rate * gradients[name] for name, weight in weights.items()}",
    """pile = {name: pile[name] + gradients[name] for name in pile}
        weights = {name: weight - rate * pile[name] for name, weight in weights.items()}""",
)


# %% wrong M-one-update-at-the-end
# Collects the gradients of all chunks and takes a single step.
def train_stream(run, x, targets, h_0, weights, steps, rate):
    losses, h = [], h_0
    total = {name: torch.zeros_like(weight) for name, weight in weights.items()}
    for chunk, wanted in zip(x.split(steps), targets.split(steps)):
        loss, gradients, h = run(chunk, h, weights, wanted)
        h = h.detach()
        losses.append(loss.item())
        total = {name: total[name] + gradients[name] for name in total}
    return losses, {name: weight - rate * total[name] for name, weight in weights.items()}, h


# %% wrong M-overlapping-chunks
# Begins each chunk with the last step of the one before.
edit(
    """for chunk, wanted in zip(x.split(steps), targets.split(steps)):
        loss, gradients, h = run(chunk, h, weights, wanted)""",
    """for start in range(0, len(x), steps):
        window = slice(max(start - 1, 0), start + steps)
        loss, gradients, h = run(x[window], h, weights, targets[window])""",
)


# %% wrong M-from-the-package
# The package's training on streams, whose loss is a cross-entropy of symbols.
def train_stream(run, x, targets, h_0, weights, steps, rate):
    from rnn_tutorial.training import train_on_streams

    class Model(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.kept = torch.nn.ParameterDict({n: weight.clone() for n, weight in weights.items()})
            self.rest = iter(targets.split(steps))

        def forward(self, inputs, state):
            state = h_0 if state is None else state
            loss, _, h = run(inputs, state, dict(self.kept), next(self.rest))
            return loss.expand(1, len(inputs), 1), h

    model = Model()
    optimizer = torch.optim.SGD(model.parameters(), lr=rate)
    chunks = list(zip(x.split(steps), torch.zeros(len(x), dtype=torch.int64).split(steps)))
    losses = train_on_streams(model, chunks, len(chunks), optimizer=optimizer, max_norm=1e9)
    return losses, {name: weight.detach() for name, weight in model.kept.items()}, h_0


# %% right copies
# Copies first, then updates the copies in place.
def train_stream(run, x, targets, h_0, weights, steps, rate):
    weights = {name: weight.clone() for name, weight in weights.items()}
    state, losses, begin = h_0.clone(), [], 0
    while begin < len(x):
        end = min(begin + steps, len(x))
        loss, gradients, last = run(x[begin:end], state, weights, targets[begin:end])
        losses.append(loss.item())
        with torch.no_grad():
            for name in weights:
                weights[name].sub_(gradients[name], alpha=rate)
        state, begin = last.detach(), end
    return losses, weights, state


# %% right recursion
# The first chunk, then the rest.
def train_stream(run, x, targets, h_0, weights, steps, rate):
    if not len(x):
        return [], weights, h_0.detach()
    loss, found, h = run(x[:steps], h_0.detach(), weights, targets[:steps])
    new = {name: torch.add(weights[name], found[name], alpha=-rate) for name in weights}
    later, new, h = train_stream(run, x[steps:], targets[steps:], h, new, steps, rate)
    return [loss.item(), *later], new, h


# %% right optimizer
# torch's own stochastic gradient descent.
def train_stream(run, x, targets, h_0, weights, steps, rate):
    parameters = {n: torch.nn.Parameter(w.detach().clone()) for n, w in weights.items()}
    optimizer = torch.optim.SGD(parameters.values(), lr=rate)
    losses, h = [], h_0
    for a, b in zip(torch.split(x, steps), torch.split(targets, steps)):
        loss, gradients, h = run(a, h.data, {n: p.data for n, p in parameters.items()}, b)
        for n, p in parameters.items():
            p.grad = gradients[n].detach()
        optimizer.step()
        losses += [loss.detach().item()]
    return losses, {n: p.detach() for n, p in parameters.items()}, h.detach()

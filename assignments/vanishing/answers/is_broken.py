# %% wrong M-always-broken
# Accuses everyone.
def is_broken(model, x):
    return True


# %% wrong M-never-broken
# Trusts everyone.
def is_broken(model, x):
    return False


# %% wrong M-norm-threshold
# One threshold for the size of the gradient at the first step.
def is_broken(model, x):
    x = x.clone().requires_grad_()
    (found,) = torch.autograd.grad(model(x).sum(), x, allow_unused=True)
    if found is None:
        return True
    size = float(found[:, 0].norm())
    return not 1e-5 < size < 1e3


# %% wrong M-ratio-of-ends
# The gradient at the first step against that at the last, and nothing else.
def is_broken(model, x):
    x = x.clone().requires_grad_()
    (found,) = torch.autograd.grad(model(x).sum(), x, allow_unused=True)
    if found is None or not found.isfinite().all():
        return True
    first, last = float(found[:, 0].norm()), float(found[:, -1].norm())
    return not (last > 0 and 1e-4 < first / last < 1e4)


# %% wrong M-weights-tell
# Looks at the recurrent weights and not at what the network does.
def is_broken(model, x):
    for weight in model.parameters():
        if weight.dim() == 2 and weight.shape[0] == weight.shape[1]:
            radius = float(torch.linalg.eigvals(weight.detach()).abs().max())
            if not 0.5 < radius < 1.5:
                return True
    return any(not parameter.requires_grad for parameter in model.parameters())


# %% wrong M-names-tell
# Believes what the class is called.
def is_broken(model, x):
    name = type(model).__name__.lower()
    words = ("broken", "vanish", "forget", "cut", "detach", "wrong", "random", "frozen")
    return any(word in name for word in words) or (
        getattr(model, "rate", 0.05) == 1.0 or getattr(model, "cut", False)
    )


# %% wrong M-learns-a-little
# Trains a copy for some steps and is content if the loss falls.
def is_broken(model, x):
    model = copy.deepcopy(model)
    learned = [parameter for parameter in model.parameters() if parameter.requires_grad]
    optimizer = torch.optim.Adam(learned, lr=0.01)
    with torch.no_grad():
        target = model(x) + 1.0
    losses = []
    for _ in range(10):
        optimizer.zero_grad()
        loss = ((model(x) - target) ** 2).mean()
        loss.backward()
        optimizer.step()
        losses.append(float(loss.detach()))
    return not losses[-1] < losses[0]


# %% wrong M-forward-only
# Changes the first input and looks whether the answer moves: it may move without a gradient.
def is_broken(model, x):
    other = x.clone()
    other[:, 0] += 1.0
    with torch.no_grad():
        one, two = model(x), model(other)
    return not float((one - two).norm()) > 1e-6 * float(one.norm())


# %% wrong M-gradient-trusted
# All but a comparison with differences: takes what autograd returns for the derivative.
edit("            or not _gradients_are_true(model, x, parameters, generator)\n", "")


# %% wrong M-inputs-only
# Compares with differences for the inputs and never for a parameter; forgets rows and chance.
edit("not _depends_on_its_row(model, x)\n            or not", "not")
edit("zip([*parameters, x], found)", "zip([x], found[-1:])")


# %% wrong M-changed-in-place
# Puts the model itself into evaluation mode: finds nothing that happens in training, and leaves it.
edit("model = copy.deepcopy(model)", "model.eval()")


# %% wrong M-imported
# The package's microscope on the first layer that it knows.
def is_broken(model, x):
    from rnn_tutorial.gradients import jacobians

    for layer in model.modules():
        if isinstance(layer, (nn.RNN, nn.LSTM, nn.GRU)):
            norms = jacobians.gradient_norms(layer, x, lambda outputs: outputs[:, -1].sum())
            return bool((norms[1] < 1e-4 * norms[-1]).any())
    return False


# %% wrong M-diagnose
# The package's checks, whose definition of a broken model is another one.
def is_broken(model, x):
    from rnn_tutorial.checks import diagnose

    return not diagnose(model, (x, None), batch_first=True).ok

# %% right gradcheck
# torch's own comparison with differences, on answers that are brought to the size of 1.
def is_broken(model, x):
    model = copy.deepcopy(model)
    named = dict(model.named_parameters())
    for parameter in named.values():
        if not parameter.requires_grad:
            return True
    with torch.no_grad():
        answers = model(x)
        if not bool(torch.isfinite(answers).all()):
            return True
        scale = 1 / float(answers.abs().max())
        if not torch.allclose(scale * answers, scale * model(x), atol=1e-7):
            return True
        for i in range(len(x)):
            other = torch.randn_like(x)
            other[i] = x[i]
            if not torch.allclose(scale * model(other)[i], scale * answers[i], atol=1e-7):
                return True
            try:
                if not torch.allclose(
                    scale * model(x[i : i + 1])[0], scale * answers[i], atol=1e-7
                ):
                    return True
            except (RuntimeError, ValueError):
                return True
    inputs = x.clone().requires_grad_()
    coefficients = torch.randn_like(answers)
    loss = scale * (model(inputs) * coefficients).sum()
    gradients = torch.autograd.grad(loss, [inputs, *named.values()], allow_unused=True)
    for gradient in gradients:
        if gradient is None or not gradient.isfinite().all() or gradient.abs().max() == 0:
            return True
    sizes = gradients[0].transpose(0, 1).flatten(1).norm(dim=1)
    if (sizes < 1e-5 * sizes.max()).any():
        return True

    for index, (tensor, gradient) in enumerate(zip([x, *named.values()], gradients)):
        unit = 1 / float(gradient.norm())

        def function(value, index=index, unit=unit):
            names = list(named)
            changed = {names[index - 1]: value} if index else {}
            read = x if index else value
            answer = torch.func.functional_call(model, changed, (read,))
            return unit * scale * (answer * coefficients).sum()

        start = tensor.detach().clone().requires_grad_()
        if not torch.autograd.gradcheck(
            function, (start,), fast_mode=True, atol=1e-3, rtol=1e-3, raise_exception=False
        ):
            return True
    return False


# %% right list of reasons
# Collects all reasons, with differences along directions of signs.
def reasons(model, x):
    model = copy.deepcopy(model)
    torch.manual_seed(1)
    with torch.no_grad():
        base = model(x)
        size = float(base.abs().max())
        if not math.isfinite(size):
            yield "answers"
            return
        if float((model(x) - base).abs().max()) > 1e-6 * size:
            yield "chance or memory"
        order = torch.randperm(len(x))
        if float((model(x[order]) - base[order]).abs().max()) > 1e-6 * size:
            yield "order of rows"
        half = len(x) // 2
        if float((model(x[:half]) - base[:half]).abs().max()) > 1e-6 * size:
            yield "other rows"
    inputs = x.clone().requires_grad_()
    v = torch.randn(base.shape, dtype=base.dtype)
    tensors = [inputs, *model.parameters()]
    if not all(tensor.requires_grad for tensor in tensors):
        yield "frozen"
        return
    loss = (v * model(inputs)).sum()
    gradients = torch.autograd.grad(loss, tensors, allow_unused=True)
    if any(g is None or not bool(g.isfinite().all()) or not bool(g.any()) for g in gradients):
        yield "learns nothing"
        return
    per_step = torch.linalg.vector_norm(gradients[0], dim=(0, 2))
    if float(per_step.min()) < 1e-5 * float(per_step.max()):
        yield "does not arrive"
    for tensor, g in zip(tensors, gradients):
        for _ in range(4):
            signs = torch.randint(0, 2, tensor.shape).to(tensor.dtype) * 2 - 1
            ends = []
            for s in (1e-6, -1e-6):
                with torch.no_grad():
                    tensor += s * signs
                    ends.append(float((v * model(inputs)).sum()))
                    tensor -= s * signs
            if abs((ends[0] - ends[1]) / 2e-6 - float((g * signs).sum())) > 2e-3 * float(g.norm()):
                yield "not the derivative"


def is_broken(model, x):
    return len(list(reasons(model, x))) > 0


# %% right functional
# Without copies: parameters are handed in from outside, and buffers too.
def is_broken(model, x):
    from torch.func import functional_call

    weights = {name: p.detach().clone() for name, p in model.named_parameters()}
    buffers = {name: b.clone() for name, b in model.named_buffers()}
    modes = {name: value for name, value in vars(model).items() if not name.startswith("_")}

    def run(inputs, changed=None):
        fresh = {name: b.clone() for name, b in buffers.items()}
        return functional_call(model, {**weights, **fresh, **(changed or {})}, (inputs,))

    def close(a, b):
        return bool((a - b).abs().max() <= 1e-6 * b.abs().max())

    try:
        with torch.no_grad():
            whole = run(x)
            if not whole.isfinite().all() or not close(run(x), whole):
                return True
            if not all(close(run(x[i : i + 1]), whole[i : i + 1]) for i in range(len(x))):
                return True
    except (RuntimeError, ValueError):
        return True
    finally:
        for name in [n for n in vars(model) if not n.startswith("_") and n not in modes]:
            delattr(model, name)
    if any(not parameter.requires_grad for parameter in model.parameters()):
        return True
    generator = torch.Generator().manual_seed(4)
    v = torch.randn(whole.shape, generator=generator, dtype=whole.dtype)
    leaves = {name: w.clone().requires_grad_() for name, w in weights.items()}
    inputs = x.clone().requires_grad_()
    loss = (run(inputs, leaves) * v).sum()
    found = torch.autograd.grad(loss, [inputs, *leaves.values()], allow_unused=True)
    if any(g is None or not bool((g.abs().sum() > 0) & g.isfinite().all()) for g in found):
        return True
    steps = found[0].pow(2).sum(dim=(0, 2)).sqrt()
    if steps.min() / steps.max() < 1e-4:
        return True
    with torch.no_grad():
        for name, g in zip([None, *leaves], found):
            for _ in range(2):
                d = torch.randn(g.shape, generator=generator, dtype=g.dtype)
                values = []
                for s in (1e-5, -1e-5):
                    if name is None:
                        values.append((run(x + s * d) * v).sum())
                    else:
                        values.append((run(x, {name: weights[name] + s * d}) * v).sum())
                slope = (values[0] - values[1]) / 2e-5
                if not abs(float(slope - (g * d).sum())) < 1e-3 * float(g.norm()):
                    return True
    return False

# %% wrong M-product-of-norms
# Multiplies the norms, which only bounds the norm of the product.
def stretch(step, x, h_0):
    h, norms = h_0, []
    for x_t in x:
        J = torch.autograd.functional.jacobian(lambda h: step(x_t, h), h)
        norms.append(torch.linalg.matrix_norm(J, ord=2))
        h = step(x_t, h).detach()
    return torch.stack(norms).flip(0).cumprod(0)


# %% wrong M-from-the-first
# Counts the lags from the first state, not back from the last.
def stretch(step, x, h_0):
    h, product, norms = h_0, torch.eye(len(h_0), dtype=h_0.dtype), []
    for x_t in x:
        product = torch.autograd.functional.jacobian(lambda h: step(x_t, h), h) @ product
        norms.append(torch.linalg.matrix_norm(product, ord=2))
        h = step(x_t, h).detach()
    return torch.stack(norms)


# %% wrong M-wrong-order
# Multiplies earlier Jacobians from the left.
def stretch(step, x, h_0):
    h, jacobians = h_0, []
    for x_t in x:
        jacobians.append(torch.autograd.functional.jacobian(lambda h: step(x_t, h), h))
        h = step(x_t, h).detach()
    product, norms = torch.eye(len(h_0), dtype=h_0.dtype), []
    for J in reversed(jacobians):
        product = J @ product
        norms.append(torch.linalg.matrix_norm(product, ord=2))
    return torch.stack(norms)


# %% wrong M-frobenius
# The root of the sum of squares, which is not the largest singular value.
def stretch(step, x, h_0):
    h, jacobians = h_0, []
    for x_t in x:
        jacobians.append(torch.autograd.functional.jacobian(lambda h: step(x_t, h), h))
        h = step(x_t, h).detach()
    product, norms = torch.eye(len(h_0), dtype=h_0.dtype), []
    for J in reversed(jacobians):
        product = product @ J
        norms.append(product.norm())
    return torch.stack(norms)


# %% wrong M-rho-for-sigma
# The largest eigenvalue in place of the largest singular value.
def stretch(step, x, h_0):
    h, jacobians = h_0, []
    for x_t in x:
        jacobians.append(torch.autograd.functional.jacobian(lambda h: step(x_t, h), h))
        h = step(x_t, h).detach()
    product, norms = torch.eye(len(h_0), dtype=h_0.dtype), []
    for J in reversed(jacobians):
        product = product @ J
        norms.append(torch.linalg.eigvals(product).abs().max())
    return torch.stack(norms)


# %% wrong M-one-jacobian-for-all
# Takes powers of the last step's Jacobian.
def stretch(step, x, h_0):
    h = h_0
    for x_t in x[:-1]:
        h = step(x_t, h).detach()
    J = torch.autograd.functional.jacobian(lambda h: step(x[-1], h), h)
    powers = [torch.linalg.matrix_power(J, k) for k in range(1, len(x) + 1)]
    return torch.stack([torch.linalg.matrix_norm(power, ord=2) for power in powers])


# %% wrong M-imported
# The package's microscope, which knows its own layers only.
def stretch(step, x, h_0):
    from rnn_tutorial.gradients import jacobians
    from rnn_tutorial.networks import layers

    layer = layers.RNN(x.shape[1], len(h_0), dtype=x.dtype)
    found = jacobians.state_jacobians(layer, x, h_0[None])
    return jacobians.singular_values(jacobians.jacobian_products(found))[1:, 0]


# %% right whole
# The Jacobian of all later steps as one function, anew for each lag.
def stretch(step, x, h_0):
    def rest(t):
        def run(h):
            for x_t in x[t:]:
                h = step(x_t, h)
            return h

        return run

    states = [h_0]
    for x_t in x:
        states.append(step(x_t, states[-1]))
    norms = []
    for t in range(len(x) - 1, -1, -1):
        J = torch.func.jacrev(rest(t))(states[t])
        norms.append(torch.linalg.svdvals(J)[0])
    return torch.stack(norms).detach()


# %% right rows
# Sends each unit of the last state back through one graph.
def stretch(step, x, h_0):
    states = [h_0.clone().requires_grad_()]
    for x_t in x:
        states.append(step(x_t, states[-1]))
    rows = [torch.autograd.grad(unit, states[:-1], retain_graph=True) for unit in states[-1]]
    per_state = [torch.stack(parts) for parts in zip(*rows)]
    return torch.stack([torch.linalg.norm(J, 2) for J in per_state][::-1])


# %% right forward
# Forward differentiation, the transposed product, and the root of an eigenvalue.
def stretch(step, x, h_0):
    h, transposed = h_0, []
    for x_t in x:
        transposed.insert(0, torch.func.jacfwd(step, argnums=1)(x_t, h).T)
        h = step(x_t, h).detach()
    result, product = [], None
    for J_T in transposed:
        product = J_T if product is None else J_T @ product
        result.append(torch.linalg.eigvalsh(product @ product.T)[-1].clamp(min=0).sqrt())
    return torch.stack(result)

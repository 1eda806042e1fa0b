# %% wrong M-temperature-multiplies
# Multiplies by the temperature.
def filtered(logits, temperature, min_p, top_p):
    p = (logits * temperature).softmax(dim=-1)
    p = torch.where(p >= min_p * p.amax(dim=-1, keepdim=True), p, 0.0)
    p = p / p.sum(dim=-1, keepdim=True)
    ordered, order = p.sort(dim=-1, descending=True)
    dropped = ordered.cumsum(dim=-1) - ordered >= top_p
    p = p * ~dropped.gather(-1, order.argsort(dim=-1))
    return p / p.sum(dim=-1, keepdim=True)


# %% wrong M-nucleus-one-short
# Leaves out the symbol with which top_p is reached.
def filtered(logits, temperature, min_p, top_p):
    p = (logits / temperature).softmax(dim=-1)
    p = torch.where(p >= min_p * p.amax(dim=-1, keepdim=True), p, 0.0)
    p = p / p.sum(dim=-1, keepdim=True)
    ordered, order = p.sort(dim=-1, descending=True)
    dropped = ordered.cumsum(dim=-1) > top_p + 1e-9
    dropped[..., 0] = False
    p = p * ~dropped.gather(-1, order.argsort(dim=-1))
    return p / p.sum(dim=-1, keepdim=True)


# %% wrong M-order-lost
# Returns the probabilities sorted.
def filtered(logits, temperature, min_p, top_p):
    p = (logits / temperature).softmax(dim=-1)
    p = torch.where(p >= min_p * p.amax(dim=-1, keepdim=True), p, 0.0)
    p = (p / p.sum(dim=-1, keepdim=True)).sort(dim=-1, descending=True).values
    p = p * (p.cumsum(dim=-1) - p < top_p)
    return p / p.sum(dim=-1, keepdim=True)


# %% wrong M-absolute-bound
# Takes min_p for a bound on the probability itself.
def filtered(logits, temperature, min_p, top_p):
    p = (logits / temperature).softmax(dim=-1)
    keep = (p >= min_p) | (p == p.amax(dim=-1, keepdim=True))
    p = p * keep
    p = p / p.sum(dim=-1, keepdim=True)
    ordered, order = p.sort(dim=-1, descending=True)
    dropped = ordered.cumsum(dim=-1) - ordered >= top_p
    p = p * ~dropped.gather(-1, order.argsort(dim=-1))
    return p / p.sum(dim=-1, keepdim=True)


# %% wrong M-not-renormalized
# The second filter sees what the first one left, which does not add up to one.
def filtered(logits, temperature, min_p, top_p):
    p = (logits / temperature).softmax(dim=-1)
    p = torch.where(p >= min_p * p.amax(dim=-1, keepdim=True), p, 0.0)
    ordered, order = p.sort(dim=-1, descending=True)
    dropped = ordered.cumsum(dim=-1) - ordered >= top_p
    p = p * ~dropped.gather(-1, order.argsort(dim=-1))
    return p / p.sum(dim=-1, keepdim=True)


# %% wrong M-temperature-last
# Filters the untempered probabilities.
def filtered(logits, temperature, min_p, top_p):
    p = logits.softmax(dim=-1)
    p = torch.where(p >= min_p * p.amax(dim=-1, keepdim=True), p, 0.0)
    p = p / p.sum(dim=-1, keepdim=True)
    ordered, order = p.sort(dim=-1, descending=True)
    dropped = ordered.cumsum(dim=-1) - ordered >= top_p
    p = p * ~dropped.gather(-1, order.argsort(dim=-1))
    return (p.log() / temperature).softmax(dim=-1)


# %% wrong M-imported
# The package's temperature and nucleus, with its own order of things.
def filtered(logits, temperature, min_p, top_p):
    from rnn_tutorial.models import keep_nucleus, temper

    return keep_nucleus(temper(logits, temperature), top_p).exp()


# %% right scatter
# Filters in sorted order, then puts everything back.
def filtered(logits, temperature, min_p, top_p):
    p, order = torch.softmax(logits / temperature, -1).sort(-1, descending=True)
    p = p.masked_fill(p < min_p * p[..., :1], 0)
    p = p / p.sum(-1, keepdim=True)
    before = torch.cumsum(p, -1) - p
    p = p.masked_fill(before >= top_p, 0) if top_p < 1 else p
    p = p / p.sum(-1, keepdim=True)
    return torch.zeros_like(p).scatter(-1, order, p)


# %% right logits
# Sets logits to minus infinity and takes the softmax again.
def filtered(logits, temperature, min_p, top_p):
    z = logits / temperature
    largest = z.max(dim=-1, keepdim=True).values
    if min_p > 0:
        z = z.masked_fill(z - largest < math.log(min_p), -math.inf)
    if top_p < 1:
        p, order = z.softmax(-1).sort(dim=-1, descending=True)
        enough = torch.cat([torch.zeros_like(p[..., :1]), p.cumsum(-1)[..., :-1]], -1) >= top_p
        z = z.masked_fill(torch.zeros_like(enough).scatter(-1, order, enough), -math.inf)
    return z.softmax(-1)


# %% right rows
# One row at a time, in plain Python.
def filtered(logits, temperature, min_p, top_p):
    rows = []
    for row in logits.reshape(-1, logits.shape[-1]):
        p = torch.softmax(row / temperature, 0)
        p = torch.where(p < min_p * p.max(), torch.zeros_like(p), p)
        p = p / p.sum()
        kept, mass = torch.zeros_like(p), 0.0
        for i in p.argsort(descending=True).tolist():
            if mass < top_p:
                kept[i] = p[i]
                mass += float(p[i])
        rows.append(kept / kept.sum())
    return torch.stack(rows).reshape(logits.shape)

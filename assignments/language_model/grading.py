"""Hidden tests of the assignment "A language model"."""

import copy
import json
import math
import sys
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

import torch
from checking import call, close, expect, guarded, need, time_limit
from secret import SEED
from torch import nn

FIT_SECONDS = 60.0  # twice what the assignment allows: a grader's machine may be busy
PACKAGE = "rnn_tutorial"
BELOW = 0.02  # bits that chance can give to a model without a leak, with room


def _generator(offset: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(SEED + offset)


def _random(*shape: int, offset: int = 0) -> torch.Tensor:
    return torch.randn(*shape, generator=_generator(offset + sum(shape)), dtype=torch.float64)


def _integers(high: int, *shape: int, offset: int = 0) -> torch.Tensor:
    return torch.randint(high, shape, generator=_generator(offset + sum(shape)))


def _number(value, name):
    try:
        return float(value)
    except (TypeError, ValueError):
        expect(False, f"`{name}` must return a number.")


# streams


def _streams(env, cases):
    for total, batch, length in cases:
        ids = torch.randperm(total, generator=_generator(total))
        found = call(env, "streams", ids.clone(), batch, length)
        try:
            found = [(inputs, targets) for inputs, targets in found]
        except (TypeError, ValueError):
            expect(False, "`streams` must return a list of pairs.")
        span = (total - 1) // batch
        wanted = math.ceil(span / length)
        described = f"{total} symbols in {batch} streams, {length} steps a chunk"
        expect(len(found) == wanted, f"{len(found)} chunks instead of {wanted} for {described}.")
        for number, (inputs, targets) in enumerate(found):
            times = range(number * length, min((number + 1) * length, span))
            places = torch.tensor([[row * span + t for row in range(batch)] for t in times])
            close(inputs, ids[places], f"Inputs of chunk {number} are wrong for {described}.", 0)
            text = f"Targets of chunk {number} are wrong for {described}."
            close(targets, ids[places + 1], text, 0)


def streams_values(env):
    """Sizes that all differ, and some that are equal."""
    _streams(env, [(62, 4, 3), (41, 5, 4), (26, 5, 5), (30, 1, 7)])


def streams_edges(env):
    """No rest, a rest of one symbol and of many, a chunk as long as everything."""
    _streams(env, [(61, 4, 5), (13, 4, 3), (20, 3, 2), (16, 4, 1), (23, 2, 50), (12, 4, 2)])


# bits


def _true_bits(chunks):
    total, count = 0.0, 0
    for logits, targets in chunks:
        logs = logits.log_softmax(dim=-1)
        for row in range(targets.shape[0]):
            for t in range(targets.shape[1]):
                if targets[row, t] >= 0:
                    total -= float(logs[row, t, targets[row, t]]) / math.log(2)
                    count += 1
    return total / count


def _chunk(offset, batch, time, symbols, scale=1.0):
    return (
        scale * _random(batch, time, symbols, offset=offset),
        _integers(symbols, batch, time, offset=offset),
    )


def _bits(env, chunks, text):
    found = _number(call(env, "bits", (pair for pair in chunks)), "bits")
    expect(math.isclose(found, _true_bits(chunks), abs_tol=1e-4), text)


def bits_values(env):
    """One chunk."""
    for offset, sizes in enumerate([(3, 5, 7), (4, 4, 4), (1, 1, 3)]):
        _bits(env, [_chunk(offset, *sizes, 2.0)], "The bits of one chunk are wrong.")


def bits_sizes(env):
    """Chunks of different sizes: each character counts the same."""
    chunks = [_chunk(1, 2, 30, 5, 0.1), _chunk(2, 2, 3, 5, 6.0), _chunk(3, 1, 2, 5, 3.0)]
    _bits(env, chunks, "The bits of chunks of different sizes are wrong.")


def bits_padding(env):
    """Padding is no character; a text without a character has no bits."""
    chunks = [_chunk(offset, 3, 6, 5, 3.0) for offset in (4, 5, 6)]
    chunks[0][1][0, 2:] = -1
    chunks[1][1][:] = -1
    chunks[2][1][1, 5:] = -1
    _bits(env, chunks, "The bits are wrong where some targets are padding.")
    found = _number(call(env, "bits", [chunks[1]]), "bits")
    expect(math.isnan(found), "Without any character the result must be NaN.")


# filtered


def _true_filtered(row, temperature, min_p, top_p):
    """Filter one row of logits, in plain Python."""
    p = (row / temperature).softmax(dim=0).tolist()
    p = [value if value >= min_p * max(p) else 0.0 for value in p]
    p = [value / sum(p) for value in p]
    kept, mass = set(), 0.0
    for i in sorted(range(len(p)), key=lambda i: -p[i]):
        if mass >= top_p:
            break
        kept.add(i)
        mass += p[i]
    total = sum(p[i] for i in kept)
    return [p[i] / total if i in kept else 0.0 for i in range(len(p))]


def _filtered(env, settings):
    for offset, shape in enumerate([(7,), (4, 6), (2, 3, 5), (5, 5)]):
        logits = 2 * _random(*shape, offset=20 + offset)
        for temperature, min_p, top_p in settings:
            found = call(env, "filtered", logits.clone(), temperature, min_p, top_p)
            rows = [_true_filtered(row, temperature, min_p, top_p)
                    for row in logits.reshape(-1, shape[-1])]  # fmt: skip
            wanted = torch.tensor(rows, dtype=torch.float64).view(shape)
            described = f"temperature {temperature}, min_p {min_p}, top_p {top_p}"
            close(found, wanted, f"A probability is wrong for {described}.", 1e-6)
            expect(bool(((found == 0) == (wanted == 0)).all()), f"Not 0 for {described}.")


def filtered_temperature(env):
    """The temperature alone."""
    _filtered(env, [(0.3, 0.0, 1.0), (1.0, 0.0, 1.0), (2.5, 0.0, 1.0)])


def filtered_min(env):
    """The bound relative to the largest, alone."""
    _filtered(env, [(1.0, 0.12, 1.0), (1.0, 0.4, 1.0), (1.0, 1.0, 1.0)])


def filtered_top(env):
    """The nucleus alone."""
    _filtered(env, [(1.0, 0.0, 0.83), (1.0, 0.0, 0.47), (1.0, 0.0, 0.01)])


def filtered_all(env):
    """All three, in their order."""
    _filtered(env, [(1.7, 0.13, 0.72), (0.6, 0.05, 0.9), (2.2, 0.3, 0.6), (1.7, 0.21, 0.87)])


# generate


def _machine(offset):
    """Return a step over five symbols whose state matters, and a choice."""
    a, b, c = (_random(*shape, offset=offset) for shape in [(4, 4), (4, 5), (5, 4)])

    def step(symbol, state):
        state = torch.tanh(a @ state + b[:, symbol])
        return c @ state, state

    return step, lambda logits: int(logits.argmax())


def _generate(env, step, state, prompt, count, choose):
    found = call(env, "generate", step, state, list(prompt), count, choose)
    expect(
        isinstance(found, tuple) and len(found) == 2,
        "`generate` must return two things: what was written, and the state.",
    )
    expect(isinstance(found[0], list), "What was written must be a list.")
    return found


def generate_reads(env):
    """Each symbol is read once and in order, each choice is made once."""
    for prompt, count in [([3], 4), ([1, 4, 2, 2], 3), ([0, 1], 0), ([2, 2], 1)]:
        reads, chosen = [], []

        def step(symbol, state, reads=reads):
            reads.append((symbol, state))
            return 10 * (len(reads) + 1), state + 1

        def choose(logits, chosen=chosen):
            chosen.append(logits)
            return logits + 1

        written, state = _generate(env, step, 0, prompt, count, choose)
        wanted = [10 * (len(prompt) + 1 + i) + 1 for i in range(count)]
        described = f"a prompt of {len(prompt)} and {count} to write"
        expect(
            [symbol for symbol, _ in reads] == [*prompt, *wanted],
            f"The symbols that were read are not the prompt and what was written: {described}.",
        )
        expect(
            [was for _, was in reads] == list(range(len(reads))),
            f"A step did not get the state that the step before left: {described}.",
        )
        expect(len(chosen) == count, f"`choose` was called {len(chosen)} times: {described}.")
        expect(written == wanted, f"What was written is wrong: {described}.")
        expect(state == len(reads), f"The state is not the one after the last symbol: {described}.")


def generate_writes(env):
    """A network whose state matters."""
    for offset, (prompt, count) in enumerate([([1, 2, 0], 12), ([4], 7), ([3, 3, 3, 0, 1], 5)]):
        step, choose = _machine(offset)
        state = _random(4, offset=30 + offset)
        wanted, true = [], state
        for symbol in prompt:
            logits, true = step(symbol, true)
        for _ in range(count):
            wanted.append(choose(logits))
            logits, true = step(wanted[-1], true)
        written, last = _generate(env, step, state.clone(), prompt, count, choose)
        expect(written == wanted, "What was written is not what a loop by hand writes.")
        close(last, true, "The state at the end is wrong.")


# train_stream


class _Leaky(nn.Module):
    """A leaky cell over symbols, with a start that is learned."""

    def __init__(self, symbols, hidden, offset):
        super().__init__()
        shapes = {
            "W_x": (symbols, hidden),
            "W_h": (hidden, hidden),
            "W_y": (hidden, symbols),
            "h_0": (hidden,),
        }
        for name, shape in shapes.items():
            values = 0.8 * _random(*shape, offset=offset + len(name) + ord(name[0]))
            setattr(self, name, nn.Parameter(values))

    def start(self, batch):
        return self.h_0.expand(batch, -1)

    def forward(self, inputs, state):
        outputs = []
        for symbols in inputs.T:
            state = 0.5 * state + 0.5 * torch.tanh(self.W_x[symbols] + state @ self.W_h)
            outputs.append(state @ self.W_y)
        return torch.stack(outputs, dim=1), state


def _true_train(model, chunks, optimizer, max_norm):
    total, count, state = 0.0, 0, None
    for inputs, targets, fresh in chunks:
        start = model.start(len(inputs))
        rows = [
            start[i] if state is None or fresh[i] else state[i].detach() for i in range(len(inputs))
        ]
        logits, state = model(inputs, torch.stack(rows))
        loss = -logits.log_softmax(-1).gather(-1, targets[..., None]).mean()
        optimizer.zero_grad()
        loss.backward()
        gradients = [p.grad for p in model.parameters() if p.grad is not None]
        norm = math.sqrt(sum(float(gradient.pow(2).sum()) for gradient in gradients))
        for gradient in gradients:
            gradient *= min(1.0, max_norm / (norm + 1e-6))
        optimizer.step()
        total, count = total + float(loss) * targets.numel(), count + targets.numel()
    return total / count / math.log(2)


def _chunks(offset, batch, times, symbols, fresh=()):
    """Draw chunks; `fresh` has pairs of a chunk and a row."""
    chunks = []
    for number, time in enumerate(times):
        rows = torch.tensor([(number, row) in fresh for row in range(batch)])
        place = 100 * offset + 10 * number
        inputs = _integers(symbols, batch, time, offset=place)
        chunks.append((inputs, _integers(symbols, batch, time, offset=place + 5), rows))
    return chunks


def _train(env, chunks, symbols, text, *, max_norm=1e6):
    """Train two copies, and return the bits that were found and the true ones."""
    mine = _Leaky(symbols, 4, offset=symbols)
    theirs = copy.deepcopy(mine)
    bits = []
    for model, function in ((mine, None), (theirs, "train_stream")):
        optimizer = torch.optim.SGD(model.parameters(), lr=0.7)
        copies = [tuple(part.clone() for part in chunk) for chunk in chunks]
        if function is None:
            bits.append(_true_train(model, copies, optimizer, max_norm))
        else:
            bits.append(call(env, function, model, copies, optimizer, max_norm))
    for (name, wanted), found in zip(mine.named_parameters(), theirs.parameters(), strict=True):
        close(found.detach(), wanted.detach(), f"{text} (seen in {name})", 1e-6)
    return bits


def train_carries(env):
    """The state is carried and detached; the first chunk begins with the start."""
    for offset, (batch, times, symbols) in enumerate([(3, (4, 4, 4), 5), (2, (3, 3), 4)]):
        chunks = _chunks(offset, batch, times, symbols)
        _train(env, chunks, symbols, "After some chunks the weights are not what they must be.")


def train_fresh(env):
    """Rows that are fresh begin with the start, and the others go on."""
    cases = [
        (4, (3, 3, 3), 5, {(1, 0), (1, 2), (2, 3)}),
        (3, (2, 4), 3, {(1, 1)}),
        (2, (3, 3), 6, {(0, 0), (1, 0), (1, 1)}),
    ]
    for offset, (batch, times, symbols, fresh) in enumerate(cases):
        chunks = _chunks(20 + offset, batch, times, symbols, fresh)
        _train(env, chunks, symbols, "With fresh rows the weights are not what they must be.")


def train_clips(env):
    """One norm over all parameters, and no gradient left over from before."""
    for offset, max_norm in enumerate((0.05, 0.3, 0.7)):
        chunks = _chunks(30 + offset, 3, (4, 3, 5), 5)
        text = f"With max_norm {max_norm} the weights are not what they must be."
        _train(env, chunks, 5, text, max_norm=max_norm)


def train_bits(env):
    """Each character counts the same in what is returned."""
    for offset, times in enumerate([(9, 1, 2), (1, 12), (4, 4)]):
        chunks = _chunks(40 + offset, 3, times, 5)
        wanted, found = _train(env, chunks, 5, "The weights are wrong.")
        right = math.isclose(_number(found, "train_stream"), wanted, abs_tol=1e-5)
        expect(right, f"The bits are wrong for chunks of {times} steps.")


# fit

_fitted: dict[int, tuple] = {}  # training is repeated only for another `fit`


def _of_the_package(value):
    name = value.__name__ if isinstance(value, ModuleType) else getattr(value, "__module__", None)
    return str(name).split(".")[0] == PACKAGE


@contextmanager
def _package_closed():
    """Let `import rnn_tutorial` fail inside: it holds a whole language model with its training."""
    hidden = {name: sys.modules.pop(name) for name in list(sys.modules)
              if name.split(".")[0] == PACKAGE}  # fmt: skip
    sys.modules[PACKAGE] = None
    try:
        yield
    finally:
        del sys.modules[PACKAGE]
        sys.modules.update(hidden)


def _fit(env, text):
    function = need(env, "fit")
    expect(callable(function), "`fit` must be a function.")
    borrowed = [name for name, value in env.items() if _of_the_package(value)]
    expect(not borrowed, f"The book's package is closed here, but {borrowed} comes from it.")
    with time_limit(FIT_SECONDS, "fit"), _package_closed():
        probabilities = guarded("fit", function, text)
    expect(callable(probabilities), "`fit` must return a function.")
    return probabilities


def _ask(probabilities, text, symbols):
    with time_limit(20.0, "fit(text)(new_text)"):
        found = guarded("fit(text)(new_text)", probabilities, text)
    expect(isinstance(found, torch.Tensor), "The probabilities must be a tensor.")
    wanted = (len(text) + 1, symbols)
    expect(
        tuple(found.shape) == wanted,
        f"The shape is {tuple(found.shape)} where it must be {wanted}.",
    )
    found = found.detach().double()
    proper = bool(found.isfinite().all()) and bool((found >= 0).all())
    sums = found.sum(dim=1)
    proper = proper and torch.allclose(sums, torch.ones_like(sums), rtol=0, atol=1e-4)
    expect(proper, "A row is no distribution: its numbers must be at least 0 and add up to 1.")
    return found


def _files():
    folder = Path(__file__).parent
    return (folder / "text.txt").read_text(), json.loads((folder / "held_out.json").read_text())


def _bits_of(found, text, symbols):
    """Return the bits per character without the first, from probabilities."""
    ids = torch.tensor([symbols.index(symbol) for symbol in text])
    chosen = found[:-1].gather(1, ids[:, None])[1:, 0]
    return float(-chosen.clamp(min=1e-12).log2().mean())


def _trained(env):
    """Return the trained function and its bits above those of the source, made once."""
    function = need(env, "fit")
    if id(function) not in _fitted:
        known, held_out = _files()
        symbols, text = sorted(set(known)), held_out["text"]
        probabilities = _fit(env, known)
        above = _bits_of(_ask(probabilities, text, len(symbols)), text, symbols)
        above -= sum(held_out["bits"]) / (len(text) - 1)
        _fitted[id(function)] = function, probabilities, above
    _, probabilities, above = _fitted[id(function)]
    return probabilities, above


def _above(env, bound):
    _, above = _trained(env)
    expect(
        above > -BELOW,
        f"The model needs {-above:.2f} bits per character less than the source itself: its rows "
        "know what they are to foretell.",
    )
    expect(
        above <= bound,
        f"The model needs {above:.2f} bits per character more than the source, "
        f"at most {bound:.2f} are allowed.",
    )


def fit_causal(env):
    """Rows are distributions, and depend on the past alone."""
    probabilities, above = _trained(env)
    expect(above <= 0.9, "This counts only if the network was trained.")
    known, held_out = _files()
    symbols, text = sorted(set(known)), held_out["text"][:200]
    expect(len(_ask(probabilities, "", len(symbols))) == 1, "An empty text has one row.")
    whole = _ask(probabilities, text, len(symbols))
    changed = text[:100] + text[100:][::-1]
    other = _ask(probabilities, changed, len(symbols))
    close(other[:101], whole[:101], "A row changes with symbols that come after it.", 1e-4)
    short = _ask(probabilities, text[:60], len(symbols))
    close(short, whole[:61], "A row changes with the length of the text that follows it.", 1e-4)
    moved = _ask(probabilities, text[:50], len(symbols))
    close(moved, whole[:51], "A second call gives other probabilities.", 1e-4)


def fit_pairs(env):
    """What counts of pairs reach."""
    _above(env, 0.50)


def fit_mode(env):
    """More than any count of groups reaches."""
    _above(env, 0.10)


def fit_other(env):
    """A shorter text with other symbols, of which one is a capital."""
    known, held_out = _files()
    symbols = sorted(set(known))
    names = dict(zip(symbols, "Zyxwvutsrqp", strict=True))
    text = "".join(names[symbol] for symbol in held_out["text"][:2000])
    probabilities = _fit(env, "".join(names[symbol] for symbol in known[:20_000]))
    other = sorted(names.values())
    bits = _bits_of(_ask(probabilities, text, len(other)), text, other)
    true = sum(held_out["bits"][:2000]) / 1999
    expect(bits > true - BELOW, f"On a text with other symbols it needs {bits:.2f} bits: too few.")
    expect(bits <= true + 0.7, f"On a text with other symbols it needs {bits:.2f} bits: too many.")

"""Hidden tests of `generate`."""

import torch
from checking import call_alone, close, expect
from drawing import normal


def _machine(offset):
    """Return a step over five symbols whose state matters, and a choice."""
    a, b, c = (normal(*shape, offset=offset) for shape in [(4, 4), (4, 5), (5, 4)])

    def step(symbol, state):
        state = torch.tanh(a @ state + b[:, symbol])
        return c @ state, state

    return step, lambda logits: int(logits.argmax())


def _generate(env, step, state, prompt, count, choose):
    found = call_alone(env, "generate", step, state, list(prompt), count, choose)
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
        described = f"with a prompt of length {len(prompt)} and {count} to write"
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
        state = normal(4, offset=30 + offset)
        wanted, true = [], state
        for symbol in prompt:
            logits, true = step(symbol, true)
        for _ in range(count):
            wanted.append(choose(logits))
            logits, true = step(wanted[-1], true)
        written, last = _generate(env, step, state.clone(), prompt, count, choose)
        expect(written == wanted, "What was written is not what a loop by hand writes.")
        close(last, true, "The state at the end is wrong.")

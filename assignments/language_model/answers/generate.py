# %% wrong M-prompt-end-read-twice
# Reads the prompt, then begins to write by reading its last symbol again.
def generate(step, state, prompt, count, choose):
    for symbol in prompt:
        _, state = step(symbol, state)
    symbol, written = prompt[-1], []
    for _ in range(count):
        logits, state = step(symbol, state)
        symbol = choose(logits)
        written.append(symbol)
    return written, state


# %% wrong M-prompt-not-read
# Begins with the last symbol of the prompt.
edit(
    """for symbol in prompt:
        logits, state = step(symbol, state)""",
    "logits, state = step(prompt[-1], state)",
)


# %% wrong M-last-not-read
# Leaves the last symbol that was written unread.
edit(
    "for _ in range(count):",
    "for i in range(count):",
)
edit(
    "logits, state = step(written[-1], state)",
    """if i < count - 1:
            logits, state = step(written[-1], state)""",
)


# %% wrong M-state-not-carried
# Starts each step from the state that it was given.
def generate(step, state, prompt, count, choose):
    for symbol in prompt:
        logits, last = step(symbol, state)
    written = []
    for _ in range(count):
        written.append(choose(logits))
        logits, last = step(written[-1], state)
    return written, last


# %% wrong M-prompt-returned
# Returns the prompt along with what was written.
def generate(step, state, prompt, count, choose):
    for symbol in prompt:
        logits, state = step(symbol, state)
    text = list(prompt)
    for _ in range(count):
        text.append(choose(logits))
        logits, state = step(text[-1], state)
    return text, state


# %% wrong M-reads-itself-from-the-start
# Feeds its own choices already while it reads the prompt.
edit(
    """for symbol in prompt:
        logits, state = step(symbol, state)""",
    """logits, state = step(prompt[0], state)
    for _ in prompt[1:]:
        logits, state = step(choose(logits), state)""",
)


# %% wrong M-from-the-package
# The package's loop, which always takes the most probable symbol.
def generate(step, state, prompt, count, choose):
    from rnn_tutorial.models import generation

    class Model:
        state = None

        def predict(self, tokens, before):
            self.state = state if before is None else before
            for token in tokens:
                logits, self.state = step(token, self.state)
            return logits, self.state

    model = Model()
    written = generation.generate(model, prompt, count, temperature=0)
    return written, step(written[-1], model.state)[1]


# %% right queue
# A queue of what is still to be read.
def generate(step, state, prompt, count, choose):
    queue, written = list(prompt), []
    while queue:
        logits, state = step(queue.pop(0), state)
        if not queue and len(written) < count:
            written.append(choose(logits))
            queue.append(written[-1])
    return written, state


# %% right recursion
# Reads one symbol, then does the rest.
def generate(step, state, prompt, count, choose):
    logits, state = step(prompt[0], state)
    if len(prompt) > 1:
        return generate(step, state, prompt[1:], count, choose)
    if count == 0:
        return [], state
    symbol = choose(logits)
    rest, state = generate(step, state, [symbol], count - 1, choose)
    return [symbol] + rest, state


# %% right one loop
# One loop over all symbols that are read.
def generate(step, state, prompt, count, choose):
    text, n = list(prompt), len(prompt)
    for i in range(n + count):
        answer, state = step(text[i], state)
        if n - 1 <= i < n + count - 1:
            text.append(choose(answer))
    return text[n:], state

# %% wrong M-off-by-one
# Learns to name the symbol that it reads, and is asked about the next one.
edit(
    "inputs, targets = (part[: batch * span].view(batch, span) for part in (ids, ids[1:]))",
    "inputs, targets = (part[: batch * span].view(batch, span) for part in (ids, ids))",
)


# %% wrong M-state-not-carried
# Cuts the new text into pieces of ten and starts each from zeros.
edit(
    """if new_text:
            states = torch.cat([states, layer(embedding(read))[0]], dim=1)""",
    """for piece in read.split(10, dim=1) if new_text else ():
            states = torch.cat([states, layer(embedding(piece))[0]], dim=1)""",
)


# %% wrong M-target-leak
# The row of a symbol has read that symbol.
edit(
    "inputs, targets = (part[: batch * span].view(batch, span) for part in (ids, ids[1:]))",
    "inputs, targets = (part[: batch * span].view(batch, span) for part in (ids, ids))",
)
edit(
    "return readout(states)[0].softmax(dim=1)",
    """shifted = torch.cat([states[:, 1:], states[:, -1:]], dim=1)
        return readout(shifted)[0].softmax(dim=1)""",
)


# %% wrong M-both-directions
# A bidirectional network, whose backward half reads what it is to predict.
edit(
    "layer = nn.GRU(16, 64, batch_first=True)",
    "layer = nn.GRU(16, 32, batch_first=True, bidirectional=True)",
)


# %% wrong M-logits-for-probabilities
# Returns logits.
edit(
    "return readout(states)[0].softmax(dim=1)",
    "return readout(states)[0]",
)


# %% wrong M-counts-suffice
# Counts groups of up to four symbols.
def fit(text):
    symbols = sorted(set(text))
    counts = [Counter(text[i - n : i + 1] for i in range(n, len(text))) for n in range(4)]
    totals = [Counter(text[i - n : i] for i in range(n, len(text))) for n in range(4)]

    def row(before):
        p = [1 / len(symbols)] * len(symbols)
        for n in range(min(len(before), 3) + 1):
            context = before[len(before) - n :]
            total = totals[n][context]
            if total:
                p = [
                    (counts[n][context + symbol] + 8 * q) / (total + 8)
                    for symbol, q in zip(symbols, p)
                ]
        return p

    def probabilities(new_text):
        return torch.tensor([row(new_text[max(0, t - 3) : t]) for t in range(len(new_text) + 1)])

    return probabilities


# %% wrong M-imported
# The package's language model and its training.
def fit(text):
    from rnn_tutorial import models
    from rnn_tutorial.data import batching
    from rnn_tutorial.training import language

    symbols = sorted(set(text))
    ids = torch.tensor([symbols.index(symbol) for symbol in text])
    model = models.LanguageModel(len(symbols))
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    streams = batching.Streams(ids, 32, 50)
    language.train_on_streams(model, streams, 250, optimizer=optimizer)

    @torch.no_grad()
    def probabilities(new_text):
        read = torch.tensor([[0, *(symbols.index(symbol) for symbol in new_text)]])
        return model(read, None)[0][0].softmax(dim=1)

    return probabilities


# %% wrong M-public-text
# Counts of a public text, whose symbols stand for these by how often they occur.
def fit(text):
    from faker.providers.lorem.en_US import Provider

    symbols = sorted(set(text))
    public = "".join(Provider.word_list).lower()
    ours = [symbol for symbol, _ in Counter(text).most_common()]
    theirs = [letter for letter, _ in Counter(public).most_common()]
    stands = dict(zip(theirs, ours))
    read = [symbols.index(stands[letter]) for letter in public if letter in stands]
    pairs = torch.ones(len(symbols), len(symbols))
    pairs.index_put_((torch.tensor(read[:-1]), torch.tensor(read[1:])), torch.tensor(1.0), True)
    rows, first = pairs / pairs.sum(dim=1, keepdim=True), pairs.sum(dim=0) / pairs.sum()
    return lambda some: torch.stack([first, *(rows[symbols.index(symbol)] for symbol in some)])


# %% right LSTM
# An LSTM that reads one symbol more: a start symbol of its own.
def fit(text):
    torch.manual_seed(2)
    number = {symbol: i for i, symbol in enumerate(sorted(set(text)))}
    begin = len(number)
    embed, lstm = nn.Embedding(begin + 1, 16), nn.LSTM(16, 64)
    out = nn.Linear(64, begin)
    parameters = [*embed.parameters(), *lstm.parameters(), *out.parameters()]
    ids = torch.tensor([number[symbol] for symbol in text])
    span = (len(ids) - 1) // 40
    rows = ids[: 40 * span + 1].unfold(0, span + 1, span).T
    optimizer = torch.optim.Adam(parameters, lr=0.015)
    for epoch in range(7):
        for group in optimizer.param_groups:
            group["lr"] = 0.015 * (1 - epoch / 8)
        state = None
        for t in range(0, span, 60):
            x, y = rows[t : min(t + 60, span)], rows[t + 1 : t + 61]
            states, (h, c) = lstm(embed(x), state)
            state = h.detach(), c.detach()
            loss = nn.functional.cross_entropy(out(states).flatten(0, 1), y.flatten())
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(parameters, 1.0)
            optimizer.step()

    def probabilities(new_text):
        read = torch.tensor([begin, *(number[symbol] for symbol in new_text)])
        with torch.no_grad():
            return out(lstm(embed(read)[:, None])[0][:, 0]).softmax(-1)

    return probabilities


# %% right one-hot
# One-hot inputs, asked symbol by symbol.
def fit(text):
    torch.manual_seed(3)
    symbols = "".join(sorted(set(text)))
    size = len(symbols)
    net, readout = nn.GRU(size, 64, batch_first=True), nn.Linear(64, size)
    model = nn.ModuleDict({"net": net, "readout": readout})
    data = torch.tensor([symbols.find(symbol) for symbol in text])
    eye, batch = torch.eye(size), 32
    span = (len(data) - 1) // batch
    x = data[: batch * span].view(batch, -1)
    y = data[1 : batch * span + 1].view(batch, -1)
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.015, weight_decay=0.0)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, 0.015, total_steps=8 * math.ceil(span / 50)
    )
    for _ in range(8):
        h = torch.zeros(1, batch, 64)
        for t in range(0, span, 50):
            states, h = net(eye[x[:, t : t + 50]], h.detach())
            logits = readout(states).transpose(1, 2)
            loss = nn.functional.cross_entropy(logits, y[:, t : t + 50])
            model.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            schedule.step()

    @torch.no_grad()
    def probabilities(new_text):
        h = torch.zeros(1, 1, 64)
        rows = [readout(h[0]).softmax(-1)]
        for symbol in new_text:
            h = net(eye[symbols.find(symbol)].view(1, 1, -1), h)[1]
            rows.append(readout(h[0]).softmax(-1))
        return torch.cat(rows)

    return probabilities


# %% right windows
# Learned from windows that overlap by half, each from zeros, in any order.
class Reader(nn.Module):
    def __init__(self, size):
        super().__init__()
        self.embed = nn.Embedding(size, 16)
        self.layers = nn.GRU(16, 64, batch_first=True)
        self.out = nn.Linear(64, size)

    def forward(self, tokens):
        states, _ = self.layers(self.embed(tokens))
        zero = self.out(torch.zeros(len(tokens), 1, 64))
        return torch.cat([zero, self.out(states)], dim=1).log_softmax(-1)


def fit(text):
    torch.manual_seed(4)
    symbols = sorted(set(text))
    ids = torch.tensor([symbols.index(symbol) for symbol in text])
    windows = ids.unfold(0, 120, 60)
    model, size = Reader(len(symbols)), 20
    steps = 4 * math.ceil(len(windows) / size)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 0.01, total_steps=steps)
    for _ in range(4):
        for some in torch.randperm(len(windows)).split(size):
            logs = model(windows[some])[:, :-1]
            loss = -logs.gather(-1, windows[some][..., None]).mean()
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            schedule.step()

    def probabilities(new_text):
        if not new_text:
            return torch.full((1, len(symbols)), 1 / len(symbols))
        with torch.no_grad():
            tokens = torch.tensor([[symbols.index(symbol) for symbol in new_text]])
            found = model(tokens)[0].exp()
        found[0] = 1 / len(symbols)
        return found

    return probabilities

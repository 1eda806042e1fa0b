# %% wrong M-padding-state
# Reads the last column, which is padding for all but the longest.
edit(
    """lengths = torch.tensor([len(row) for row in rows])
        x = embedding(nn.utils.rnn.pad_sequence(rows, batch_first=True))
        packed = nn.utils.rnn.pack_padded_sequence(
            x, lengths, batch_first=True, enforce_sorted=False
        )
        return readout(layer(packed)[1][-1])""",
    """x = embedding(nn.utils.rnn.pad_sequence(rows, batch_first=True))
        return readout(layer(x)[0][:, -1])""",
)


# %% wrong M-order-does-not-matter
# Counts the letters of a name.
def fit(names, languages):
    from sklearn.feature_extraction.text import CountVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    model = make_pipeline(
        CountVectorizer(analyzer="char"),
        LogisticRegression(class_weight="balanced", max_iter=500),
    )
    model.fit(names, languages)
    return lambda some_names: model.predict(some_names).tolist()


# %% wrong M-order-matters-nearby-only
# Counts groups of up to five letters.
def fit(names, languages):
    from sklearn.feature_extraction.text import CountVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    model = make_pipeline(
        CountVectorizer(analyzer="char_wb", ngram_range=(1, 5)),
        LogisticRegression(class_weight="balanced", max_iter=500),
    )
    model.fit(names, languages)
    return lambda some_names: model.predict(some_names).tolist()


# %% wrong M-imported
# The package's classifier and its training.
def fit(names, languages):
    from rnn_tutorial.data import Batches, Vocabulary
    from rnn_tutorial.models import RecurrentClassifier
    from rnn_tutorial.training import fit as train
    from rnn_tutorial.training import predict

    torch.manual_seed(0)
    classes = sorted(set(languages))
    vocabulary = Vocabulary.from_texts(names)
    rows = [vocabulary.encode(name) for name in names]
    labels = [classes.index(language) for language in languages]
    batches = Batches(rows, labels, 64, generator=torch.Generator().manual_seed(0))
    model = RecurrentClassifier(len(vocabulary), len(classes))
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    train(model, batches, batches, epochs=8, optimizer=optimizer, progress=False)
    return lambda some: predict(model, some, vocabulary, classes).idxmax(axis=1).tolist()


# %% wrong M-public-names
# Trains on Faker's surnames and gives their languages the names of these.
def fit(names, languages):
    from faker.providers.person import de_DE, es_ES, fr_FR, it_IT, nl_NL, sv_SE
    from sklearn.feature_extraction.text import CountVectorizer
    from sklearn.naive_bayes import MultinomialNB
    from sklearn.pipeline import make_pipeline

    lists, classes = [de_DE, es_ES, fr_FR, it_IT, nl_NL, sv_SE], sorted(set(languages))
    pairs = [
        (name.lower(), classes[i % len(classes)])
        for i, module in enumerate(lists)
        for name in module.Provider.last_names
    ]
    model = make_pipeline(CountVectorizer(analyzer="char", ngram_range=(1, 4)), MultinomialNB())
    model.fit(*zip(*pairs))
    return lambda some_names: model.predict(some_names).tolist()


# %% wrong M-order-lost
# Sorts the rows of a batch by length, and leaves the labels as they were.
edit(
    "logits_of([rows[i] for i in some]), labels[some]",
    "logits_of(sorted((rows[i] for i in some), key=len, reverse=True)), labels[some]",
)


# %% wrong M-state-not-reset
# Asks from the state that the last call left.
edit("def logits_of(rows):", "kept = [torch.zeros(64)]\n\n    def logits_of(rows):")
edit(
    "return readout(layer(packed)[1][-1])",
    """first = torch.zeros(64) if torch.is_grad_enabled() else kept[0]
        h = layer(packed, first.expand(1, len(rows), -1).contiguous())[1][-1]
        kept[0] = h[-1].detach()
        return readout(h)""",
)


# %% wrong M-known-symbols-only
# Looks symbols up as if no other could come.
edit("index.get(symbol, 1)", "index[symbol]")


# %% right LSTM
# An LSTM, and the state gathered at the end of each row.
class Reader(nn.Module):
    def __init__(self, symbols, classes):
        super().__init__()
        self.embedding = nn.Embedding(symbols, 24, padding_idx=0)
        self.lstm = nn.LSTM(24, 64, batch_first=True)
        self.out = nn.Linear(64, classes)

    def forward(self, tokens, lengths):
        states, _ = self.lstm(self.embedding(tokens))
        return self.out(states[torch.arange(len(tokens)), lengths - 1])


def fit(names, languages):
    torch.manual_seed(2)
    symbols, classes = sorted(set("".join(names))), sorted(set(languages))
    number = {symbol: i + 2 for i, symbol in enumerate(symbols)}

    def tensors(some_names):
        lengths = torch.tensor([len(name) for name in some_names])
        tokens = torch.zeros(len(some_names), int(lengths.max()), dtype=torch.long)
        for i, name in enumerate(some_names):
            tokens[i, : len(name)] = torch.tensor([number.get(symbol, 1) for symbol in name])
        return tokens, lengths

    model = Reader(len(symbols) + 2, len(classes))
    tokens, lengths = tensors(names)
    labels = torch.tensor([classes.index(language) for language in languages])
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.01)
    scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, 0.8)
    for epoch in range(12):
        for rows in torch.randperm(len(names)).split(100):
            loss = nn.functional.cross_entropy(model(tokens[rows], lengths[rows]), labels[rows])
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
        scheduler.step()
    model.eval()

    def predict(some_names):
        with torch.no_grad():
            return [classes[int(i)] for i in model(*tensors(some_names)).argmax(1)]

    return predict


# %% right both directions
# A bidirectional GRU with a weighted loss.
def fit(names, languages):
    torch.manual_seed(3)
    classes = sorted(set(languages))
    symbols = "?" + "".join(sorted(set("".join(names))))
    labels = torch.tensor([classes.index(language) for language in languages])
    weight = len(labels) / torch.bincount(labels).float() / len(classes)
    layers = nn.ModuleDict(
        {
            "embed": nn.Embedding(len(symbols), 16),
            "read": nn.GRU(16, 48, bidirectional=True),
            "out": nn.Linear(96, len(classes)),
        }
    )

    def encode(name):
        return torch.tensor([max(0, symbols.find(symbol)) for symbol in name])

    def scores(rows):
        packed = nn.utils.rnn.pack_sequence(rows, enforce_sorted=False)
        embedded = nn.utils.rnn.PackedSequence(
            layers["embed"](packed.data),
            packed.batch_sizes,
            packed.sorted_indices,
            packed.unsorted_indices,
        )
        _, h = layers["read"](embedded)
        return layers["out"](torch.cat([h[0], h[1]], dim=1))

    rows = [encode(name) for name in names]
    optimizer = torch.optim.Adam(layers.parameters(), lr=0.01)
    for epoch in range(10):
        for group in optimizer.param_groups:
            group["lr"] = 0.01 * (1 - epoch / 12)
        for some in torch.randperm(len(rows)).split(100):
            loss = nn.functional.cross_entropy(
                scores([rows[i] for i in some]), labels[some], weight=weight
            )
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()

    def predict(some_names):
        with torch.no_grad():
            best = scores([encode(name) for name in some_names]).argmax(dim=1)
        return [classes[i] for i in best.tolist()]

    return predict


# %% right written in front
# Pads in front with a symbol that leaves the state as it is: the state is masked.
def fit(names, languages):
    torch.manual_seed(4)
    classes = sorted(set(languages))
    place = {symbol: i for i, symbol in enumerate(sorted(set("".join(names))), start=2)}
    embed, cell = nn.Embedding(len(place) + 2, 24), nn.GRUCell(24, 64)
    out = nn.Linear(64, len(classes))
    parameters = [p for module in (embed, cell, out) for p in module.parameters()]

    def tokens_of(some_names):
        width = max(map(len, some_names))
        table = [
            [0] * (width - len(name)) + [place.get(symbol, 1) for symbol in name]
            for name in some_names
        ]
        return torch.tensor(table)

    def scores(tokens):
        h = torch.zeros(len(tokens), 64)
        for column in tokens.T:
            h = torch.where((column > 0)[:, None], cell(embed(column), h), h)
        return out(h)

    labels = torch.tensor([classes.index(language) for language in languages])
    optimizer = torch.optim.Adam(parameters, lr=0.015)
    steps = 10 * math.ceil(len(names) / 128)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 0.015, total_steps=steps)
    for _ in range(10):
        for some in torch.randperm(len(names)).split(128):
            loss = nn.CrossEntropyLoss()(scores(tokens_of([names[i] for i in some])), labels[some])
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(parameters, 1.0)
            optimizer.step()
            schedule.step()

    @torch.no_grad()
    def predict(some_names):
        return [classes[i] for i in scores(tokens_of(some_names)).argmax(dim=1).tolist()]

    return predict

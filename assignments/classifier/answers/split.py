# %% wrong M-leak-across-split
# Draws rows, so that sisters stand on both sides.
def split(labels, families, share, seed):
    generator = torch.Generator().manual_seed(seed)
    order = torch.randperm(len(labels), generator=generator).tolist()
    count = max(1, round(share * len(labels)))
    return sorted(order[count:]), sorted(order[:count])


# %% wrong M-imported
# scikit-learn's split: stratified by label, blind to families.
def split(labels, families, share, seed):
    from sklearn.model_selection import train_test_split

    train, validation = train_test_split(
        list(range(len(labels))), test_size=min(share, 0.9), random_state=seed
    )
    return sorted(train), sorted(validation)


# %% wrong M-not-stratified
# Draws families whatever their label: a rare label can be missing.
def split(labels, families, share, seed):
    generator = torch.Generator().manual_seed(seed)
    own = sorted(set(families))
    count = max(1, round(share * len(own)))
    chosen = {own[i] for i in torch.randperm(len(own), generator=generator)[:count].tolist()}
    train = [i for i, family in enumerate(families) if family not in chosen]
    return train, [i for i, family in enumerate(families) if family in chosen]


# %% wrong M-not-random
# Takes the first families of each label, whatever the seed.
def split(labels, families, share, seed):
    chosen = set()
    for label in sorted(set(labels)):
        own = sorted({f for f, other in zip(families, labels) if other == label})
        chosen |= set(own[: min(max(1, round(share * len(own))), len(own) - 1)])
    train = [i for i, family in enumerate(families) if family not in chosen]
    return train, [i for i, family in enumerate(families) if family in chosen]


# %% wrong M-global-generator
# Seeds the generator that everything else draws from.
edit(
    "generator = torch.Generator().manual_seed(seed)",
    "torch.manual_seed(seed)",
)
edit(
    """order = torch.randperm(len(own), generator=generator)
        chosen |= {own[i] for i in order[:count].tolist()}""",
    "chosen |= {own[i] for i in torch.randperm(len(own))[:count].tolist()}",
)


# %% wrong M-share-of-rows
# Fills validation until it has its share of a label's rows.
def split(labels, families, share, seed):
    generator = torch.Generator().manual_seed(seed)
    chosen = set()
    for label in sorted(set(labels)):
        rows = [f for f, other in zip(families, labels) if other == label]
        own, taken = sorted(set(rows)), 0
        for i in torch.randperm(len(own), generator=generator).tolist()[:-1]:
            if taken >= share * len(rows):
                break
            chosen.add(own[i])
            taken += rows.count(own[i])
    train = [i for i, family in enumerate(families) if family not in chosen]
    return train, [i for i, family in enumerate(families) if family in chosen]


# %% wrong M-from-the-package
# The package's split into three parts, of families in the place of texts.
def split(labels, families, share, seed):
    from rnn_tutorial.data import LabeledTexts, labeled

    classes = sorted(set(labels))
    families = [str(family) for family in families]
    label = {family: classes.index(own) for own, family in zip(labels, families)}
    texts = tuple(sorted(label))
    data = LabeledTexts(texts, tuple(label[text] for text in texts), tuple(classes))
    parts = labeled.split(data, validation=share, test=min(0.01, (1 - share) / 2), seed=seed)
    chosen = {*parts.validation.texts}
    train = [i for i, family in enumerate(families) if family not in chosen]
    return train, [i for i, family in enumerate(families) if family in chosen]


# %% right numpy
# NumPy's generator and a table of families.
def split(labels, families, share, seed):
    import numpy as np

    generator = np.random.default_rng(seed)
    label_of = dict(zip(families, labels))
    members = {}
    for family in sorted(label_of):
        members.setdefault(label_of[family], []).append(family)
    held = []
    for own in members.values():
        size = int(np.clip(round(share * len(own)), 1, len(own) - 1))
        held.extend(generator.choice(own, size=size, replace=False).tolist())
    inside = np.isin(families, held)
    return np.flatnonzero(~inside).tolist(), np.flatnonzero(inside).tolist()


# %% right pandas
# One row a family, sampled by label.
def split(labels, families, share, seed):
    rows = pd.DataFrame({"label": labels, "family": families})
    one_each = rows.drop_duplicates("family").sort_values("family")
    held = []
    for label, own in one_each.groupby("label"):
        size = min(max(1, round(share * len(own))), len(own) - 1)
        held += own["family"].sample(n=size, random_state=seed).tolist()
    inside = rows["family"].isin(held)
    return rows.index[~inside].tolist(), rows.index[inside].tolist()


# %% right random
# Python's own generator, and families shuffled as they come.
def split(labels, families, share, seed):
    import random

    draw = random.Random(seed)
    validation = []
    for label in dict.fromkeys(labels):
        own = list(dict.fromkeys(f for f, x in zip(families, labels) if x == label))
        draw.shuffle(own)
        size = round(share * len(own))
        size = 1 if size == 0 else size - 1 if size == len(own) else size
        for family in own[:size]:
            validation += [i for i, other in enumerate(families) if other == family]
    validation.sort()
    return sorted(set(range(len(labels))) - set(validation)), validation

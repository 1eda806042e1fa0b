"""Hidden tests of `split`."""

import random

import torch
from checking import call_alone, expect
from secret import SEED


def _rows(offset: int, families_of_label: dict[str, int]) -> tuple[list[str], list[str]]:
    """Return labels and families of shuffled rows, one to five rows a family."""
    draw = random.Random(SEED + offset)
    rows = [
        (label, f"{label}{number}")
        for label, count in families_of_label.items()
        for number in range(count)
        for _ in range(draw.randint(1, 5))
    ]
    draw.shuffle(rows)
    labels, families = zip(*rows, strict=True)
    return list(labels), list(families)


def _split(env, labels, families, share, seed):
    found = call_alone(env, "split", list(labels), list(families), share, seed)
    expect(
        isinstance(found, tuple | list) and len(found) == 2,
        "`split` must return two things: the rows for training and for validation.",
    )
    parts = []
    for part in found:
        try:
            parts.append([int(row) for row in part])
        except (TypeError, ValueError):
            expect(False, "`split` must return lists of row numbers.")
        expect(parts[-1] == sorted(parts[-1]), "The row numbers must be sorted.")
    train, validation = parts
    expect(
        sorted(train + validation) == list(range(len(labels))),
        "Some rows stand in no part, or in more than one.",
    )
    return train, validation


def split_families(env):
    """No family stands on both sides."""
    for seed in range(8):
        labels, families = _rows(seed, {"x": 12, "y": 5, "z": 2})
        train, validation = _split(env, labels, families, 0.3, seed)
        torn = {families[i] for i in train} & {families[i] for i in validation}
        expect(not torn, f"With the seed {seed}, {len(torn)} families stand on both sides.")


def split_shares(env):
    """Each label has its share of families in validation."""
    for seed, share in enumerate([0.1, 0.3, 0.7, 0.3, 0.96]):
        counts = {"x": 24, "y": 8, "z": 2}
        labels, families = _rows(20 + seed, counts)
        _, validation = _split(env, labels, families, share, seed)
        for label, count in counts.items():
            wanted = min(max(1, round(share * count)), count - 1)
            got = len({families[i] for i in validation if labels[i] == label})
            expect(
                got == wanted,
                f"With a share of {share} a label of {count} families has {got} families in "
                f"validation where it must have {wanted}.",
            )


def split_seeds(env):
    """The seed decides, alone, and the global generators are left as they were."""
    labels, families = _rows(40, {"x": 20, "y": 20})
    torch.manual_seed(SEED)
    random.seed(SEED)
    before = torch.get_rng_state(), random.getstate()
    first = _split(env, labels, families, 0.5, 3)
    same = torch.equal(before[0], torch.get_rng_state()) and before[1] == random.getstate()
    expect(same, "After the call a global generator is not what it was.")
    torch.rand(1)
    random.random()
    expect(_split(env, labels, families, 0.5, 3) == first, "One seed gave two splits.")
    others = {tuple(_split(env, labels, families, 0.5, seed)[1]) for seed in range(10)}
    expect(len(others) == 10, f"Ten seeds gave {len(others)} different splits.")
    firsts = [_split(env, labels, families, 0.5, seed)[1] for seed in range(10)]
    place = {family: i for i, family in enumerate(sorted(set(families)))}
    seen = {place[families[i]] for rows in firsts for i in rows}
    expect(len(seen) > 35, "Some families are never chosen for validation.")

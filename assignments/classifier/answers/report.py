# %% wrong M-imported
# The package's evaluation: counts where shares are asked for.
def report(targets, predictions, classes):
    from rnn_tutorial.training import Evaluation

    found = Evaluation(targets.numpy(), predictions.numpy(), tuple(map(str, range(classes))))
    confusion = torch.from_numpy(found.confusion).double()
    wrong = confusion.clone().fill_diagonal_(-1)
    return {
        "confusion": confusion,
        "macro_recall": found.macro_recall,
        "confused": divmod(int(wrong.argmax()), classes),
    }


# %% wrong M-precision-for-recall
# Puts the answers into rows: shares of what was answered.
edit(
    "counts = torch.bincount(targets * classes + predictions, minlength=classes**2)",
    "counts = torch.bincount(predictions * classes + targets, minlength=classes**2)",
)
edit(
    "shares = counts / counts.sum(dim=1, keepdim=True)  # 0 / 0 is NaN",
    "shares = counts / counts.sum(dim=1, keepdim=True)",
)


# %% wrong M-accuracy-for-recall
# The share of all examples that are right, in which large classes weigh more.
edit(
    "shares = counts / counts.sum(dim=1, keepdim=True)  # 0 / 0 is NaN",
    "shares = counts / counts.sum(dim=1, keepdim=True)",
)
edit(
    '"macro_recall": float(shares.diagonal().nanmean()),',
    '"macro_recall": float((targets == predictions).double().mean()),',
)


# %% wrong M-empty-class-counts
# A class without examples gets a recall of zero.
edit(
    """shares = counts / counts.sum(dim=1, keepdim=True)  # 0 / 0 is NaN
    wrong = shares.nan_to_num().fill_diagonal_(-1.0)""",
    """shares = counts / counts.sum(dim=1, keepdim=True).clamp(min=1)
    wrong = shares.clone().fill_diagonal_(-1.0)""",
)
edit(
    '"macro_recall": float(shares.diagonal().nanmean()),',
    '"macro_recall": float(shares.diagonal().mean()),',
)


# %% wrong M-diagonal-is-confusion
# Looks for the largest entry of all, which is a right answer.
edit(
    """shares = counts / counts.sum(dim=1, keepdim=True)  # 0 / 0 is NaN
    wrong = shares.nan_to_num().fill_diagonal_(-1.0)""",
    "shares = counts / counts.sum(dim=1, keepdim=True)",
)
edit(
    '"confused": divmod(int(wrong.argmax()), classes),',
    '"confused": divmod(int(shares.nan_to_num().argmax()), classes),',
)


# %% wrong M-most-frequent-mistake
# The pair with the most mistakes, which large classes win.
edit(
    """shares = counts / counts.sum(dim=1, keepdim=True)  # 0 / 0 is NaN
    wrong = shares.nan_to_num().fill_diagonal_(-1.0)""",
    """shares = counts / counts.sum(dim=1, keepdim=True)
    wrong = counts.clone().fill_diagonal_(-1.0)""",
)


# %% right scikit-learn
# scikit-learn's matrix, with NaN put where it has zeros for empty classes.
def report(targets, predictions, classes):
    from sklearn.metrics import confusion_matrix

    labels = list(range(classes))
    matrix = confusion_matrix(targets, predictions, labels=labels, normalize="true")
    shares = torch.tensor(matrix, dtype=torch.float64)
    present = [i for i in labels if (targets == i).any()]
    pairs = [(i, j) for i in present for j in labels if i != j]
    return {
        "confusion": torch.stack(
            [shares[i] if i in present else shares[i] * math.nan for i in labels]
        ),
        "macro_recall": sum(float(shares[i, i]) for i in present) / len(present),
        "confused": max(pairs, key=lambda pair: float(shares[pair])),
    }


# %% right loops
# Counts in a loop; the result is of single precision.
def report(targets, predictions, classes):
    shares = torch.zeros(classes, classes)
    for target, prediction in zip(targets.tolist(), predictions.tolist()):
        shares[target, prediction] += 1
    recalls, best, pair = [], -1.0, None
    for i in range(classes):
        total = float(shares[i].sum())
        if total == 0:
            shares[i] = float("nan")
            continue
        shares[i] /= total
        recalls.append(float(shares[i, i]))
        for j in range(classes):
            if i != j and float(shares[i, j]) > best:
                best, pair = float(shares[i, j]), (i, j)
    return {"confused": pair, "confusion": shares, "macro_recall": sum(recalls) / len(recalls)}


# %% right one-hot
# A product of one-hot matrices.
def report(targets, predictions, classes):
    truth = nn.functional.one_hot(targets, classes).double()
    given = nn.functional.one_hot(predictions, classes).double()
    shares = truth.T @ given / truth.sum(dim=0)[:, None]
    mistakes = torch.nan_to_num(shares - 2 * torch.eye(classes), nan=-1.0)
    i, j = torch.unravel_index(mistakes.argmax(), shares.shape)
    recall = torch.diagonal(shares)
    return {
        "confusion": shares,
        "macro_recall": recall[~recall.isnan()].mean().item(),
        "confused": (i.item(), j.item()),
    }

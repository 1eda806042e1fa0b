"""Checks of the weights themselves: whether each is a parameter, and each row is trained.

Where such faults were met: a weight made from a parameter in pytorch/pytorch #20089, #17484 and
#9303; padding's index at a real token in ibalazevic/TuckER #17; a segment with the number of
padding in FGA-DIKU/BONSAI #168.
"""

import torch
from torch import Tensor, nn

from rnn_tutorial.checks._copies import _tensors, duplicate
from rnn_tutorial.checks._gradient_checks import (
    _gradients,
    _leaves,
    in_double_if_possible,
    projection,
    short_rows,
)
from rnn_tutorial.checks._outcomes import FaultError, SkipError, trainable
from rnn_tutorial.checks._subject import Subject

FREQUENT = 2.5  # times as often as the average token


def _kept(model: nn.Module) -> list[tuple[str, Tensor]]:
    """Return the tensors among the attributes of a model's modules, by name, in a fixed order."""
    return [
        (f"{path}.{name}".lstrip("."), tensor)
        for path, module in model.named_modules()
        for name, value in vars(module).items()
        for tensor in _tensors(value)
    ]


def registered(subject: Subject) -> str:
    """Look among the attributes for a weight that was computed once, and is no parameter."""
    known = {id(parameter) for parameter in subject.model.parameters()}
    module = duplicate(subject.model).eval()
    pairs = zip(_kept(subject.model), _kept(module), strict=True)
    computed = [
        (name, _leaves([tensor]), copied)
        for (name, tensor), (_, copied) in pairs
        if tensor.grad_fn is not None
    ]
    if not computed:
        return "no weight was computed once and kept"
    data = short_rows(subject)
    with torch.no_grad():
        before = projection(subject, module, data)
        stay = {id(tensor) for _, tensor in _kept(module)}  # a call replaces a state that is stored
        for name, leaves, copied in computed:
            if id(copied) not in stay or not copied.is_floating_point():
                continue
            copied.add_(0.1 * (1 + copied.abs()))
            if projection(subject, module, data) != before:
                whose = "are" if known.issuperset(leaves) else "are not"
                raise FaultError(
                    "M-unregistered",
                    f"{name} was computed once and moves the answers; the numbers that it was "
                    f"computed from {whose} among model.parameters()",
                )
    return "no weight was computed once and kept"


def tokens(subject: Subject) -> str:
    """Look for a token between others whose row of the embedding matters and gets no gradient.

    Most vocabularies keep index 0 for padding, and batches that were made up to try a model often
    hold it all the same. So it counts if it is frequent, or if it is what fills the batch too.
    """
    if not subject.data.tokens or subject.data.x.dim() != 2:
        raise SkipError("the inputs are no tokens")
    module, data, double = in_double_if_possible(subject, subject.data)
    if not double:
        raise SkipError("the model does not run in double precision")
    real = data.real()
    between, kinds = _between(data.x, real), len(torch.unique(data.x[real]))
    frequent = FREQUENT * int(real.sum()) / kinds
    fills = bool((data.x[~real] == 0).any())
    if not fills and int((data.x[real] == 0).sum()) <= frequent:
        between = [token for token in between if token != 0]
    trained = trainable(module)
    result = projection(subject, module, data)
    for parameter, grad in zip(trained.values(), _gradients(result, trained), strict=True):
        if parameter.dim() != 2 or len(parameter) <= int(data.x.max()):
            continue
        grad = grad.to_dense() if grad.is_sparse else grad
        still = [token for token in between if not bool(grad[token].any())]
        for token in still:
            change = 1e-5 * torch.ones_like(parameter[token])
            with torch.no_grad():
                parameter[token] += change
                slope = float(projection(subject, module, data) - result) / 1e-5
                parameter[token] -= change
            if abs(slope) > 1e-3 * float(grad.norm(dim=1).max()) > 0:
                raise FaultError(
                    "M-padding-token",
                    f"token {token} stands between others and moves the answers, and its row of "
                    "the embedding gets no gradient",
                )
    return f"each of {len(between)} tokens between others has an embedding that is trained"


def _between(x: Tensor, real: Tensor) -> list[int]:
    """Return the tokens that have another token before them and after them somewhere."""
    found = []
    for token in torch.unique(x[real]).tolist():
        other = (x != token) & real
        before = other.long().cumsum(1) > 0
        after = other.flip(1).long().cumsum(1).flip(1) > 0
        if bool(((x == token) & real & before & after).any()):
            found.append(token)
    return found

"""A character network in NumPy alone: forward, backpropagation through time, and an update.

It is chapter 4 in code, and nothing in it comes from a framework. Tokens are integers
(time, streams): several pieces of a text are read side by side, each in a column of its own.
States are (time + 1, streams, hidden), with h_0 at index 0, so that the state after step t has
index t. The weights have the names of ``torch.nn``; the tanh cell needs one bias, since only the
sum of torch's two matters. `forward` and `backward` are the same recurrence for inputs that are
vectors. The network does not call them: it has no vectors to multiply, since a token picks a column
of W_ih.
"""

from collections.abc import Sequence

import numpy as np

from rnn_tutorial import _arguments


class CharacterRNN:
    """A tanh RNN that predicts the next character, trained by backpropagation through time [1]_.

    Parameters
    ----------
    characters : iterable of str
        The characters that it knows; each counts once.
    hidden_size : int
        Number H of hidden units.
    seed : int
        Draws the initial weights, with deviation 1/√H; biases are zero.

    References
    ----------
    .. [1] Werbos, Backpropagation through time: what it does and how to do it, Proceedings of the
       IEEE 78, 1990.
    """

    def __init__(self, characters: Sequence[str], hidden_size: int, seed: int):
        self.characters = "".join(sorted(set(characters)))
        size, hidden = len(self.characters), _arguments.integer("hidden_size", hidden_size, 1)
        if size == 0:
            raise ValueError("characters must be at least one, got none")
        rng = np.random.default_rng(_arguments.integer("seed", seed, 0))
        self.weights = {
            "weight_ih": rng.normal(0, hidden**-0.5, (hidden, size)),
            "weight_hh": rng.normal(0, hidden**-0.5, (hidden, hidden)),
            "bias": np.zeros(hidden),
            "weight_out": rng.normal(0, hidden**-0.5, (size, hidden)),
            "bias_out": np.zeros(size),
        }
        self.squares = {name: np.zeros_like(w) for name, w in self.weights.items()}

    def encode(self, text: str) -> np.ndarray:
        """Return the number of each character of a text, integers (time,)."""
        unknown = set(text) - set(self.characters)
        if unknown:
            raise ValueError(f"text must be of {self.characters!r}, got {sorted(unknown)} too")
        return np.array([self.characters.index(character) for character in text])

    def forward(self, tokens: np.ndarray, h: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Read tokens (time, streams) from the state h (streams, hidden) on.

        Returns
        -------
        states : ndarray, (time + 1, streams, hidden)
            The initial state, then the state after each step.
        probabilities : ndarray, (time, streams, characters)
            Of each next character.
        """
        w = self.weights
        states = [h]
        for token in tokens:  # W_ih times a one-hot vector is a column of W_ih
            a = w["weight_ih"].T[token] + states[-1] @ w["weight_hh"].T + w["bias"]
            states.append(np.tanh(a))
        states = np.stack(states)
        logits = states[1:] @ w["weight_out"].T + w["bias_out"]
        exponentials = np.exp(logits - logits.max(axis=-1, keepdims=True))
        return states, exponentials / exponentials.sum(axis=-1, keepdims=True)

    def predict(self, tokens: Sequence[int], state=None) -> tuple[np.ndarray, np.ndarray]:
        """Read tokens from a state on; return log-probabilities of the next, and the new state.

        This is what `rnn_tutorial.models.generation.generate` asks of a model.
        """
        h = np.zeros((1, len(self.weights["bias"]))) if state is None else state
        states, probabilities = self.forward(np.asarray(tokens)[:, None], h)
        return np.log(probabilities[-1, 0]), states[-1]

    def backward(self, tokens, targets, states, probabilities) -> dict[str, np.ndarray]:
        """Return the gradient of the mean cross-entropy for each weight, by the chain rule alone.

        The arguments are those of `forward` and what it returned, and the targets
        (time, streams), the next characters. The gradient stops at the first state.
        """
        w, truth = self.weights, np.eye(len(self.characters))[targets]
        d_logits = (probabilities - truth) / targets.size  # slope of softmax and cross-entropy
        from_above = d_logits @ w["weight_out"]  # ∂L/∂h_t: through the output of step t alone
        gradients = {name: np.zeros_like(weight) for name, weight in w.items()}
        gradients["weight_out"] += np.einsum("tsv,tsh->vh", d_logits, states[1:])
        gradients["bias_out"] += d_logits.sum((0, 1))
        from_later = np.zeros_like(states[0])
        for t in reversed(range(len(tokens))):
            d_h = from_above[t] + from_later  # dL/dh_t: every way to the loss
            d_a = (1 - states[t + 1] ** 2) * d_h
            gradients["weight_hh"] += d_a.T @ states[t]
            np.add.at(gradients["weight_ih"].T, tokens[t], d_a)
            gradients["bias"] += d_a.sum(0)
            from_later = d_a @ w["weight_hh"]
        return gradients

    def update(self, gradients: dict[str, np.ndarray], learning_rate: float) -> None:
        """Move each weight against its gradient, divided by a running size of it (RMSProp)."""
        for name, gradient in gradients.items():
            self.squares[name] += 0.05 * (gradient**2 - self.squares[name])
            self.weights[name] -= learning_rate * gradient / (np.sqrt(self.squares[name]) + 1e-6)


def mean_bits(probabilities: np.ndarray, targets: np.ndarray) -> float:
    """Return the mean bits that probabilities (..., characters) spend on the targets (...)."""
    of_the_target = np.take_along_axis(probabilities, targets[..., None], -1)
    return float(-np.log2(of_the_target).mean())


def forward(
    inputs: np.ndarray,
    h_0: np.ndarray,
    weight_ih: np.ndarray,
    weight_hh: np.ndarray,
    bias: np.ndarray,
) -> np.ndarray:
    """Run a tanh layer over time, one step after the other.

    Parameters
    ----------
    inputs : ndarray, (time, batch, features)
        The sequences.
    h_0 : ndarray, (batch, hidden)
        The states before the first step.
    weight_ih, weight_hh, bias : ndarray, (hidden, features), (hidden, hidden) and (hidden,)
        The weights.

    Returns
    -------
    ndarray, (time + 1, batch, hidden)
        The initial states, then those after each step.

    Raises
    ------
    ValueError
        If the shapes do not fit together.
    """
    hidden, features = weight_ih.shape
    expected = {
        "inputs": (inputs, (*inputs.shape[:2], features)),
        "h_0": (h_0, (*inputs.shape[1:2], hidden)),
        "weight_hh": (weight_hh, (hidden, hidden)),
        "bias": (bias, (hidden,)),
    }
    for name, (array, shape) in expected.items():
        if array.shape != shape:
            raise ValueError(f"{name} must be of shape {shape}, got {array.shape}")
    states = [h_0]
    for x in inputs:
        states.append(np.tanh(x @ weight_ih.T + states[-1] @ weight_hh.T + bias))
    return np.stack(states)


def backward(
    inputs: np.ndarray,
    states: np.ndarray,
    from_above: np.ndarray,
    weight_ih: np.ndarray,
    weight_hh: np.ndarray,
) -> dict[str, np.ndarray]:
    """Return the gradients of a tanh layer, by the chain rule alone.

    Parameters
    ----------
    inputs, weight_ih, weight_hh
        See `forward`.
    states : ndarray, (time + 1, batch, hidden)
        What `forward` returned.
    from_above : ndarray, (time, batch, hidden)
        ∂L/∂h_t: through the output of step t alone.

    Returns
    -------
    dict of str to ndarray
        dL/d(each of inputs, h_0, weight_ih, weight_hh and bias), in its shape.

    Raises
    ------
    ValueError
        If `from_above` does not have one gradient for each state that was computed.
    """
    if from_above.shape != states[1:].shape:
        raise ValueError(f"from_above must be of shape {states[1:].shape}, got {from_above.shape}")
    d_inputs, d_h_0 = np.empty_like(inputs), np.zeros_like(states[0])
    d_weight_ih, d_weight_hh = np.zeros_like(weight_ih), np.zeros_like(weight_hh)
    d_bias = np.zeros_like(weight_hh[0])
    for t in reversed(range(len(inputs))):
        d_a = (1 - states[t + 1] ** 2) * (from_above[t] + d_h_0)
        d_weight_ih += d_a.T @ inputs[t]
        d_weight_hh += d_a.T @ states[t]
        d_bias += d_a.sum(0)
        d_inputs[t] = d_a @ weight_ih
        d_h_0 = d_a @ weight_hh  # at the end that of h_0
    return {
        "inputs": d_inputs,
        "h_0": d_h_0,
        "weight_ih": d_weight_ih,
        "weight_hh": d_weight_hh,
        "bias": d_bias,
    }

"""The four cells as layers of Keras on TensorFlow, with torch's weights brought into their layout.

Beside its rows in outputs.csv it writes keras_settings.json: shapes, counts and initializers.
"""

import json
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf
from problem import CELLS, FEATURES, HIDDEN, store

keras.config.set_floatx("float64")


# begin recurrence
def layer(cell):
    """Return the layer of Keras for a cell."""
    options = {"return_sequences": True}
    if cell == "tanh":
        return keras.layers.SimpleRNN(HIDDEN, **options)
    if cell == "lstm":
        return keras.layers.LSTM(HIDDEN, **options)
    options["reset_after"] = cell == "gru"
    return keras.layers.GRU(HIDDEN, **options)


def reorder(cell, rows):
    """Bring blocks from torch's order into Keras's, or back."""
    if not cell.startswith("gru"):
        return rows  # one block; or i, f, g, o, Keras's order too
    r, z, n = np.split(rows, 3)
    return np.concatenate([z, r, n])


def keras_weights(cell, weight_ih, weight_hh, bias_ih, bias_hh):
    """Return kernel, recurrent kernel and bias."""
    biases = reorder(cell, bias_ih), reorder(cell, bias_hh)
    bias = np.stack(biases) if cell == "gru" else sum(biases)
    weights = reorder(cell, weight_ih), reorder(cell, weight_hh)
    return [*(weight.T for weight in weights), bias]


# end recurrence


def run(cell, problem):
    """Return outputs and gradients of one cell."""
    inputs, *weights, from_above = problem.values()
    # Keras reads (batch, time, features)
    x = tf.Variable(inputs.swapaxes(0, 1))
    module = layer(cell)
    module.build(x.shape)
    module.set_weights(keras_weights(cell, *weights))
    with tf.GradientTape() as tape:
        outputs = module(x)
        loss = tf.reduce_sum(outputs * from_above.swapaxes(0, 1))
    recurrent = module.trainable_weights[1].value
    d_x, d_recurrent = tape.gradient(loss, (x, recurrent))
    return {
        "outputs": outputs.numpy().swapaxes(0, 1),
        "d_inputs": d_x.numpy().swapaxes(0, 1),
        "d_weight_hh": reorder(cell, d_recurrent.numpy().T),
    }


def settings(cell):
    """Return what Keras does where nobody asks it for anything else."""
    module = layer(cell)
    module.build((None, None, FEATURES))
    config = module.get_config()
    names = ("kernel_initializer", "recurrent_initializer", "bias_initializer")
    return {
        "layer": type(module).__name__,
        "shapes": {w.name: list(w.shape) for w in module.weights if "seed" not in w.name},
        "parameters": module.count_params(),
        **{name: config[name]["class_name"] for name in names},
        "unit_forget_bias": config.get("unit_forget_bias"),
        "reset_after by default": keras.layers.GRU(1).reset_after if "gru" in cell else None,
    }


if __name__ == "__main__":
    written = {"features": FEATURES, "hidden": HIDDEN} | {cell: settings(cell) for cell in CELLS}
    path = Path(__file__).with_name("keras_settings.json")
    path.write_text(json.dumps(written, indent=1) + "\n", encoding="utf-8")
    store("Keras", f"{keras.__version__}, TensorFlow {tf.__version__}", run)

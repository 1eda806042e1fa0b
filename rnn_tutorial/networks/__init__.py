"""What a network consists of: cells, layers and their gradients, initial weights, a scan."""

from rnn_tutorial.networks.cells import affine, gru_gates, gru_step, lstm_gates, lstm_step, rnn_step
from rnn_tutorial.networks.functions import GRUFunction, LSTMFunction, RNNFunction
from rnn_tutorial.networks.hopfield import Recall, energy, flip, recall, recall_errors, store
from rnn_tutorial.networks.initialization import (
    Start,
    chrono_,
    forget_bias_,
    identity_,
    orthogonal_,
    small_,
    spectral_radius,
    spectral_radius_,
    with_forget_bias,
)
from rnn_tutorial.networks.kinds import CELLS, cell_of, detach, layer_class
from rnn_tutorial.networks.layers import GRU, LSTM, RNN, Recurrent
from rnn_tutorial.networks.numpy_rnn import CharacterRNN, mean_bits
from rnn_tutorial.networks.plain import unroll
from rnn_tutorial.networks.scan import MinGRU, linear_loop, linear_scan, rounds
from rnn_tutorial.networks.sizes import BLOCKS, size_of, units_for

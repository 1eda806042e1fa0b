"""The book's drawings: one language for all of them, legible, and right in what they say."""

import itertools

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_hex
from matplotlib.patches import Circle, Polygon

from rnn_tutorial import figures
from rnn_tutorial.figures import _drawing as words
from rnn_tutorial.figures._display import both

NOTHING = None
TASKS = {
    "aligned": ("guuu", "uuu?"),
    "one-to-many": (["g", NOTHING, NOTHING], "uu?"),
    "many-to-one": ("salmi", [NOTHING] * 4 + ["Finnish"]),
}
HAND = {
    "states": [0.0, 0.762, 0.363, 0.180],
    "inputs": [1.0, 0.0, 0.0],
    "gradients": [-0.172, -0.397, -0.820],
    "factors": [0.434, 0.484],
    "shares": [0.0, -0.2622, -0.2885],
}
GATED = {
    "states": [0.0, 0.726, 0.705, 0.686],
    "inputs": [1.0, 0.0, 0.0],
    "keeps": [0.953, 0.953, 0.953],
    "writes": [0.953, 0.047, 0.047],
    "factors": [0.965, 0.967],
}
TURN = np.linspace(0, 2 * np.pi, 50)
CURVES = {f"{k} steps": np.stack([np.cos(TURN) / k, np.sin(TURN)], axis=1) for k in (1, 2, 4)}
DRAWINGS = {
    "loop_and_unrolled": (lambda: figures.loop_and_unrolled()),
    "hand_loop": (lambda: figures.hand_loop([0.762, 0.363, 0.180], [1, 0, 0], 0.5)),
    "hand_loop, gradient": (
        lambda: figures.hand_loop([0.762, 0.363, 0.180], [1, 0, 0], 0.5, reached=0.210)
    ),
    "jordan_and_elman": (lambda: figures.jordan_and_elman()),
    "window_and_state": (lambda: figures.window_and_state("korhone")),
    "task_shapes": (lambda: figures.task_shapes(TASKS, fed_back=["one-to-many"])),
    "outputs_and_h_n": (lambda: figures.outputs_and_h_n()),
    "encoder_decoder": (lambda: figures.encoder_decoder("leaf", ["L", "IY1", "F"])),
    "attention": (lambda: figures.attention("thoug", [0.05, 0.1, 0.62, 0.2, 0.03])),
    "hand_network": (lambda: figures.hand_network(**HAND)),
    "gated_unit": (lambda: figures.gated_unit(**GATED)),
    "scan_rounds": (lambda: figures.scan_rounds()),
    "ellipses": (lambda: figures.ellipses(CURVES)),
    "gradient_ways": (lambda: figures.gradient_ways()),
    "padded_and_packed": (lambda: figures.padded_and_packed(["Yu", "Kovač", "Ekman"])),
    "streams_and_chunks": (lambda: figures.streams_and_chunks("diibaguuudiiguuuba")),
    "rows_and_resets": (lambda: figures.rows_and_resets(["na|yuri", "|ivan|bo", "ekmann"])),
    "look_up": (lambda: figures.look_up("abc", [4, 1, 2])),
    "teacher_forcing": (lambda: figures.teacher_forcing("machi", "anhi", "anna")),
    "generation_loop": (lambda: figures.generation_loop()),
    "dropout_places": (lambda: figures.dropout_places()),
    "training_loop": (lambda: figures.training_loop()),
    "stack_of_layers": (
        lambda: figures.stack_of_layers(
            ["embedding", "GRU"], ["(batch, time)", "(batch, time, 64)", "(batch, 128)"], "abc"
        )
    ),
    "forecast_ways": (lambda: figures.forecast_ways()),
    "windows_and_cut": (lambda: figures.windows_and_cut([5, 7, 6, 8, 9, 7], 3, 5)),
    **{
        f"lstm_cell {step}": (lambda step=step: figures.lstm_cell(step))
        for step in (None, 1, 2, 3, 4)
    },
    **{f"gru_cell {step}": (lambda step=step: figures.gru_cell(step)) for step in (None, 1, 2, 3)},
}


@pytest.fixture(scope="module", params=DRAWINGS)
def drawn(request):
    """Return each drawing, drawn once for all tests that only look at it."""
    with plt.rc_context():
        figures.use_style()
        ax = DRAWINGS[request.param]()
        ax.figure.canvas.draw()
        plt.close(ax.figure)
    return ax


def lines(ax):
    return [patch for patch in ax.patches if patch.get_label() == "line"]


def heads(ax):
    return [patch for patch in ax.patches if patch.get_label() == "head"]


def valves(ax):
    return [p for p in ax.patches if isinstance(p, Polygon) and p.get_label() != "head"]


def dashed(ax):
    return [line for line in lines(ax) if line.get_linestyle() not in ("-", "solid")]


def shown(ax):
    return [text.get_text() for text in ax.texts if text.get_text()]


def color(patch):
    return to_hex(patch.get_edgecolor()).upper()


def boxes(ax):
    """Return the texts of a drawing with the rectangles of pixels that they take."""
    return [(text, text.get_window_extent()) for text in ax.texts if text.get_text()]


def test_all_colors_are_in_the_palette_and_opaque(drawn):
    for patch in drawn.patches:
        for rgba in (patch.get_edgecolor(), patch.get_facecolor()):
            assert rgba[3] in (0, 1)
            if rgba[3]:
                assert to_hex(rgba).upper() in words.PALETTE
    assert {text.get_color() for text in drawn.texts} <= set(words.PALETTE)


def test_no_color_of_the_language_means_a_cell_or_a_part_of_the_data():
    assert not set(words.PALETTE) & set(figures.COLORS.values())
    assert len(set(words.PALETTE)) == len(words.PALETTE)


def test_a_drawing_is_small_and_its_letters_are_not(drawn):
    assert drawn.figure.get_figwidth() <= 5.6
    assert not drawn.axison
    for text in drawn.texts:
        assert text.get_fontsize() >= (13 if "$" in text.get_text() else 9)


def test_nothing_leaves_the_canvas(drawn):
    x0, y0, x1, y1 = drawn.figure.bbox.extents
    found = [box for _, box in boxes(drawn)] + [
        patch.get_window_extent() for patch in drawn.patches
    ]
    for box in found:
        assert x0 <= box.x0 <= box.x1 <= x1
        assert y0 <= box.y0 <= box.y1 <= y1


def test_no_text_lies_on_another(drawn):
    for (one, box), (other, second) in itertools.combinations(boxes(drawn), 2):
        assert not box.overlaps(second), (one, other)


def test_no_line_runs_through_a_text(drawn):
    found = boxes(drawn)
    for line in lines(drawn):
        path = line.get_transform().transform_path(line.get_path())
        polygon = path.to_polygons(closed_only=False)[0]
        points = np.concatenate(
            [np.linspace(a, b, 30) for a, b in itertools.pairwise(polygon)]
        )  # fmt: skip
        for text, box in found:
            inside = box.padded(-1.5)
            hits = (points > inside.min).all(axis=1) & (points < inside.max).all(axis=1)
            assert not hits.any(), text.get_text()


def test_no_arrow_ends_inside_of_a_circle(drawn):
    circles = [patch for patch in drawn.patches if isinstance(patch, Circle)]
    for head in heads(drawn):
        tip = head.get_xy()[0]
        for circle in circles:
            away = np.hypot(*(tip - circle.center))
            assert away > circle.radius - 0.03 or circle.radius < 0.1


def test_a_matrix_has_one_color(drawn):
    of = {"W}_{ih}": words.W_IH, "W}_{hh}": words.W_HH, "W}_{\\mathrm{out}}": words.W_OUT,
          "W}_{hn}": words.W_HH, "W}_{in}": words.W_IH}  # fmt: skip
    for text in drawn.texts:
        for name, its in of.items():
            if name in text.get_text():
                assert text.get_color() in (its, words.DIM)


def test_dashes_are_gradients_and_hatching_is_padding(drawn, request):
    assert {color(line) for line in dashed(drawn)} <= {words.GRADIENT}
    hatched = [patch for patch in drawn.patches if patch.get_hatch()]
    assert len(hatched) == (3 if "padded" in request.node.callspec.params["drawn"] else 0)


def test_a_notebook_can_store_a_drawing_twice():
    figure = figures.loop_and_unrolled().figure
    (first, _), (second, _) = both(figure), both(figure)  # a warning would be an error
    assert first["image/svg+xml"] == second["image/svg+xml"]


def test_shared_weights_are_drawn_as_often_as_they_are_used():
    colors = [color(line) for line in lines(figures.loop_and_unrolled(3))]
    assert [colors.count(c) for c in (words.W_IH, words.W_HH, words.W_OUT)] == [4, 4, 4]


@pytest.mark.parametrize(("name", "steps", "gates"), [("lstm_cell", 4, 3), ("gru_cell", 3, 3)])
def test_the_steps_light_a_cell_part_by_part(name, steps, gates):
    def lit(step):
        ax = getattr(figures, name)(step)
        return {text.get_text() for text in ax.texts if text.get_color() != words.DIM}, len(
            [valve for valve in valves(ax) if color(valve) != words.DIM]
        )

    whole, found = lit(None)
    assert found == gates
    parts = [lit(step)[0] for step in range(1, steps + 1)]
    assert set.union(*parts) == whole
    assert all(part < whole for part in parts)
    with pytest.raises(ValueError, match=f"step must be None or between 1 and {steps}, got 9"):
        getattr(figures, name)(9)


def test_all_steps_of_a_cell_have_the_same_layout():
    def layout(step):
        return sorted((t.get_text(), *t.get_position()) for t in figures.lstm_cell(step).texts)

    assert layout(1) == layout(2) == layout(3) == layout(4) == layout(None)


def test_the_lstm_lights_what_its_formulas_name():
    def lit(step):
        texts = figures.lstm_cell(step).texts
        return {t.get_text() for t in texts if t.get_color() != words.DIM and "_" in t.get_text()}

    def names(*letters):
        return {rf"$\mathbf{{{letter}}}$".replace("}$", "}_t$") for letter in letters}

    before = {r"$\mathbf{h}_{t-1}$", *names("x")}
    assert lit(1) == before | names("f") | {r"$\mathbf{c}_{t-1}$"}
    assert lit(2) == before | names("i", "g")
    assert lit(3) == names("f", "i", "g", "c") | {r"$\mathbf{c}_{t-1}$"}
    assert lit(4) == before | names("o", "c", "h")


def test_the_hand_network_passes_blame_back_and_adds_it_up():
    ax = figures.hand_network(**HAND)
    assert len(dashed(ax)) == 1 + 2 + 3  # from the loss, from state to state, to the sum
    texts = shown(ax)
    assert {"× 0.434", "× 0.484", "−0.172", "−0.551", "0.762"} <= set(texts)  # noqa: RUF001
    assert texts.count("$w$") == 3
    with pytest.raises(ValueError, match="factors must be 2 for 4 states, got 3"):
        figures.hand_network(**HAND | {"factors": [1.0] * 3})


def test_a_packed_batch_is_sorted_and_says_how_many_go_on():
    ax = figures.padded_and_packed(["ab", "abcde", "abc"])
    texts = shown(ax)
    assert texts[-5:] == ["3", "3", "2", "1", "1"]
    assert (texts.count("1"), texts.count("0")) == (10 + 2, 5)
    with pytest.raises(ValueError, match="texts must be 2 to 4"):
        figures.padded_and_packed(["abcdefgh", "a"])


def test_streams_carry_the_state_and_cut_the_gradient_in_each_row():
    ax = figures.streams_and_chunks("abcdefghijkl", streams=2, steps=3)
    assert [t for t in shown(ax) if len(t) == 1] == list("abcdefghijkl")
    assert len(dashed(ax)) == 2
    with pytest.raises(ValueError, match="text must give 2 to 4 streams"):
        figures.streams_and_chunks("abc", streams=3, steps=3)


def test_a_valve_is_shut_where_a_document_begins_and_the_state_goes_on_elsewhere():
    ax = figures.rows_and_resets(["na|yuri", "|ivan|bo", "ekmann"])
    assert [t for t in shown(ax) if len(t) == 1] == list("nayuriivanboekmann")
    begun = [p for p in ax.patches if to_hex(p.get_facecolor()).upper() == words.MARK]
    assert len(valves(ax)) == len(begun) == 3
    for valve in valves(ax):
        throat = np.ptp(valve.get_xy()[[1, 4], 1])
        assert throat == 0
    states = [line for line in lines(ax) if color(line) == words.W_HH]
    assert len(states) == 3 * (6 + 1)
    for rows, steps in ((["ab|cdef"], 3), (["abcd", "abc"], 2), (["abcdefgh", "abcdefgh"], 4)):
        with pytest.raises(ValueError, match="rows must be 2 to 4 of two calls"):
            figures.rows_and_resets(rows, steps)


def test_a_token_fetches_the_row_of_its_index():
    texts = shown(figures.look_up("ab", [3, 0], rows=4, features=2))
    assert {"a", "b", "(4, 2)", "(2, 2)", "(2,)"} <= set(texts)
    for indices, message in (([1], "indices must be different"), ([9, 1], "indices must be from")):
        with pytest.raises(ValueError, match=message):
            figures.look_up("ab", indices)


def test_a_window_belongs_where_its_target_lies():
    ax = figures.windows_and_cut([5, 7, 6, 8, 9, 7], length=3, cut=4)
    assert shown(ax).count("train") == 1 + 1
    assert shown(ax).count("test") == 1 + 2
    fields = [patch for patch in ax.patches if patch.get_label() != "line"]
    filled = [f for f in fields if to_hex(f.get_facecolor()).upper() == words.MARK]
    assert [round(f.get_x(), 1) for f in filled] == [3.9, 4.7, 5.5], "the fourth to the sixth value"
    for values, length, cut, message in (
        ("abc", 1, 2, "values must be 4 to 8"),
        ("abcdefgh", 2, 4, "at most 4 windows, got 8 of length 2"),
        ("abcdef", 3, 3, "cut must be between 3 and 6, got 3"),
    ):
        with pytest.raises(ValueError, match=message):
            figures.windows_and_cut(values, length, cut)


def test_a_shape_has_its_inputs_below_and_its_outputs_above():
    ax = figures.task_shapes({"one": (["a", None], [None, "z"])})
    places = {text.get_text(): text.get_position() for text in ax.texts}
    states = [patch.center for patch in ax.patches if isinstance(patch, Circle)]
    assert places["a"][0] == states[0][0]
    assert places["z"][0] == states[1][0]
    assert places["a"][1] < states[0][1] < places["z"][1]
    assert len(heads(ax)) == 3
    fed = figures.task_shapes({"one": (["a", None], ["y", "z"])}, fed_back=["one"])
    assert len(heads(fed)) == 5
    assert color(lines(fed)[2]) == words.W_IH, "what is fed back goes through the input's matrix"


def test_half_of_the_last_states_are_the_lower_layer():
    ax = figures.outputs_and_h_n(4)
    assert {f"h_n[{k}]" for k in range(4)} < set(shown(ax))
    states = [p for p in ax.patches if isinstance(p, Circle)]
    filled = [s for s in states if to_hex(s.get_facecolor()).upper() == words.MARK]
    assert (len(states), len(filled)) == (16, 4)


def test_attention_opens_its_valves_as_wide_as_its_weights():
    ax = figures.attention("ab", [0.25, 0.75])
    throats = [np.sort(np.abs(v.get_xy()[:-1, 0] - v.get_xy()[:-1, 0].mean())) for v in valves(ax)]
    assert [t[0] / t[-1] for t in throats] == pytest.approx([0.25, 0.75])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: figures.loop_and_unrolled(0), "steps must be between 1 and 4, got 0"),
        (lambda: figures.window_and_state("ab"), "text must have 3 to 8"),
        (lambda: figures.window_and_state("abcd", 3), "window must be from 1 to 2, got 3"),
        (lambda: figures.task_shapes({"odd": ("a", "")}), "shapes must have as many inputs"),
        (lambda: figures.task_shapes(TASKS, fed_back=["x"]), "fed_back must name shapes"),
        (lambda: figures.outputs_and_h_n(1), "steps must be between 2 and 4"),
        (lambda: figures.encoder_decoder("", "a"), "read must have 1 to 5 tokens, got 0"),
        (lambda: figures.attention("ab", [1.0]), "weights must be one for each"),
        (lambda: figures.attention("ab", [1.0, 1.0]), "add up to 1"),
        (lambda: figures.teacher_forcing("mach", "a", "nna"), "one fewer"),
        (lambda: figures.dropout_places(9), "layers must be 1 to 3"),
        (lambda: figures.stack_of_layers(["a"], ["b"], ["c"]), "shapes and names must be 2"),
        (lambda: figures.forecast_ways(1), "window must be 2 to 4"),
    ],
)
def test_what_does_not_fit_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
    assert not plt.get_fignums(), "refused before anything is drawn"


def test_the_loop_is_drawn_with_its_numbers_and_one_weight():
    ax = figures.hand_loop([0.762, 0.363], [1, 0], 0.5)
    texts = shown(ax)
    assert {"0.762", "0.363", "$1$", "$0$", "$s_2$"} <= set(texts)
    assert texts.count(r"$\times\,0.5$") == 2, "at the loop and between the states"
    assert not dashed(ax)
    (back,) = dashed(figures.hand_loop([0.762, 0.363], [1, 0], 0.5, reached=0.434))
    assert color(back) == words.GRADIENT
    with pytest.raises(ValueError, match="inputs must be one for each of 1 to 4 states"):
        figures.hand_loop([0.762], [1, 0], 0.5)


def test_the_gated_unit_opens_its_valves_and_multiplies_the_gradient():
    ax = figures.gated_unit(**GATED)
    corners = [valve.get_xy() for valve in valves(ax)]
    opening = sorted(np.hypot(*(c[1] - c[4])) / np.hypot(*(c[0] - c[5])) for c in corners)
    assert opening == pytest.approx([0.047, 0.047, 0.953, 0.953, 0.953, 0.953], abs=1e-3)
    product = GATED["factors"][0] * GATED["factors"][1]
    assert {f"{product:.3f}", "× 0.965", "× 0.967", "$c_3$", "0.686"} <= set(shown(ax))
    with pytest.raises(ValueError, match="keeps must be 3 for 4 states, got 1"):
        figures.gated_unit(**GATED | {"keeps": [1.0]})


@pytest.mark.parametrize(("steps", "rounds"), [(2, 1), (5, 3), (8, 3)])
def test_a_scan_is_done_after_as_many_rounds_as_doublings(steps, rounds):
    ax = figures.scan_rounds(steps)
    states = [patch for patch in ax.patches if isinstance(patch, Circle)]
    assert len(states) == steps * (rounds + 1)
    filled = [to_hex(state.get_facecolor()).upper() == words.MARK for state in states]
    by_round = [sum(filled[k * steps : (k + 1) * steps]) for k in range(rounds + 1)]
    assert by_round == [min(2**k, steps) for k in range(rounds + 1)]
    assert len(heads(ax)) == sum(2 * steps - 2**k for k in range(rounds))
    with pytest.raises(ValueError, match="steps must be between 2 and 8, got 9"):
        figures.scan_rounds(9)

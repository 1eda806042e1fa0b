"""Hidden tests of `leaky_forward`."""

from checking import call, close, pair

from grading._shared import forward, leaky, leaky_step


def _runs(env):
    for offset, sizes in enumerate([(7, 2, 3, 4), (1, 1, 1, 1), (5, 5, 4, 4), (3, 3, 3, 3)]):
        x, h_0, weights = leaky(*sizes, offset=10 * offset)
        found = call(env, "leaky_forward", x, h_0, weights)
        yield (
            pair(found, "leaky_forward", "states and candidates", kind=tuple | list),
            (x, h_0, weights),
        )


def forward_states(env):
    """The states agree with the definition, for many shapes."""
    for (states, _), arguments in _runs(env):
        close(states, forward(leaky_step, *arguments)[0], "A state differs from the definition.")


def forward_candidates(env):
    """The candidates agree with the definition."""
    for (_, candidates), arguments in _runs(env):
        wanted = forward(leaky_step, *arguments)[1]
        close(candidates, wanted, "A candidate differs from the definition.")

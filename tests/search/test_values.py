from __future__ import annotations

from scalenet_tf.search.values import revisited


class Counted:
    """A value that counts how often it is compared."""

    comparisons = 0

    def __init__(self, number: int) -> None:
        self.number = number

    def __hash__(self) -> int:
        return hash(self.number)

    def __eq__(self, other: object) -> bool:
        Counted.comparisons += 1
        return isinstance(other, Counted) and self.number == other.number


def test_each_state_that_was_there_before_is_a_revisit() -> None:
    states = [(number, "scalings") for number in (0, 1, 0, 2, 0, 1)]
    assert revisited(states, 2) and not revisited(states, 3)
    assert not revisited([], 0) and not revisited(states[:2], 0)


def test_long_chains_are_counted_in_one_pass() -> None:
    assert not revisited([(Counted(number), ()) for number in range(500)], 0)
    assert Counted.comparisons < 5000

"""Restores an oracle from its journal. The search's core must ask for the trials that are written there."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from scalenet_tf.errors import DamagedFileError, ScaleNetError
from scalenet_tf.search.journal import Journal, ResultRow, Row, StartedRow
from scalenet_tf.search.keras_tuner_compat import metrics_of
from scalenet_tf.search.trial_values import CONFIRM_EPOCHS

if TYPE_CHECKING:
    from scalenet_tf.search.oracle import ScaleNetOracle

_ROWS_PER_REPORT = 1000


def replay(
    oracle: ScaleNetOracle, journal: Journal, on_replay: Callable[[float], None] | None = None
) -> None:
    """Restores the trials of a new oracle, and its core, from a journal.

    Trials without a result are queued, the oldest first. If failures have stopped the search, or nothing has
    been scored yet, they are left out: the cause may be gone, so these trials are tried again.

    Args:
      oracle: A new oracle, which has asked for nothing yet.
      journal: The journal of the same search.
      on_replay: Called now and then with the share of the journal that has been read, in [0, 1].

    Raises:
      ScaleNetError: If a row holds another trial than the search asks for there, or the user's objective
        fails.
    """
    rows = journal.read()
    _restore(oracle, journal, rows, on_replay)
    kept = _before_last_failures(rows)
    if oracle.failure is not None or not oracle.failures.scored_any:
        _try_again(oracle, journal, rows, kept, on_replay)
    if oracle.unscorable:  # And the last result was a score: workers that compute at a time end in any order.
        _try_again(oracle, journal, rows, _before_first_failure(rows), on_replay)
    for trial_id in reversed(oracle.start_order):
        if not oracle.has_ended(trial_id):
            oracle.requeue(oracle.trials[trial_id])


def _try_again(
    oracle: ScaleNetOracle,
    journal: Journal,
    rows: Sequence[Row],
    kept: Sequence[Row],
    on_replay: Callable[[float], None] | None,
) -> None:
    """Restores only the rows that are kept, if others are left out, and lets the others fail once more."""
    if len(kept) == len(rows):
        return
    oracle.forget_trials()
    journal.keep(len(kept))
    _restore(oracle, journal, kept, on_replay)
    if oracle.failures.scored_any:
        oracle.failures.allow(sum("score" in row for row in rows[len(kept) :]))


def _before_last_failures(rows: Sequence[Row]) -> Sequence[Row]:
    """Returns the rows before the failures that the last results are, if they are."""
    end = len(rows)
    for number in reversed(range(len(rows))):
        row = rows[number]
        if "values" not in row:
            if row["score"] is not None:
                break
            end = number
    return rows[:end]


def _before_first_failure(rows: Sequence[Row]) -> Sequence[Row]:
    """Returns the rows before the first failed result: all, if there is none."""
    failed = (number for number, row in enumerate(rows) if "values" not in row and row["score"] is None)
    return rows[: next(failed, len(rows))]


def _restore(
    oracle: ScaleNetOracle,
    journal: Journal,
    rows: Sequence[Row],
    on_replay: Callable[[float], None] | None,
) -> None:
    with _without_garbage_collection():
        for number, row in enumerate(rows, start=1):
            if "values" in row:
                asked = _ask_again(oracle, row)
                if asked is None and oracle.failure is not None:
                    raise ScaleNetError(oracle.failure)
                if asked is None or asked != row:
                    raise DamagedFileError(
                        f"line {number} of {str(journal.path)!r} holds another trial than the search asks "
                        "for there: another version of the package wrote it, or constraints or the objective "
                        "have changed since. Go on with the same ones, or search in a new run."
                    )
                oracle.add_trial(asked["values"])
            elif not _end_trial(oracle, row):
                raise journal.damaged(number, "is the result of no trial that waits for one")
            if on_replay and number % _ROWS_PER_REPORT == 0:
                on_replay(number / len(rows))


def _ask_again(oracle: ScaleNetOracle, row: StartedRow) -> StartedRow | None:
    """Returns the row that the search asks for in the place of `row`.

    A training of a finalist stays where it is if the search has got more rounds since, so that the chain goes
    on after it.
    """
    if CONFIRM_EPOCHS not in row["values"]:
        return oracle.next_row()
    try:
        return oracle.row_of(oracle.confirmation.resume(row["values"]))
    except (KeyError, TypeError, ValueError):
        return None


def _end_trial(oracle: ScaleNetOracle, row: ResultRow) -> bool:
    """Returns whether a trial of the row's number has begun and not ended yet, and ends it."""
    if row["trial"] >= len(oracle.start_order):
        return False
    trial = oracle.trials[oracle.start_order[row["trial"]]]
    if oracle.has_ended(trial.trial_id):
        return False
    if row["score"] is not None:
        trial.metrics = metrics_of(row["score"])
    oracle.accept(trial, row)
    return True


@contextmanager
def _without_garbage_collection() -> Iterator[None]:
    """Pauses the search for reference cycles, which is slow while many objects are made that all stay."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()

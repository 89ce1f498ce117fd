"""The calls of workers: each is checked before it reaches the search."""

from __future__ import annotations

from typing import Any

from google.protobuf.message import DecodeError

from scalenet_tf.errors import InvalidInputError
from scalenet_tf.search.keras_tuner_compat import OBJECTIVE, Trial, protos, trial_status
from scalenet_tf.search.scores import checked_score

_MOST_CHARACTERS = 200
_ENDS = ("COMPLETED", "INVALID", "FAILED")


def read_worker(body: bytes) -> str:
    """Returns the name of the worker that asks for a trial.

    Raises:
      ScaleNetError: If the request is not one, or the name is empty, too long or not printable.
    """
    name: str = _parse(protos.get_service().CreateTrialRequest, body).tuner_id
    if not name or len(name) > _MOST_CHARACTERS or not name.isprintable():
        raise InvalidInputError(
            f"a worker's name must have 1 to {_MOST_CHARACTERS} printable characters. "
            f"Received: {name[:_MOST_CHARACTERS]!r}"
        )
    return name


def read_update(body: bytes) -> tuple[str, float]:
    """Returns the identifier of a trial and its score.

    Raises:
      ScaleNetError: If the request is not one, or does not hold one accuracy from 0 to 1.
    """
    request = _parse(protos.get_service().UpdateTrialRequest, body)
    metrics = dict(request.metrics)
    if list(metrics) != [OBJECTIVE]:
        raise InvalidInputError(
            f"a score must be one metric, {OBJECTIVE!r}. Received: {len(metrics)} metrics"
        )
    return str(request.trial_id), checked_score(metrics[OBJECTIVE])


def read_end(body: bytes) -> tuple[str, str]:
    """Returns the identifier of a trial, and "COMPLETED", "INVALID" or "FAILED".

    Raises:
      ScaleNetError: If the request is not one, or the trial has not ended.
    """
    trial = _parse(protos.get_service().EndTrialRequest, body).trial
    status = trial_status(trial.status)
    if status not in _ENDS:
        raise InvalidInputError(f"a trial ends as {', '.join(_ENDS)}. Received: {status}")
    return str(trial.trial_id), status


def trial_response(trial: Trial) -> bytes:
    """Returns the answer to a worker that asks for a trial."""
    answer: bytes = protos.get_service().CreateTrialResponse(trial=trial.to_proto()).SerializeToString()
    return answer


def _parse(kind: Any, body: bytes) -> Any:
    try:
        return kind.FromString(body)
    except DecodeError as error:
        raise InvalidInputError(
            f"a call must hold a {kind.__name__}. Received: {len(body)} bytes of something else"
        ) from error

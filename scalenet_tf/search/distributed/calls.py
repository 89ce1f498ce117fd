"""The chief's side of the calls of workers: who may call, and what each call does."""

from __future__ import annotations

import logging
from collections.abc import Callable

import grpc
import keras_tuner
from pydantic import ValidationError

from scalenet_tf.errors import ScaleNetError
from scalenet_tf.search.distributed import requests
from scalenet_tf.search.distributed.credentials import is_signed
from scalenet_tf.search.identity import SearchIdentity, difference
from scalenet_tf.search.keras_tuner_compat import OBJECTIVE, SERVICE, Trial
from scalenet_tf.search.oracle import ScaleNetOracle

logger = logging.getLogger(__name__)

# Headers of each call: the identity of its search, and the signature of the call. A call for a trial that
# names the one that the worker has is a sign of life.
IDENTITY, SIGNATURE, TRIAL = "scalenet-search", "scalenet-signature", "scalenet-trial"

# What a stranger reads. It names nothing of the search.
STRANGER = (
    "this call is not signed with the secret of the search. Give the worker the chief's run, or both the "
    "same SCALENET_SEARCH_SECRET, and the same version of scalenet-tf."
)


class _RefusedError(Exception):
    """A call is refused, with a status of gRPC and a text."""

    def __init__(self, code: grpc.StatusCode, text: str) -> None:
        super().__init__(text)
        self.code, self.text = code, text


class TrialCalls:
    """The three calls that workers make, of Keras Tuner's service. There are no others.

    Nothing of a call is parsed before its signature is checked, and nothing reaches the oracle before the
    request is: an error of a worker, or of someone else, is an answer and never an end of the search.

    Args:
      oracle: Oracle of the search.
      secret: Secret that signs the calls.
    """

    def __init__(self, oracle: ScaleNetOracle, secret: bytes) -> None:
        self._oracle, self._secret = oracle, secret

    def handler(self) -> grpc.GenericRpcHandler:
        """Returns what a server of gRPC calls, with requests and answers as bytes."""
        calls = {"CreateTrial": self._create, "UpdateTrial": self._update, "EndTrial": self._end}
        return grpc.method_handlers_generic_handler(
            SERVICE,
            {
                name: grpc.unary_unary_rpc_method_handler(self._answering(name, act))
                for name, act in calls.items()
            },
        )

    def _answering(
        self, method: str, act: Callable[[bytes], bytes]
    ) -> Callable[[bytes, grpc.ServicerContext], bytes]:
        def answer(body: bytes, context: grpc.ServicerContext) -> bytes:
            try:
                trial_id = self._admit(method, body, dict(context.invocation_metadata()))
                return self._beat(body, trial_id) if trial_id and method == "CreateTrial" else act(body)
            except _RefusedError as refused:
                code, text = refused.code, refused.text
            except ScaleNetError as error:
                code, text = grpc.StatusCode.INVALID_ARGUMENT, str(error)
            except Exception:
                logger.exception("search: the call %s of a worker failed", method)
                code, text = grpc.StatusCode.INTERNAL, "the chief failed in this call; its log says why."
            context.abort(code, text)  # It raises.
            return b""

        return answer

    def _admit(self, method: str, body: bytes, headers: dict[str, str | bytes]) -> str:
        """Returns the trial that the worker has, if the call says so."""
        identity, signature, trial_id = (str(headers.get(name, "")) for name in (IDENTITY, SIGNATURE, TRIAL))
        if not is_signed(signature, self._secret, method, identity, body, trial_id):
            raise _RefusedError(grpc.StatusCode.UNAUTHENTICATED, STRANGER)
        try:
            different = difference(self._oracle.identity, SearchIdentity.model_validate_json(identity))
        except ValidationError as error:
            text = (
                "the chief cannot read which search this worker belongs to. Start both with the same version "
                "of scalenet-tf."
            )
            raise _RefusedError(grpc.StatusCode.FAILED_PRECONDITION, text) from error
        if different is not None:
            name, own, theirs = different
            text = (
                f"the chief searches with another {name}: {own!r}. Received: {theirs!r}. Give this worker "
                "the chief's run, or a whole copy of it."
            )
            raise _RefusedError(grpc.StatusCode.FAILED_PRECONDITION, text)
        return trial_id

    def _beat(self, body: bytes, trial_id: str) -> bytes:
        self._oracle.heartbeat(requests.read_worker(body), trial_id)
        return b""

    def _create(self, body: bytes) -> bytes:
        return requests.trial_response(self._oracle.create_trial(requests.read_worker(body)))

    def _is_lost(self, trial_id: str) -> bool:
        """Whether a trial began in rows of the journal that are gone: on a mounted bucket, a kill costs some.

        The search asks for the same subnet again, under the same number; its worker need not end.
        """
        return trial_id.isdecimal() and int(trial_id) >= len(self._oracle.trials)

    def _update(self, body: bytes) -> bytes:
        trial_id, score = requests.read_update(body)
        if not self._is_lost(trial_id):
            self._oracle.update_trial(trial_id, {OBJECTIVE: score})
        return b""  # An empty message: workers know the trial.

    def _end(self, body: bytes) -> bytes:
        trial_id, status = requests.read_end(body)
        if self._is_lost(trial_id):
            logger.warning("search: trial %s began in rows that a chief lost; it is scored again", trial_id)
            return b""
        self._oracle.end_trial(Trial(keras_tuner.HyperParameters(), trial_id, status))
        return b""

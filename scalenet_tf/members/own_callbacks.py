"""Keras callbacks of the user's own in the training of a member, which calls `fit` once per epoch."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import keras

from scalenet_tf.errors import InvalidInputError
from scalenet_tf.members.checkpoint import TrainingProgress, state_of
from scalenet_tf.members.member_training import MemberTraining
from scalenet_tf.space.criteria import name_of
from scalenet_tf.utils.users_code import failure_named

_ADVICE = "The epochs that were finished are kept. Fix the callback, then call again: the training resumes."
Logs = Mapping[str, float] | None


class OwnCallbacks(keras.callbacks.Callback):
    """Passes the calls of several `fit` to callbacks as if they were one, and checks that these only look.

    Args:
      callbacks: The callbacks.
      member: Name of the member.
      model: Compiled model.
      epochs: Number of epochs of the whole training.
      steps: Number of steps per epoch.

    Raises:
      ScaleNetError: If one of them is no Keras callback. The hooks raise it for an exception in one, for one
        that changed weights or the optimizer, and for one that stops the training.
    """

    def __init__(
        self,
        callbacks: Sequence[keras.callbacks.Callback],
        member: str,
        model: keras.Model,
        epochs: int,
        steps: int,
    ) -> None:
        super().__init__()
        self._own, self._member, self._trained, self._epochs = tuple(callbacks), member, model, epochs
        for position, callback in enumerate(self._own):
            if not isinstance(callback, keras.callbacks.Callback):
                raise InvalidInputError(
                    f"`member_training.callbacks[{position}]` must be a Keras callback. Received: "
                    f"{name_of(type(callback))}. A RunCallback goes into `callbacks`."
                )
            callback.set_params({"epochs": epochs, "steps": steps, "verbose": 0})
            callback.set_model(model)

    @classmethod
    def of(
        cls, own: MemberTraining, member: str, model: keras.Model, epochs: int, steps: int
    ) -> OwnCallbacks:
        """Creates it for the training of a member."""
        return cls(own.callbacks_of(member), member, model, epochs, steps)

    @property
    def callbacks(self) -> list[keras.callbacks.Callback]:
        """List for `fit`, empty without callbacks, since each one costs time per batch."""
        return [self] if self._own else []

    @contextmanager
    def training(self, progress: TrainingProgress, *, stopped: bool = False) -> Iterator[None]:
        """Tells the callbacks that training begins and, unless it fails, ends; not if no epoch is left.

        Args:
          progress: The epochs so far.
          stopped: Whether early stopping has ended it.
        """
        if stopped or progress.epochs >= self._epochs or not self._own:
            yield
            return
        self._call("on_train_begin", lambda callback: callback.on_train_begin())
        yield
        self._call("on_train_end", lambda callback: callback.on_train_end())

    def on_epoch_begin(self, epoch: int, logs: Logs = None) -> None:
        self._call("on_epoch_begin", lambda callback: callback.on_epoch_begin(epoch, logs))

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        self._call("on_epoch_end", lambda callback: callback.on_epoch_end(epoch, logs))
        self._refuse_stop("a hook of batches")

    def on_test_begin(self, logs: Logs = None) -> None:
        self._call("on_test_begin", lambda callback: callback.on_test_begin(logs))

    def on_test_end(self, logs: Logs = None) -> None:
        self._call("on_test_end", lambda callback: callback.on_test_end(logs))

    def on_train_batch_begin(self, batch: int, logs: Logs = None) -> None:
        self._call("on_train_batch_begin", lambda c: c.on_train_batch_begin(batch, logs), checked=False)

    def on_train_batch_end(self, batch: int, logs: Logs = None) -> None:
        self._call("on_train_batch_end", lambda c: c.on_train_batch_end(batch, logs), checked=False)

    def on_test_batch_begin(self, batch: int, logs: Logs = None) -> None:
        self._call("on_test_batch_begin", lambda c: c.on_test_batch_begin(batch, logs), checked=False)

    def on_test_batch_end(self, batch: int, logs: Logs = None) -> None:
        self._call("on_test_batch_end", lambda c: c.on_test_batch_end(batch, logs), checked=False)

    def _call(
        self, hook: str, call: Callable[[keras.callbacks.Callback], None], *, checked: bool = True
    ) -> None:
        before = self._digest() if checked else ""
        for position, callback in enumerate(self._own):
            who = f"`member_training.callbacks[{position}]`, a {name_of(type(callback))},"
            with failure_named(f"{who} failed in {hook} of {self._member}", _ADVICE):
                call(callback)
            if not checked:
                continue
            if self._digest() != before:
                raise InvalidInputError(
                    f"{who} must not change the weights or the optimizer: a resumed training could not "
                    f"end as an uninterrupted one. It did so in {hook} of {self._member}. Leave it out."
                )
            self._refuse_stop(who)

    def _refuse_stop(self, who: str) -> None:
        if self._trained.stop_training:
            raise InvalidInputError(
                f"{who} must not stop the training of {self._member}: what it has counted would be lost when "
                "the training is resumed. Stop early with members={'patience': EPOCHS} instead."
            )

    def _digest(self) -> str:
        found = hashlib.sha256()
        for variable in state_of(self._trained).values():
            found.update(_bytes(variable))
        return found.hexdigest()


def _bytes(variable: keras.Variable) -> Any:
    return variable.value.numpy().tobytes()

"""`MemberTraining`: Keras objects of the user's own for the training of the members."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias, Union

from scalenet_tf.config import Recipe
from scalenet_tf.config.teacher import NO_TEACHER
from scalenet_tf.errors import InvalidInputError

if TYPE_CHECKING:
    import keras

# Keras is not imported by `import scalenet_tf`.
Callbacks: TypeAlias = "Sequence[keras.callbacks.Callback]"
Loss: TypeAlias = Union["keras.losses.Loss", Callable[[Any, Any], Any]]


@dataclass(frozen=True)
class MemberTraining:
    """Your own Keras objects for the training of the members, which needs `members.jobs` 1.

    A resumed training needs the same loss, metrics and augmentation: the run records the name of each class
    and a digest of its `get_config()`, and refuses others. Finalists of the search (`search.confirm`) are
    trained with the same loss and augmentation. A transfer has objects of its own, and the fine-tunings of
    `compress` have none.

    Attributes:
      callbacks: Keras callbacks, or a function that returns those of a member by its name. They see each
        training as one call of `fit`; a resumed one goes on at its next epoch. They may look and write files,
        and must not change weights or stop the training, because a resumed training has to end with the same
        weights: `members.patience` stops early. That is checked in all hooks but those of batches.
      loss: Keras loss, or function, of one-hot labels (for the task multi_label, multi-hot ones) and logits
        (`from_logits=True`), both [N, classes]. It takes the place of cross-entropy, so that
        `members.label_smoothing` no longer counts. It cannot be combined with `members.teacher`, and returns
        one loss per image, [N], if `members.class_weights` weigh them.
      metrics: Keras metrics of the same labels and logits, written to the history of each member.
      augmentation: Keras layer that changes batches of training images, float32 [N, side, side, channels] in
        0 to 255, in training mode. It comes first, before RandAugment and mixing. Random layers draw from a
        `keras.random.SeedGenerator`, as Keras' own do; their state depends on the run's seed and the step.

    Example:
      >>> own = sn.MemberTraining(
      ...     loss=keras.losses.CategoricalFocalCrossentropy(from_logits=True),
      ...     augmentation=keras.layers.RandomRotation(0.05),
      ...     callbacks=lambda member: [keras.callbacks.CSVLogger(f"{member}.csv", append=True)],
      ... )
      >>> sn.search_family("folder:photos", member_training=own)
    """

    callbacks: Callbacks | Callable[[str], Callbacks] = ()
    loss: Loss | None = None
    metrics: Sequence[keras.metrics.Metric] = ()
    augmentation: keras.layers.Layer | None = None

    @property
    def has_parts(self) -> bool:
        """Whether there is a loss, a metric or an augmentation."""
        return self.loss is not None or bool(self.metrics) or self.augmentation is not None

    def callbacks_of(self, member: str) -> Callbacks:
        """Returns the Keras callbacks of a member.

        Args:
          member: Name of the member.
        """
        return self.callbacks(member) if callable(self.callbacks) else self.callbacks

    def new_metrics(self) -> list[keras.metrics.Metric]:
        """Returns new metrics of the same configuration, since each model needs its own."""
        return [type(metric).from_config(metric.get_config()) for metric in self.metrics]


NOTHING_OWN = MemberTraining()


def check_no_teacher(own: MemberTraining, recipe: Recipe) -> None:
    """Checks that an own loss and metrics do not meet a teacher.

    Raises:
      ScaleNetError: If they do.
    """
    if recipe.teacher != NO_TEACHER and (own.loss is not None or own.metrics):
        raise InvalidInputError(
            "`member_training.loss` and `metrics` cannot be combined with a teacher, whose answers are part "
            f"of the targets. Received: `members.teacher` {recipe.teacher!r}. Leave one of them out."
        )

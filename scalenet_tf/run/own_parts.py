"""`OwnParts`: the loss, metrics and augmentation that Python code passed for the members."""

from __future__ import annotations

from typing import ClassVar

from scalenet_tf.utils.value import SparseValue, Value
from scalenet_tf.utils.value_file import FileValue


class OwnPart(Value):
    """An object of the user's own.

    Attributes:
      name: Module and name of its class, or of the function.
      digest: Digest of its configuration.
    """

    name: str
    digest: str


class OwnParts(SparseValue, FileValue):
    """The parts of the members' training that are the user's own; a resumed training needs the same ones.

    The content of members/own_parts.json, and a part of given.json.

    Attributes:
      loss: Loss; None for that of the recipe.
      augmentation: Layer that changes training images; None if there is none.
      metrics: Metrics; None if there are none.
    """

    optional: ClassVar[frozenset[str]] = frozenset({"loss", "augmentation", "metrics"})

    loss: OwnPart | None = None
    augmentation: OwnPart | None = None
    metrics: tuple[OwnPart, ...] | None = None

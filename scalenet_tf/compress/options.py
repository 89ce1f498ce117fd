"""The methods of compression and their options; no TensorFlow here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, get_args

from pydantic import Field, ValidationError

from scalenet_tf.errors import InvalidInputError, nearest
from scalenet_tf.utils.extras import check_installed
from scalenet_tf.utils.inputs import Integer, Real
from scalenet_tf.utils.value import Value

Method = Literal["ptq-int8", "ptq-float16", "qat-int8", "prune", "cluster"]
METHODS: tuple[Method, ...] = get_args(Method)

_FINE_TUNING = frozenset({"epochs", "learning_rate", "batch_size", "seed"})
# The options that each method reads; the others change nothing of its file.
OPTIONS_OF: Mapping[Method, frozenset[str]] = {
    "ptq-int8": frozenset({"calibration_images", "seed"}),
    "ptq-float16": frozenset(),
    "qat-int8": _FINE_TUNING | {"calibration_images"},
    "prune": _FINE_TUNING | {"sparsity"},
    "cluster": _FINE_TUNING | {"clusters"},
}


class CompressOptions(Value):
    """Options of a compression.

    Example:
      >>> CompressOptions(epochs=5, sparsity=0.8)
    """

    epochs: Integer = Field(
        default=2,
        ge=1,
        le=10**6,
        description="Number of epochs of fine-tuning, for qat-int8, prune and cluster.",
    )
    learning_rate: Real = Field(
        default=1e-3,
        gt=0,
        description="Initial learning rate of Adam, from which a cosine schedule falls to 0.",
    )
    batch_size: Integer | None = Field(
        default=None, ge=1, le=10**6, description="Images per batch of fine-tuning. Default: the member's."
    )
    sparsity: Real = Field(default=0.6, gt=0, lt=1, description="Share of weights that prune sets to zero.")
    clusters: Integer = Field(
        default=16, ge=2, le=65536, description="Number of distinct values that cluster leaves in a kernel."
    )
    calibration_images: Integer = Field(
        default=300,
        ge=1,
        le=10**6,
        description="Number of training images that ptq-int8 and qat-int8 measure ranges on.",
    )
    seed: Integer | None = Field(
        default=None,
        ge=0,
        description="Seed of the fine-tuning and the calibration images. Default: the run's.",
    )

    @classmethod
    def of(cls, **values: Any) -> CompressOptions:
        """Makes options from keywords; those that are None get their defaults.

        Raises:
          ScaleNetError: If an option is unknown or a value is not valid.
        """
        try:
            return cls.model_validate({name: value for name, value in values.items() if value is not None})
        except ValidationError as error:
            first = error.errors()[0]
            name = str(first["loc"][0])
            raise InvalidInputError(
                f"`{name}` of a compression: {first['msg']}. Received: {first['input']!r}."
                f"{nearest(name, cls.model_fields) if name not in cls.model_fields else ''}"
            ) from error


def fine_tunes(method: Method) -> bool:
    """Whether a method trains the member further."""
    return OPTIONS_OF[method] >= _FINE_TUNING


def check_method(method: str) -> Method:
    """Returns the name of a method if it is known.

    Raises:
      ScaleNetError: If there is no such method.
    """
    for known in METHODS:
        if method == known:
            return known
    raise InvalidInputError(
        f"`method` must be one of {list(METHODS)}. Received: {method!r}.{nearest(method, METHODS)}"
    )


def check_measurable() -> None:
    """Checks that LiteRT's interpreter, which measures compressed files, is installed.

    Raises:
      ScaleNetError: If it is not; the text names the extra.
    """
    check_installed("ai_edge_litert", "export", "a compressed file, which LiteRT's interpreter measures,")

"""How a member may be compressed; no TensorFlow here."""

from __future__ import annotations

from typing import Any, Literal, get_args

from pydantic import Field, ValidationError

from scalenet_tf.errors import ScaleNetError, nearest
from scalenet_tf.utils.value import Value

Method = Literal["ptq-int8", "ptq-float16", "qat-int8", "prune", "cluster"]
METHODS: tuple[Method, ...] = get_args(Method)


class CompressOptions(Value):
    """What decides a compressed file, next to the member and the method."""

    epochs: int = Field(default=2, ge=1, description="of fine-tuning: qat-int8, prune, cluster")
    learning_rate: float = Field(default=1e-3, gt=0, description="of Adam at its beginning; it falls to 0")
    batch_size: int | None = Field(default=None, ge=1, description="of fine-tuning; members' where none")
    sparsity: float = Field(default=0.6, gt=0, lt=1, description="share of zeros that prune makes")
    clusters: int = Field(default=16, ge=2, description="different values of a kernel that cluster leaves")
    calibration_images: int = Field(default=300, ge=1, description="training images that ptq-int8 measures")
    seed: int | None = Field(default=None, ge=0, description="the run's where none")

    @classmethod
    def of(cls, **values: Any) -> CompressOptions:
        """Options by name, defaults for those that are None.

        Raises:
          ScaleNetError: naming the unknown or wrong option.
        """
        try:
            return cls(**{name: value for name, value in values.items() if value is not None})
        except ValidationError as error:
            first = error.errors()[0]
            name = str(first["loc"][0])
            raise ScaleNetError(
                f"`{name}` of a compression: {first['msg']}. Received: {first['input']!r}."
                f"{nearest(name, cls.model_fields) if name not in cls.model_fields else ''}"
            ) from error


def check_method(method: str) -> Method:
    """The method of that name.

    Raises:
      ScaleNetError: where there is none.
    """
    for known in METHODS:
        if method == known:
            return known
    raise ScaleNetError(
        f"`method` must be one of {list(METHODS)}. Received: {method!r}.{nearest(method, METHODS)}"
    )

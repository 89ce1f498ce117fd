"""The base class of all values: spaces, architectures, configurations, results."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import (
    BaseModel,
    ConfigDict,
    JsonValue,
    SerializerFunctionWrapHandler,
    ValidationError,
    model_serializer,
)

from scalenet_tf.errors import InvalidInputError
from scalenet_tf.utils.validation import problems

if TYPE_CHECKING:
    from pydantic._internal._model_construction import ModelMetaclass
else:
    ModelMetaclass = type(BaseModel)


class _Called(ModelMetaclass):
    """Calls of a class, unlike its `model_validate`, are the user's own: their errors are ours.

    A custom `__init__` would also run for nested values, and hide where in the whole the error is.
    """

    if not TYPE_CHECKING:  # Type checkers see the fields as arguments.

        def __call__(cls, *args: Any, **kwargs: Any) -> Any:
            try:
                return super().__call__(*args, **kwargs)
            except ValidationError as error:
                raise InvalidInputError(f"{cls.__name__}(…) is not valid:\n{problems(error)}") from error


class Value(BaseModel, metaclass=_Called):
    """A frozen value whose unknown fields are errors.

    Raises:
      ScaleNetError: If a field is missing, unknown or not valid; the text has a line for each.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")


class SparseValue(Value):
    """A value that leaves some fields out of its JSON while they are None.

    Attributes:
      optional: Names of these fields; their default is None.
    """

    optional: ClassVar[frozenset[str]] = frozenset()

    @model_serializer(mode="wrap")
    def _without_none(self, handler: SerializerFunctionWrapHandler) -> dict[str, JsonValue]:
        values: dict[str, JsonValue] = handler(self)
        return {name: v for name, v in values.items() if v is not None or name not in self.optional}

"""The base class of all values: spaces, architectures, configurations, results."""

from __future__ import annotations

from typing import ClassVar

from pydantic import BaseModel, ConfigDict, JsonValue, SerializerFunctionWrapHandler, model_serializer


class Value(BaseModel):
    """A frozen value whose unknown fields are errors."""

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

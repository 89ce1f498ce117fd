"""One rule for the numbers that users write: finite, bounded, and no booleans. Every key is tried."""

from __future__ import annotations

import json
import math
import typing
from collections.abc import Iterator
from typing import Annotated, Any

import pytest
from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

from pipelines.parameters import DataLimits, Gates
from pipelines.target import Target
from scalenet_tf.compress.options import CompressOptions
from scalenet_tf.config import RunConfig, load_config
from scalenet_tf.errors import ScaleNetError
from scalenet_tf.space import SearchSpace

MODELS: tuple[type[BaseModel], ...] = (RunConfig, CompressOptions, DataLimits, Gates, Target, SearchSpace)
ODD: tuple[Any, ...] = (
    math.inf, -math.inf, math.nan, 1e31, -1e31, 1e-31, 5e-324, 2**63, -(2**63) - 1, 10**400, True, False,
    "inf", "-Infinity", "nan", "1e400", "9" * 5000, "true", "12:30:45",
)  # fmt: skip


def parts(annotation: Any) -> Iterator[Any]:
    """The annotation, and all that it consists of."""
    yield annotation
    for part in typing.get_args(annotation):
        if not isinstance(part, FieldInfo):
            yield from parts(part)


def keys(model: type[BaseModel], path: str = "") -> Iterator[tuple[str, Any, FieldInfo]]:
    """Every key of a model, those of its sections and of the elements of its lists included."""
    for name, field in model.model_fields.items():
        found = list(parts(field.annotation))
        for section in found:
            if isinstance(section, type) and issubclass(section, BaseModel):
                yield from keys(section, f"{path}{name}.")
        if any(part in (int, float) for part in found):
            yield f"{path}{name}", Annotated[field.annotation, field], field  # type: ignore[name-defined]


NUMBERS = {
    f"{model.__name__}.{path}": TypeAdapter(annotation)
    for model in MODELS
    for path, annotation, _ in keys(model)
    # Checked as text, see `thousandths`.
    if not path.endswith("_thousandths")
}


def numbers_in(value: Any) -> list[float]:
    if isinstance(value, (list, tuple)):
        return [number for part in value for number in numbers_in(part)]
    return [value] if isinstance(value, (int, float)) else []


def test_there_are_numbers() -> None:
    assert len(NUMBERS) > 90
    assert {"RunConfig.ladder.ranges.most", "SearchSpace.stages.depth", "RunConfig.seed"} <= set(NUMBERS)


@pytest.mark.parametrize("key", NUMBERS)
def test_every_number_is_finite_bounded_and_no_boolean(key: str) -> None:
    adapter = NUMBERS[key]
    for odd in ODD:
        for value in (odd, [odd], [odd, odd]):
            try:
                found = adapter.validate_python(value)
            except (ValidationError, ScaleNetError):
                continue
            assert not isinstance(odd, bool) and odd != "true", (key, value, found)
            for number in numbers_in(found):
                assert abs(number) < 2**63 if isinstance(number, int) else 1e-30 <= abs(number) <= 1e30


@pytest.mark.parametrize("key", [path for path, _, _ in keys(RunConfig) if "ranges" not in path])
@pytest.mark.parametrize("text", [".inf", "-.inf", ".nan", "1e400", "true", "12:30:45", "9" * 4000])
def test_every_key_of_a_configuration_refuses_what_is_no_number(key: str, text: str) -> None:
    with pytest.raises(ScaleNetError) as error:
        load_config("smoke", [f"{key}={text}"])
    assert len(str(error.value)) < 2000


def test_accepted_numbers_can_be_written_as_json() -> None:
    for name in ("smoke", "imagenet"):
        json.dumps(load_config(name).model_dump(mode="json"), allow_nan=False)


@pytest.mark.parametrize("key", ["supernet.clip_norm", "members.clip_norm", "supernet.checkpoint_minutes"])
def test_never_is_0(key: str) -> None:
    section, name = key.split(".")
    assert getattr(getattr(load_config("smoke", [f"{key}=0"]), section), name) == 0

"""Values that a user builds: their errors are those of the library, with a line for each field."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from scalenet_tf.config import RunConfig
from scalenet_tf.errors import InvalidInputError
from scalenet_tf.space import Op, SearchSpace, Stage


def test_a_value_without_its_fields_names_each_of_them() -> None:
    with pytest.raises(InvalidInputError) as caught:
        SearchSpace()  # type: ignore[call-arg]
    first, *fields = str(caught.value).split("\n")
    assert first == "SearchSpace(…) is not valid:"
    assert fields[0] == "`name`: Field required." and len(fields) == 6


def test_a_wrong_field_is_named_with_what_was_received() -> None:
    with pytest.raises(InvalidInputError, match=r"`kernel`: .*valid integer.*Received: 'wide'$"):
        Op(kernel="wide", expansion=2)  # type: ignore[arg-type]
    with pytest.raises(InvalidInputError, match=r"\n`kernel` must be odd.*Received: 4\.$"):
        Op(kernel=4, expansion=2)
    with pytest.raises(InvalidInputError, match=r"`steps`: Extra inputs are not permitted"):
        RunConfig(steps=3)  # type: ignore[call-arg]


def test_the_place_of_an_error_inside_is_kept() -> None:
    with pytest.raises(InvalidInputError, match=r"`ops\.1`: .*such as"):
        Stage(depth=(1, 2), stride=1, width=8, ops=("k3e2", "wide"))  # type: ignore[arg-type]


def test_validation_keeps_the_errors_of_pydantic() -> None:
    with pytest.raises(ValidationError):
        Op.model_validate({"kernel": 4, "expansion": 2})

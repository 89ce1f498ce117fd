"""What a compression may be asked for."""

from __future__ import annotations

import pytest

from scalenet_tf.compress import METHODS, CompressOptions
from scalenet_tf.compress.options import check_method
from scalenet_tf.errors import ScaleNetError


def test_options_that_are_none_are_the_defaults() -> None:
    assert CompressOptions.of(epochs=None, seed=3) == CompressOptions(seed=3)


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ({"sparsity": 1.5}, r"`sparsity` of a compression: .*less than 1.*Received: 1\.5"),
        ({"epochs": 0}, r"`epochs` of a compression: .*greater than or equal to 1.*Received: 0"),
        ({"epoch": 2}, r"`epoch` of a compression: .*Did you mean 'epochs'\?"),
    ],
)
def test_a_wrong_option_is_named(values: dict[str, float], text: str) -> None:
    with pytest.raises(ScaleNetError, match=text):
        CompressOptions.of(**values)


def test_a_method_is_one_of_those_there_are() -> None:
    assert [check_method(method) for method in METHODS] == list(METHODS)
    with pytest.raises(ScaleNetError, match=r"`method` must be one of .*Did you mean 'qat-int8'\?"):
        check_method("qat_int8")

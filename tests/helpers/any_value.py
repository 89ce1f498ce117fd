"""Random values of any of the project's types, as hypothesis draws them."""

from __future__ import annotations

import types
import typing
from typing import Any, TypeVar

from hypothesis import strategies as st
from pydantic import JsonValue

from scalenet_tf.compress.options import CompressOptions
from scalenet_tf.config import Recipe
from scalenet_tf.presets import load_space
from scalenet_tf.sampling import draw_subnet
from scalenet_tf.space import BaseArchitecture, Scaling, SearchSpace, Subnet
from scalenet_tf.utils.value import Value

Kind = TypeVar("Kind", bound=Value)

SPACE = load_space("small")
_SEEDS = st.integers(0, 5)
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(0, 9) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner, max_size=2),
    max_leaves=5,
)
# Types that hold to rules of their own.
_OWN: dict[Any, st.SearchStrategy[Any]] = {
    int: st.integers(0, 2**53),
    float: st.floats(allow_nan=False, allow_infinity=False),
    str: st.text(max_size=10),
    type(None): st.none(),
    JsonValue: _JSON,
    SearchSpace: st.integers(2, 9).map(lambda classes: SPACE.for_data(1, classes)),
    BaseArchitecture: _SEEDS.map(lambda seed: draw_subnet(SPACE, seed, 0).base),
    Scaling: st.builds(Scaling, **dict.fromkeys(Scaling.model_fields, st.integers(1, 3000))),
    Subnet: _SEEDS.map(lambda seed: draw_subnet(SPACE, seed, 0).subnet),
    Recipe: st.builds(Recipe, epochs=st.integers(1, 9), learning_rate=st.floats(0.01, 1)),
    CompressOptions: st.builds(CompressOptions, epochs=st.integers(1, 9), seed=st.none() | st.just(3)),
}


def any_value(kind: type[Kind]) -> st.SearchStrategy[Kind]:
    """A value of a type, each field drawn by its own type."""
    if kind in _OWN:
        return _OWN[kind]
    hints = typing.get_type_hints(kind)
    fields = {
        field.alias or name: any_of(hints[name]) for name, field in kind.model_fields.items() if name in hints
    }
    return st.builds(kind, **fields)


def any_of(hint: Any) -> st.SearchStrategy[Any]:
    """Anything that a type hint allows; collections hold one to three things."""
    if hint in _OWN:
        return _OWN[hint]
    origin, given = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        return st.one_of([any_of(each) for each in given])
    if origin is typing.Literal:
        return st.sampled_from(given)
    if origin is tuple and Ellipsis not in given:
        return st.tuples(*map(any_of, given))
    if origin is tuple:
        return st.lists(any_of(given[0]), min_size=1, max_size=3).map(tuple)
    if origin is dict:
        return st.dictionaries(any_of(given[0]), any_of(given[1]), min_size=1, max_size=3)
    return any_value(hint)

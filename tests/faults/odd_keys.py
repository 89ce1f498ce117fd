"""The class of odd values in every key of a configuration."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from scalenet_tf.config import RunConfig, parse_config, update_config
from scalenet_tf.errors import ScaleNetError
from tests.faults.attempt import ERROR, NAMELESS, OTHER, UNAFFECTED, Attempt, Outcome
from tests.faults.workshop import Workshop
from tests.helpers.odd_texts import ODD, dotted

SHARE = 25  # of the attempts that the suite makes
MOST_TEXT = 6000
# How a value comes into a configuration.
FORMS = {
    "--set": lambda key, value: parse_config("", [f"{key}={value}"]),
    "quoted": lambda key, value: parse_config("", [f"{key}={value!r}"]),
    "file": lambda key, value: parse_config(_nested(key, value)),
    "block": lambda key, value: parse_config(_nested(key, f"|\n        {value}")),
}


# Values that a Python program may pass.
OBJECTS: dict[str, object] = {
    **{"nan": math.nan, "inf": math.inf, "-inf": -math.inf, "-0.0": -0.0, "5e-324": 5e-324, "1e308": 1e308},
    **{"10**400": 10**400, "-1": -1, "2**63": 2**63, "True": True, "None": None, "complex": 1j},
    **{"bytes": b"\xff", "set": {1}, "tuple": (1, 2), "list": [], "mapping": {}, "object": object()},
    **{"path": Path("x"), "zero byte": "a\0b", "surrogate": "\udc80", "long": "x" * 10**6, "function": len},
    **{"NumPy nan": np.float64("nan"), "NumPy": np.int64(3), "array": np.arange(3), "own": [1, [2, [3]]]},
}


def odd_keys(shop: Workshop) -> Iterator[Attempt]:
    """Yields an attempt for each key of a configuration, odd text, and form in which it is given."""
    for key in sorted(dotted(RunConfig)):
        for number, value in enumerate(ODD):
            for form in FORMS:
                name = f"{key} | {form} | {number} {value[:20]!a}"
                if not shop.small or shop.rng(name).randrange(SHARE * 4) == 0:
                    yield Attempt(name, lambda k=key, v=value, f=form: _outcome(k, lambda: FORMS[f](k, v)))

        for kind in OBJECTS:
            name = f"{key} | Python | {kind}"
            if not shop.small or shop.rng(name).randrange(SHARE) == 0:
                yield Attempt(name, lambda k=key, o=kind: _outcome(k, lambda: _updated(k, OBJECTS[o])))


def _updated(key: str, value: object) -> RunConfig:
    for name in reversed(key.split(".")):
        value = {name: value}
    return update_config(RunConfig(), value)  # type: ignore[arg-type]


def _outcome(key: str, act: Callable[[], RunConfig]) -> Outcome:
    try:
        config = act()
    except ScaleNetError as error:
        text = str(error)
        if len(text) > MOST_TEXT:
            return Outcome(OTHER, f"an error of {len(text)} characters")
        # An error about the whole text, such as one of YAML, names a place or the text in its stead.
        named = key in text or "line " in text or "YAML" in text or "must be text" in text
        return Outcome(ERROR if named else NAMELESS, text)
    again = parse_config(config.to_yaml())
    return Outcome(UNAFFECTED) if again == config else Outcome(OTHER, f"read back as {again}"[:300])


def _nested(key: str, value: str) -> str:
    *sections, name = key.split(".")
    lines = [f"{'  ' * depth}{section}:" for depth, section in enumerate(sections)]
    return "\n".join([*lines, f"{'  ' * len(sections)}{name}: {value}"])

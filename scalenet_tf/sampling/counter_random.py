"""Random numbers as a hash of their position, so that any of them can be had without those before it."""

from __future__ import annotations

import numpy as np


def uniform(seed: int, step: np.ndarray | np.uint64, position: np.ndarray) -> np.ndarray:
    """Returns a uniform number in [0, 1) per (step, position): 53 bits of a hash of both and the seed.

    Args:
      seed: Seed, at least 0.
      step: uint64, broadcastable with `position`.
      position: Integers at least 0, the number's place among those of its step.
    """
    # Each level is hashed before the next is added, so neighbouring seeds, steps and positions are unrelated.
    stream = _mix(np.array(seed & 0xFFFFFFFFFFFFFFFF, np.uint64))
    bits = _mix(_mix(stream + step) + position.astype(np.uint64))
    return (bits >> np.uint64(11)) * 2.0**-53


def _mix(value: np.ndarray) -> np.ndarray:
    """Applies the step and finaliser of the SplitMix64 generator (Steele, Lea and Flood, 2014), mod 2^64."""
    value = value + np.array([0x9E3779B97F4A7C15], np.uint64)
    value = (value ^ (value >> np.uint64(30))) * np.array([0xBF58476D1CE4E5B9], np.uint64)
    value = (value ^ (value >> np.uint64(27))) * np.array([0x94D049BB133111EB], np.uint64)
    return value ^ (value >> np.uint64(31))

"""What the random numbers of one seed are drawn for."""

from __future__ import annotations

from enum import IntEnum, unique


@unique
class Purpose(IntEnum):
    """Keeps the draws of one seed apart: a NumPy generator is seeded with [seed, purpose, further numbers].

    None is 0: NumPy takes [seed, 3] and [seed, 3, 0] for the same, so that two purposes which differ in
    trailing zeros alone would draw alike. Hierarchical sampling hashes (seed, step) in a way of its own.
    """

    TEST_SPLIT = 1
    VALIDATION_SPLIT = 2
    ORDER = 3
    AUGMENTATION = 4
    CALIBRATION = 5
    POOL = 6
    EVOLUTION = 7
    STEM = 8
    FIRST_BLOCK = 9
    LATER_BLOCKS = 10
    HEAD = 11
    CLASSIFIER = 12
    MEMBER = 13
    DROPOUT = 14
    MEMBER_AUGMENTATION = 15
    RECORDS = 16
    RESTART = 17
    TRAIN_PART = 18

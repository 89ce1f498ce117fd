"""Independent streams of random numbers from one seed."""

from __future__ import annotations

from enum import IntEnum, unique


@unique
class RandomStream(IntEnum):
    """Use of a random stream: a NumPy generator is seeded with [seed, stream, further numbers].

    No stream is 0, because NumPy treats [seed, 3] and [seed, 3, 0] as the same seed. Hierarchical sampling
    has its own hash of (seed, step) instead.
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
    TRAINING_POOL = 19
    OWN_AUGMENTATION = 20
    SAMPLES = 21
    IMAGES_OF_SPLIT = 22

from __future__ import annotations

import numpy as np

from scalenet_tf.utils.random_streams import RandomStream


def test_no_two_streams_draw_alike_whatever_numbers_follow() -> None:
    tails = ([], [0], [0, 0], [1], [3], [1, 0])
    draws: dict[float, RandomStream] = {}
    for seed in (0, 3):
        for stream in RandomStream:
            for tail in tails:
                draw = np.random.default_rng([seed, stream, *tail]).random()
                assert draws.setdefault(draw + seed, stream) == stream

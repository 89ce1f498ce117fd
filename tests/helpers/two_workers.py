"""Run by test_two_workers.py, in a process for each worker: steps of `shared_batch.Trainer`.

two_workers.py slot float32 1 result.npz
"""

from __future__ import annotations

import sys

import numpy as np
import tensorflow as tf

tf.config.experimental.enable_op_determinism()

from scalenet_tf.distribute.strategy import training_strategy  # noqa: E402
from tests.helpers.shared_batch import Trainer, compute_in  # noqa: E402

if __name__ == "__main__":
    sharing, dtype, steps, file = sys.argv[1:]
    compute_in(dtype)
    trainer = Trainer(training_strategy("auto"), dtype, sharing="slot" if sharing == "slot" else "op")
    results = trainer.train(int(steps))
    np.savez(file, results=np.array(results, np.float64), **trainer.state())

"""Loading the trained super-supernet of a run."""

from __future__ import annotations

from pathlib import Path

import tensorflow as tf

from scalenet_tf.errors import DamagedFileError, first_line
from scalenet_tf.models.supernet import SuperSupernet, weights_digest
from scalenet_tf.run import Run
from scalenet_tf.run.given_run import given_run
from scalenet_tf.run.supernet_done import require_supernet_done
from scalenet_tf.training.checkpoint import DAMAGE, weights_of
from scalenet_tf.training.checkpoint_files import checkpoints_in
from scalenet_tf.training.stated_sharing import check_checkpoint, check_sharing


def load_supernet(run: Run | str | Path, *, averaged: bool = True) -> SuperSupernet:
    """Loads the trained super-supernet of a run, in the current strategy.

    Args:
      run: Run whose super-supernet is trained, or its path.
      averaged: Whether to load the moving average of the weights, if the run keeps one, or the last weights.

    Raises:
      ScaleNetError: If the training is not finished, or the files do not hold the weights it ended with.

    Example:
      >>> net = load_supernet("runs/first")
    """
    run = given_run(run)
    done = require_supernet_done(run)
    space = run.space().for_data(done.channels, done.classes)
    sharing = run.config.supernet.sharing
    check_sharing(str(run.supernet_done_file), done.sharing, sharing)
    supernet = SuperSupernet(space, run.config.seed, sharing)
    keeps_average = run.config.supernet.ema_decay > 0
    averaged = averaged and keeps_average
    expected = done.last_weights_digest if keeps_average and not averaged else done.weights_digest
    reader = tf.train.Checkpoint(**{"average" if averaged else "weights": weights_of(supernet)})
    there = [path for path in checkpoints_in(run.supernet) if Path(f"{path}.index").is_file()]
    path = there[-1] if there else None
    if path is not None:
        try:
            check_checkpoint(path, sharing)
            reader.restore(path).expect_partial()
        except DAMAGE as error:
            raise DamagedFileError(
                f"the checkpoint {path!r}, the end of the training, is damaged ({first_line(error)}). Put "
                f"its files back, or delete {str(run.supernet_done_file)!r} and repeat the last steps "
                f"with: {run.command('train')}"
            ) from error
    # Weights that the file lacks keep their initial values: the digest tells.
    if path is None or weights_digest(supernet) != expected:
        raise DamagedFileError(
            f"{str(run.supernet)!r} does not hold the weights that the training ended with (digest "
            f"{expected}). Put its files back, or move that folder away and train again."
        )
    return supernet

"""The training of the super-supernet, from top to bottom."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import tensorflow as tf

from scalenet_tf import files
from scalenet_tf.checks import check_run
from scalenet_tf.data import DataSet, open_data
from scalenet_tf.errors import ScaleNetError
from scalenet_tf.provenance import environment, provenance
from scalenet_tf.run import Run
from scalenet_tf.sampling import draw_resolutions, draw_subnet
from scalenet_tf.space import SearchSpace
from scalenet_tf.stopping import deferred_stop
from scalenet_tf.stopwatch import Stopwatch
from scalenet_tf.strategy import make_strategy
from scalenet_tf.subnet_code import encode_subnet
from scalenet_tf.supernet import SuperSupernet, weights_digest
from scalenet_tf.training.checkpoint import Checkpoints, Position
from scalenet_tf.training.log import TrainingLog
from scalenet_tf.training.precision import make_loss_scale
from scalenet_tf.training.schedule import cosine_with_warmup
from scalenet_tf.training.step import TrainStep, make_optimizer, make_train_step
from scalenet_tf.training.window import Window, diverged


def train_supernet(run: Run) -> Path:
    """Trains the super-supernet of a run; resumes, and skips a training that is done.

    Each step draws one subnet by hierarchical sampling and trains its slice of the weights, on the
    batch of that step at the subnet's resolution. Both depend on (seed, step) alone, so a resumed
    training is the very same one.

    Args:
      run: The run; its folder `supernet` receives checkpoints, log.jsonl and done.json.

    Returns:
      The path of done.json.

    Raises:
      ScaleNetError: for data or a space that cannot be used, or where the training diverges twice.
      KeyboardInterrupt: on Ctrl-C or SIGTERM, after saving.

    Example:
      >>> train_supernet(Run.open_or_create("runs/first", load_config("quickstart")))
    """
    done = run.supernet / "done.json"
    if done.is_file():
        print(f"super-supernet: trained already, {done}")
        return done
    watch = Stopwatch(run.supernet / "seconds.json")
    strategy = make_strategy(run.config.strategy, run.config.tpu)
    seed = run.config.seed
    data = open_data(run)
    space = run.space()
    check_run(run.config, space, data.info.counts["train"])
    with strategy.scope():
        supernet = SuperSupernet(space, seed, dtype=run.config.supernet.precision)
        optimizer = make_optimizer(supernet, run.config.supernet)
        loss_scale = make_loss_scale(run.config.supernet.precision)
    config = run.config.supernet
    checkpoints = Checkpoints(run.supernet, supernet, optimizer, config.steps, config.log_steps, loss_scale)
    position = checkpoints.restore()
    if position is None:
        position = Position()
        checkpoints.save(position, milestone=True)  # so that a roll-back always has where to go
    resumed_at = position.step
    with TrainingLog(run.supernet, config.steps, resumed_at, watch) as log:
        if data.info.skipped:
            log.say(f"data: {data.info.skipped} images could not be decoded and are left out")
        if resumed_at:
            log.say(f"super-supernet: going on from step {resumed_at}")
        batches = _batches(run, data, space, strategy)
        spec = batches(resumed_at).element_spec
        step = make_train_step(
            supernet, optimizer, strategy, config, spec, loss_scale=loss_scale, say=log.say
        )
        scaling = (lambda: {}) if loss_scale is None else loss_scale.row
        position = _train(run, space, step, batches, checkpoints, position, log, scaling)
    files.write_json(
        done,
        {
            "schema": 1,
            "steps": position.step,
            "rollbacks": position.rollbacks,
            "channels": space.channels,
            "classes": space.classes,
            "weights_digest": weights_digest(supernet),
            "provenance": provenance(run, data=data.info.digest),
            "environment": environment(watch.seconds, resumed_at_step=resumed_at),
        },
    )
    return done


Batches = Callable[[int], tf.distribute.DistributedDataset]


def _batches(run: Run, data: DataSet, space: SearchSpace, strategy: tf.distribute.Strategy) -> Batches:
    """From a step to the distributed batches of that step and all later ones."""
    config, seed = run.config.supernet, run.config.seed
    resolutions = draw_resolutions(space, seed, config.steps, config.stage_weights)

    def batches(step: int) -> tf.distribute.DistributedDataset:
        return strategy.distribute_datasets_from_function(
            lambda context: data.training_batches(
                batch_size=config.batch_size,
                seed=seed,
                resolutions=resolutions,
                start_step=step,
                augmentation=run.config.data.augmentation,
                input_context=context,
            )
        )

    return batches


def _train(
    run: Run,
    space: SearchSpace,
    train_step: TrainStep,
    batches: Batches,
    checkpoints: Checkpoints,
    position: Position,
    log: TrainingLog,
    scaling: Callable[[], dict[str, float | int]],
) -> Position:
    """Runs every step that is left; saves at fixed steps, and between them by time and when asked to stop."""
    config, seed = run.config.supernet, run.config.seed
    with deferred_stop() as stop:
        iterator = iter(batches(position.step))
        window, saved = Window(config.batch_size, position.window), time.monotonic()
        while position.step < config.steps:
            draw = draw_subnet(space, seed, position.step, config.stage_weights)
            schedule = (config.steps, config.learning_rate, config.warmup_steps)
            rate = position.rate_factor * cosine_with_warmup(position.step, *schedule)
            images, labels = next(iterator)
            code = encode_subnet(space, draw.subnet)
            window.add(draw.stage, train_step(images, labels, code, tf.constant(rate, tf.float32)))
            position.step += 1
            log.advance()
            last = position.step == config.steps
            if last or position.step % config.log_steps == 0:
                row = window.row(position.step, rate)
                window = Window(config.batch_size)
                if diverged(row, space.classes):
                    position = _roll_back(checkpoints, position, log)
                    iterator = iter(batches(position.step))
                    window = Window(config.batch_size, position.window)
                    continue
                log.write(row | scaling())
            milestone = last or position.step % config.checkpoint_steps == 0
            late = time.monotonic() - saved > 60 * config.checkpoint_minutes
            if milestone or late or stop.received is not None:
                begun, numbers = time.monotonic(), window.numbers()
                # What is not finite is never saved: the end of its window sees to it, after a resume too.
                if np.isfinite(numbers).all():
                    checkpoints.save(replace(position, window=numbers), milestone)
                    saved = time.monotonic()
                    window.begun += saved - begun
            if stop.received is not None:
                log.say(f"super-supernet: saved at step {checkpoints.step} of {config.steps}")
                stop.raise_if_received()
    return position


def _roll_back(checkpoints: Checkpoints, lost: Position, log: TrainingLog) -> Position:
    """Goes back to the last milestone at half the learning rate; once."""
    if lost.rollbacks:
        raise ScaleNetError(
            f"the super-supernet's training diverged at step {lost.step}, again, after a roll-back at half "
            "the rate. Begin a new run with a lower supernet.learning_rate, a longer supernet.warmup_steps "
            "or a smaller supernet.clip_norm."
        )
    position = checkpoints.restore_milestone()
    position = replace(position, rate_factor=position.rate_factor / 2, rollbacks=1)
    checkpoints.save(position, milestone=True)
    log.rewind(position.step)
    log.say(
        f"super-supernet: diverged at step {lost.step}; going on from step {position.step} at "
        f"{position.rate_factor:g} times the learning rate"
    )
    return position

"""The training loop of the super-supernet."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable
from contextlib import ExitStack, nullcontext
from dataclasses import replace
from pathlib import Path

import numpy as np
import tensorflow as tf

from scalenet_tf.config import RunConfig
from scalenet_tf.data import DataSet, load_ahead, open_data
from scalenet_tf.data.damage import damage_named
from scalenet_tf.distribute.strategy import check_batch, training_strategy
from scalenet_tf.distribute.workers import SHARED, Workers
from scalenet_tf.errors import InvalidInputError
from scalenet_tf.models.layer_precision import policy_of
from scalenet_tf.models.supernet import SuperSupernet, weights_digest
from scalenet_tf.run import Run
from scalenet_tf.run.given_run import given_run
from scalenet_tf.run.locks import TRAIN, step_lock
from scalenet_tf.run.progress_rows import TrainingRow
from scalenet_tf.run.provenance import provenance
from scalenet_tf.run.supernet_done import SupernetDone, TrainingEnvironment
from scalenet_tf.run.warm_start import WarmStart
from scalenet_tf.sampling import TrainingDraws
from scalenet_tf.space import SearchSpace
from scalenet_tf.training.checkpoint import Checkpoints, Position
from scalenet_tf.training.ema import WeightAverage
from scalenet_tf.training.log import ProgressLog, TrainingLog, WorkerLog
from scalenet_tf.training.log_window import Window, diverged
from scalenet_tf.training.loss_scale import make_loss_scale
from scalenet_tf.training.milestones import is_milestone, roll_back
from scalenet_tf.training.optimizer import cosine_with_warmup
from scalenet_tf.training.sandwich import DrawStep, make_draw_step
from scalenet_tf.training.train_step import StepParts, make_optimizer
from scalenet_tf.utils.signals import deferred_stop, raise_for
from scalenet_tf.utils.stopwatch import Stopwatch
from scalenet_tf.utils.value_file import write_value

logger = logging.getLogger(__name__)

# Takes the configuration, the space, the number of training images, and the warm start of the search.
Check = Callable[[RunConfig, SearchSpace, int, WarmStart | None], None]
OnRow = Callable[[TrainingRow], None]


def train_supernet(run: Run | str | Path, check: Check | None = None, on_row: OnRow | None = None) -> Path:
    """Trains the super-supernet of a run; resumes a training that was interrupted, and skips a finished one.

    Each step draws one subnet by hierarchical sampling and trains its slice of the weights on a batch at the
    subnet's resolution; with `supernet.sandwich`, also the largest and the smallest subnet. Subnets and
    batches depend on (seed, step) alone, so that a resumed training gives the same result. With several
    workers, each of them calls this function: they share every batch, and only the chief writes.

    Args:
      run: The run, or the path of its directory. Its folder `supernet` receives checkpoints, log.jsonl and
        done.json.
      check: Called before the first step, to raise ScaleNetError for what a later job step cannot work with.
      on_row: Called by the chief with each row of the log, every `supernet.log_steps` steps.

    Returns:
      The path of done.json.

    Raises:
      ScaleNetError: If the data or the space cannot be used, another process trains in the run, or the
        training diverges twice.
      KeyboardInterrupt: On Ctrl-C or SIGTERM, after saving.

    Example:
      >>> train_supernet(Run.open_or_create("runs/first", load_config("quickstart")))
    """
    run = given_run(run)
    done = run.supernet_done_file
    if done.is_file():
        logger.info("super-supernet: trained already, %s", done)
        return done
    watch = Stopwatch(run.supernet_seconds_file)
    strategy = training_strategy(run.config.strategy, run.config.tpu)
    check_batch(strategy, run.config.supernet.batch_size)
    workers = Workers.of(strategy)
    alone = step_lock(run.path, TRAIN) if workers.chief else nullcontext()
    with workers.losses_explained(run.command("train")), alone:
        result = _train_from_where_it_stands(run, strategy, workers, watch, check, on_row)
        if workers.chief:
            write_value(done, result)
        workers.exchange(0)  # so that it is there when any of them goes on
    return done


def _train_from_where_it_stands(
    run: Run,
    strategy: tf.distribute.Strategy,
    workers: Workers,
    watch: Stopwatch,
    check: Check | None,
    on_row: OnRow | None,
) -> SupernetDone:
    """Starts or resumes the training; returns the content of done.json."""
    seed = run.config.seed
    if not workers.chief:
        load_ahead(run)
    data = workers.chief_first(lambda: _open(run, workers))
    space = run.space()
    if check is not None:
        check(run.config, space, data.info.counts["train"], run.warm_start())
    config = run.config.supernet
    with strategy.scope():
        supernet = SuperSupernet(space, seed, config.sharing, dtype=policy_of(config.precision))
        optimizer = make_optimizer(supernet, config)
        loss_scale = make_loss_scale(config.precision)
        average = None
        if config.ema_decay:
            average = WeightAverage(supernet.trainable_variables, config.ema_decay)
    checkpoints = Checkpoints(
        run.supernet, supernet, optimizer, config.steps, config.log_steps, average, loss_scale, workers.chief
    )
    position = checkpoints.restore()
    workers.check_same("the newest checkpoint is of step", -1 if position is None else position.step)
    if position is None:
        position = Position()
        checkpoints.save(position, milestone=True)  # so that a roll-back always has where to go
    resumed_at = position.step
    with ExitStack() as stack:
        log: ProgressLog = WorkerLog(workers.index)
        if workers.chief:
            log = stack.enter_context(TrainingLog(run.supernet, config.steps, resumed_at, watch, on_row))
        if data.info.skipped:
            log.say(
                f"data: {data.info.skipped} images could not be decoded and are left out", logging.WARNING
            )
        if resumed_at:
            log.say(f"super-supernet: going on from step {resumed_at}")
        draws = TrainingDraws(space, seed, config.draw, config.stage_weights)
        stack.enter_context(damage_named(data))
        batches = _batches(run, data, draws, strategy)
        spec = batches(resumed_at).element_spec
        parts = StepParts(
            supernet, optimizer, strategy, config, average, loss_scale, say=log.say, task=run.config.task
        )
        step = make_draw_step(parts, spec)
        scaling = (lambda: {}) if loss_scale is None else loss_scale.row
        position = _train(run, draws, step, batches, checkpoints, position, log, workers, scaling)
    return SupernetDone(
        steps=position.step,
        rollbacks=position.rollbacks,
        sharing=config.sharing,
        channels=space.channels,
        classes=space.classes,
        **_digests(supernet, average),
        provenance=provenance(run, data=data.info.digest),
        environment=TrainingEnvironment.now(watch.seconds, resumed_at_step=resumed_at, workers=workers.count),
    )


def _open(run: Run, workers: Workers) -> DataSet:
    """Opens the data of the run; a worker needs the chief's data.json."""
    if not workers.chief and not run.data_file.is_file():
        raise InvalidInputError(f"{str(run.data_file)!r} is not there, which the chief has written. {SHARED}")
    return open_data(run, joining=not workers.chief)


def _digests(supernet: SuperSupernet, average: WeightAverage | None) -> dict[str, str]:
    """Digests of the weights for evaluation and, with a moving average, of the last weights too."""
    last = weights_digest(supernet)
    if average is None:
        return {"weights_digest": last}
    average.put_into(supernet.trainable_variables)
    return {"weights_digest": weights_digest(supernet), "last_weights_digest": last}


Batches = Callable[[int], tf.distribute.DistributedDataset]


def _batches(run: Run, data: DataSet, draws: TrainingDraws, strategy: tf.distribute.Strategy) -> Batches:
    """Returns a function from a step to the distributed batches from that step on."""
    config = run.config.supernet
    resolutions = draws.resolutions(config.steps, config.sandwich)

    def batches(step: int) -> tf.distribute.DistributedDataset:
        return strategy.distribute_datasets_from_function(
            lambda context: data.training_batches(
                batch_size=config.batch_size,
                seed=draws.seed,
                resolutions=resolutions,
                start_step=step,
                augmentation=run.config.data.augmentation,
                input_context=context,
            )
        )

    return batches


def _train(
    run: Run,
    draws: TrainingDraws,
    train_step: DrawStep,
    batches: Batches,
    checkpoints: Checkpoints,
    position: Position,
    log: ProgressLog,
    workers: Workers,
    scaling: Callable[[], dict[str, float | int]],
) -> Position:
    """Runs the remaining steps; saves at fixed steps, after some time between them, and when stopped."""
    config = run.config.supernet
    with deferred_stop() as stop:
        iterator = iter(batches(position.step))
        window, saved = Window(config.batch_size, position.window), time.monotonic()
        while position.step < config.steps:
            draw = draws.at(position.step)
            schedule = (config.steps, config.learning_rate, config.warmup_steps)
            rate = position.rate_factor * cosine_with_warmup(position.step, *schedule)
            images, labels = next(iterator)
            window.add(draw.scaling_stage, train_step(images, labels, draw, tf.constant(rate, tf.float32)))
            position.step += 1
            log.advance()
            last = position.step == config.steps
            if last or position.step % config.log_steps == 0:
                row = window.row(position.step, rate)
                if diverged(row, draws.space.classes, run.config.task):
                    position = roll_back(checkpoints, position, log, workers)
                    iterator = iter(batches(position.step))
                    window = Window(config.batch_size, position.window)
                    continue
                log.write(row.model_copy(update=scaling()))
                # Begun here, so that the time of those who follow the log is not the steps'.
                window = Window(config.batch_size)
            due = position.step % config.checkpoint_steps == 0
            milestone = last or is_milestone(position.step, config)
            # 0 for never.
            interval = 60 * config.checkpoint_minutes or math.inf
            signal, late = workers.agree(stop.received, late=time.monotonic() - saved > interval)
            if due or milestone or late or signal is not None:
                begun, numbers = time.monotonic(), window.numbers()
                # Numbers that are not finite are never saved: the end of the window deals with them.
                if np.isfinite(numbers).all():
                    checkpoints.save(replace(position, window=numbers), milestone)
                    saved = time.monotonic()
                    window.begun += saved - begun
            if signal is not None:
                log.say(f"super-supernet: saved at step {checkpoints.step} of {config.steps}")
                workers.exchange(0)  # the chief has saved before any of them is gone
                raise_for(signal)
        # One that came while the last step was saved.
        signal, _ = workers.agree(stop.received, late=False)
        if signal is not None:
            raise_for(signal)
    return position

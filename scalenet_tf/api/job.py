"""`search_family`: the whole job in one call."""

from __future__ import annotations

import logging
import math
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from functools import partial
from numbers import Real
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scalenet_tf.api.begin import begin, named_objects
from scalenet_tf.api.call_data import check_goes_with, stored_source, with_data
from scalenet_tf.api.config_of_call import config_for_images, config_of_call, keys_of
from scalenet_tf.api.trained_family import TrainedFamily
from scalenet_tf.config import RunConfig, load_config, update_config
from scalenet_tf.distribute.cluster import read_cluster
from scalenet_tf.errors import InvalidInputError
from scalenet_tf.run import Run
from scalenet_tf.run.changed_keys import names_copied_files
from scalenet_tf.run.given_run import given_directory
from scalenet_tf.run.layout import OWN_SPACE, RunFolder
from scalenet_tf.run.locks import TRAIN, step_lock
from scalenet_tf.run.refused import removed_if_refused
from scalenet_tf.run.requested_space import requested_space
from scalenet_tf.run.work import check_free, holds_work
from scalenet_tf.sampling.feasible import check_base_budget
from scalenet_tf.space import Constraint, Objective, SearchSpace
from scalenet_tf.tracking.events import Events, check_callbacks
from scalenet_tf.tracking.notebook import NotebookProgress, in_notebook
from scalenet_tf.utils import files
from scalenet_tf.utils.directories import check_directory
from scalenet_tf.utils.log import enable_logging, silent
from scalenet_tf.utils.tf_setup import load_tensorflow

if TYPE_CHECKING:
    from scalenet_tf.data.given import GivenImages
    from scalenet_tf.members import MemberTraining
    from scalenet_tf.tracking import RunCallback


def search_family(
    data: GivenImages | str | Path | None = None,
    *,
    run: Run | str | Path = "runs/family",
    test_data: GivenImages | None = None,
    validation_data: GivenImages | None = None,
    class_names: Sequence[str] | None = None,
    config: str | Path | RunConfig | Mapping[str, Any] | None = None,
    space: str | Path | SearchSpace | None = None,
    max_macs: float | None = None,
    minutes: float | None = None,
    constraints: Sequence[Constraint] = (),
    objective: Objective | None = None,
    member_training: MemberTraining | None = None,
    callbacks: Sequence[RunCallback] = (),
    verbose: bool = True,
    **settings: Any,
) -> TrainedFamily:
    """Searches, trains and exports a family of image models.

    The call can be repeated: an interrupted one resumes where it stopped, and a finished one trains nothing.
    Images in memory are stored in the run, and compared with those the next time. It can also be resumed
    without them, by `search_family(run=...)` or `scalenet run --run ...`.

    While it runs, TensorFlow's operations are deterministic (`tf.config.experimental.enable_op_determinism`),
    unless `fast=True` is passed or there is a GPU; afterwards they are as before.

    Args:
      data: Training images: arrays (images, labels), a `tf.data.Dataset` of such pairs, batched or not, the
        path of a folder with one folder for each class, or a data source such as "tfds:fashion_mnist".
        Images are [N, H, W] or [N, H, W, 1 or 3] in 0..255, or floats in 0..1; those of several sizes are a
        list of arrays. Labels are classes 0, 1, …, one-hot, or names as strings; for `task="multi_label"`,
        multi-hot [N, classes] of 0 and 1, and a folder holds labels.csv. Default: the images of the run, or
        of the configuration.
      run: Directory of the run, which holds all results; or a run that exists.
      test_data: Images for the accuracy of the finished members. Default: a part of `data`.
      validation_data: Images for the score of the search. Default: a part of `data`.
      class_names: Names of the classes, in the order of their numbers. Labels that are names must be among
        them, and need them beside labels that are numbers. Default: those of `data`, by which other images
        with names are matched; otherwise "0", "1", …
      config: Name or path of a configuration, a `RunConfig`, or a dict of keys, beside which defaults hold.
        Default: that of the run, otherwise the shipped one that fits the images, see `proposed_config`.
      space: Search space, its name, or the path of its file. Default: that of the configuration.
      max_macs: Most multiply-adds of the largest member. Default: as the configuration and space say.
      minutes: Most minutes, about, that a new run may take on this device. Steps, rounds and epochs are
        shortened alike, and recorded in config.yaml. A run that has begun keeps its length: ask for more
        rounds without `minutes`. Default: as the configuration says.
      constraints: Callables of (subnet, scaling stage) that return True if the subnet is allowed. The run
        records their names and those of the next two, and needs the same ones when it is resumed.
      objective: Callable of (subnet, accuracy) that returns the value to maximise. Default: the accuracy.
      member_training: Keras callbacks and an own loss, metrics and augmentation for the members.
      callbacks: Objects that follow the run, each a `RunCallback`.
      verbose: Whether to show progress: log lines and bars, or one live table in a notebook.
      **settings: Keys of the configuration: `seed=1`, or dicts of a section's keys, such as
        `search={"rounds": 6}`, which may be raised later as long as there is no family yet. The name of the
        section `data` is taken, so its keys have dots: `**{"data.skip_corrupt": True}`.

    Returns:
      The trained family.

    Raises:
      ScaleNetError: If the images or settings cannot be used, the run was begun with others, or a step or a
        callback fails.

    Example:
      >>> family = search_family((x_train, y_train), test_data=(x_test, y_test), run="runs/mine", seed=1)
      >>> model = family["s2"].model
    """
    check_callbacks(callbacks)
    _check_alone()
    shown = verbose and in_notebook()
    if verbose and not logging.getLogger("scalenet_tf").hasHandlers():
        enable_logging("WARNING" if shown else "INFO")
    followers = (*callbacks, *([NotebookProgress()] if shown else []))
    folder = RunFolder(check_directory("run", given_directory(run)))
    chosen = _configuration(folder, config, settings)
    check_free(folder.path)
    given = {"test_data": test_data, "validation_data": validation_data}
    check_goes_with(data, given, class_names)
    begins = config is None and not folder.config_file.is_file()
    if begins and data is None and "data.source" not in settings:
        data = stored_source(folder)
    objects = named_objects(constraints, objective, member_training)
    own_files = config is None and space is None and not names_copied_files(keys_of(settings))
    # Held from before the images are stored, so that no other process stores its own there.
    with (
        nullcontext() if verbose else silent(),
        removed_if_refused(folder.path),
        step_lock(folder.path, TRAIN),
    ):
        chosen = with_data(folder, chosen, data, given, class_names)
        if begins:
            chosen = config_for_images(chosen, settings)
        chosen = _with_space(folder, chosen, space)
        if max_macs is not None:
            chosen = _within(chosen, max_macs)
        if minutes is not None:
            chosen = _shortened(folder, chosen, minutes)
        opened = begin(folder, chosen, objects, own_files=own_files)
        _run_steps(opened, constraints, objective, member_training, followers)
    return TrainedFamily(opened)


def _check_alone() -> None:
    """Raises ScaleNetError if TF_CONFIG names several workers, whose chief has to go on in a new process."""
    if read_cluster().several:
        raise InvalidInputError(
            "`search_family` trains in one process. Received: TF_CONFIG, which names several workers. Use "
            "`scalenet run` on each of them, or unset TF_CONFIG."
        )


def _run_steps(
    run: Run,
    constraints: Sequence[Constraint],
    objective: Objective | None,
    member_training: MemberTraining | None,
    callbacks: Sequence[RunCallback],
) -> None:
    from scalenet_tf.job import do_steps
    from scalenet_tf.members.step import check_training
    from scalenet_tf.steps import retrain, search, train
    from scalenet_tf.utils.tf_setup import determinism_restored, without_advice

    members = len(run.space().menus) + run.config.scale.extra_stages
    check_training(member_training, run.config.members.jobs, run.config.members, members)
    load_tensorflow()
    with determinism_restored(), without_advice():
        if member_training is not None:
            from scalenet_tf.members.own_parts import check_early

            check_early(run, member_training)
        given = {
            "train": partial(train, constraints=constraints, objective=objective),
            "search": partial(
                search, constraints=constraints, objective=objective, member_training=member_training
            ),
            "retrain": partial(retrain, member_training=member_training),
        }
        for _ in do_steps(run, given, callbacks):
            pass
    Events(run, callbacks).end()


def _configuration(
    folder: RunFolder, config: str | Path | RunConfig | Mapping[str, Any] | None, settings: Mapping[str, Any]
) -> RunConfig:
    """Returns the configuration that is asked for: by default that of a run that exists."""
    if config is None:
        config = Run.open(folder.path).config if folder.config_file.is_file() else load_config("quickstart")
    return config_of_call(config, settings)


def _with_space(folder: RunFolder, config: RunConfig, space: str | Path | SearchSpace | None) -> RunConfig:
    if space is None:
        return config
    if isinstance(space, SearchSpace):
        file = folder.path.absolute() / OWN_SPACE
        if not holds_work(folder.path) or not file.is_file():
            files.write_json(file, space.model_dump(mode="json"))
        elif files.read_json(file) != space.model_dump(mode="json"):
            raise InvalidInputError(
                f"the run {str(folder.path)!r} began with another `space`. Give that one, or another `run`."
            )
        space = file
    return update_config(config, {"space": str(space)})


def _within(config: RunConfig, most: float) -> RunConfig:
    """Returns the configuration with a base so small that the largest member has at most `most` MACs."""
    if isinstance(most, bool) or not (isinstance(most, Real) and 0 < most < math.inf):
        raise InvalidInputError(f"`max_macs` must be a number above 0, such as 4e8. Received: {most!r}")
    budget = requested_space(config).budget
    extra = config.scale.extra_stages
    last = len(requested_space(config).menus) - 1 + extra
    tolerance = config.scale.tolerance if extra else budget.stage_tolerance
    # A stage's own tolerance is around the base that was found, which has one too.
    base = int(most / (budget.growth**last * (1 + tolerance) * (1 + budget.base_tolerance)))
    changed = update_config(config, {"ladder": {"macs": max(base, 1)}})
    try:
        check_base_budget(requested_space(changed))
    except InvalidInputError as error:
        raise InvalidInputError(
            f"`max_macs` {most:,.0f} leaves {base:,} multiply-adds for S0, if S{last} is to have "
            f"{budget.growth:g}^{last} times as many. {error}"
        ) from error
    return changed


def _shortened(folder: RunFolder, config: RunConfig, minutes: float) -> RunConfig:
    """Returns the configuration with fewer steps, rounds and epochs, to take at most about some minutes."""
    load_tensorflow()
    from scalenet_tf.forecast.limit import run_settings_within
    from scalenet_tf.utils.tf_setup import determinism_restored, without_advice

    with determinism_restored(), without_advice():
        return update_config(config, run_settings_within(folder, config, minutes))

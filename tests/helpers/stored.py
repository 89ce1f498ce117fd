"""Values of a run's files, for runs that no step has made."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from scalenet_tf.config import recipe_of
from scalenet_tf.costs.macs import cost
from scalenet_tf.run import Run
from scalenet_tf.run.architecture import Architecture
from scalenet_tf.run.data_info import DataInfo
from scalenet_tf.run.export_digests import folder_digests
from scalenet_tf.run.exports import Format
from scalenet_tf.run.family import Family, Member, Origin, read_member
from scalenet_tf.run.layout import RunFolder
from scalenet_tf.run.metrics import ExportedFormat, MemberEnvironment, Metrics, trained_metrics
from scalenet_tf.run.provenance import Environment, provenance
from scalenet_tf.sampling import draw_subnet
from scalenet_tf.space import Scaling, Subnet
from scalenet_tf.utils.value_file import write_value


def info_of(channels: int = 1, classes: int = 10) -> DataInfo:
    """Facts of images that nothing reads."""
    return DataInfo(
        channels=channels,
        classes=classes,
        labels=tuple(f"class {number}" for number in range(classes)),
        image_size=28,
        counts={"train": 8000, "validation": 1000, "test": 1000},
        digest="d",
    )


def member_of(subnet: Subnet, stage: int = 0, origin: Origin = "extrapolated") -> Member:
    """A member that is exactly on its target."""
    counted = cost(subnet)
    return Member(
        name=f"s{stage}",
        stage=stage,
        scaling=Scaling.of(1, 1, subnet.resolution),
        subnet=subnet,
        num_blocks=subnet.num_blocks,
        macs=counted.macs,
        parameters=counted.parameters,
        target_macs=counted.macs,
        gap=0.0,
        origin=origin,
        search_score=None,
    )


def write_members(run: Run, *members: Member) -> Path:
    """Writes family.json with these members; its base is one of the run's space."""
    space = run.space()
    family = Family(
        space=space,
        base=draw_subnet(space, 0, 0).base,
        members=members,
        rule=None,
        provenance=provenance(run),
        environment=Environment.now(1.0),
    )
    return write_value(run.family_file, family)


def metrics_of(run: Run, accuracy: float = 0.5) -> Metrics:
    """Results of a member that was not exported yet."""
    return Metrics(
        epochs=1,
        validation_accuracy=accuracy,
        test_accuracy=accuracy,
        provenance=provenance(run),
        environment=MemberEnvironment.now(1.0),
    )


def write_results(run: Run, stage: int) -> None:
    """Writes what lies beside the weights of a trained member: architecture.json and metrics.json."""
    from scalenet_tf.data import open_data  # TensorFlow

    member, files, info = read_member(run, stage), run.member_files(stage), open_data(run).info
    recipe = recipe_of(run.config.members, stage)
    write_value(files.architecture, Architecture.of(member, info, recipe, provenance(run)))
    write_value(files.metrics, metrics_of(run))


def fill_weights(run: Run, stage: int, name: str, value: float) -> None:
    """Sets one array of a trained member's weights to a value, as if its training had ended with it."""
    from scalenet_tf.models.weights import digest_of  # TensorFlow

    files, metrics = run.member_files(stage), trained_metrics(run, stage)
    with np.load(files.weights) as arrays:
        weights = dict(arrays)
    weights[name] = np.full_like(weights[name], value)
    np.savez(files.weights, allow_pickle=False, **weights)
    digests = metrics.provenance.digests | {"weights": digest_of(weights)}
    changed = metrics.provenance.model_copy(update={"digests": digests})
    write_value(files.metrics, metrics.model_copy(update={"provenance": changed}))


def state_digests(run: RunFolder, saved_model: Path, stage: int = 0) -> None:
    """States the digests of the files in a folder as those of a member's SavedModel."""
    metrics = trained_metrics(run, stage)
    digests = {str(Format.saved_model): folder_digests(saved_model)}
    changed = metrics.environment.model_copy(update={"export_digests": digests})
    write_value(run.member_files(stage).metrics, metrics.model_copy(update={"environment": changed}))


def record_export(run: RunFolder, form: Format, stage: int = 0) -> None:
    """Records an export other than a SavedModel as an earlier version did, without digests."""
    metrics = trained_metrics(run, stage)
    found = ExportedFormat(images=1, largest_difference=0.0, tolerance=1e-4, bytes=10)
    changed = metrics.environment.model_copy(update={"formats": {str(form): found}})
    write_value(run.member_files(stage).metrics, metrics.model_copy(update={"environment": changed}))

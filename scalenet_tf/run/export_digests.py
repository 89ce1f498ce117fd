"""The files of an export, compared with the digests that metrics.json states for them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from scalenet_tf.errors import DamagedFileError, NotReadyError, ScaleNetError, first_line
from scalenet_tf.run.exports import Format, export_folder, model_file
from scalenet_tf.run.layout import RunFolder
from scalenet_tf.run.metrics import Metrics, read_metrics
from scalenet_tf.utils.digest import file_digest

Digests = Mapping[str, str]  # Digests of files, by their paths in a folder.


def folder_digests(folder: Path) -> dict[str, str]:
    """Returns the digest of each file in a folder, by its path in it."""
    found = sorted(file for file in folder.rglob("*") if file.is_file())
    return {file.relative_to(folder).as_posix(): file_digest(file) for file in found}


def find_damage(folder: Path, digests: Digests | None) -> str | None:
    """Compares the files in a folder with their digests.

    Args:
      folder: The folder. Files without a digest are not looked at.
      digests: Digest of each file; None in runs of earlier versions, which have none to compare with.

    Returns:
      What is wrong with the first file that differs, or None if all are as they were written.
    """
    for name, digest in (digests or {}).items():
        file = folder / name
        if not file.is_file():
            return f"{str(file)!r} is missing"
        found = file_digest(file)
        if found != digest:
            return (
                f"{str(file)!r} was changed after it was written: its digest is {found} instead of {digest}"
            )
    return None


def stated_digests(metrics: Metrics | None, form: Format) -> Digests | None:
    """Returns the digests of an export's files in a member's metrics.json, or None if it has none."""
    return None if metrics is None else (metrics.environment.export_digests or {}).get(str(form))


def check_export(run: RunFolder, stage: int, form: Format) -> Path:
    """Returns the folder of an export that is as it was written.

    Args:
      run: The run.
      stage: Scaling stage of the member, from 0.
      form: Format of the export.

    Raises:
      ScaleNetError: If the member is not exported in this format, or a file of the export is damaged.
    """
    folder = export_folder(run, stage, form)
    metrics = read_metrics(run, stage)
    if not folder.is_dir() or not _is_recorded(metrics, folder, form):
        raise NotReadyError(
            f"the member s{stage} of {str(run.path)!r} is not exported yet. Export it with: "
            f"{export_command(run, stage, form)}"
        )
    damage = find_damage(folder, stated_digests(metrics, form))
    if damage is not None:
        raise DamagedFileError(f"{damage}. Export it again with: {export_command(run, stage, form)}")
    return folder


def exported_formats(run: RunFolder, stage: int) -> list[Format]:
    """Returns the formats in which a member has been exported."""
    metrics, folders = read_metrics(run, stage), {form: export_folder(run, stage, form) for form in Format}
    there = [form for form, folder in folders.items() if model_file(folder, form).is_file()]
    return [form for form in there if _is_recorded(metrics, folders[form], form)]


def _is_recorded(metrics: Metrics | None, folder: Path, form: Format) -> bool:
    """Whether an export belongs to the member's weights, as far as metrics.json can tell.

    Earlier versions recorded what they measured of an export instead of digests. One of which metrics.json
    says nothing is what an interrupted export or a former training of the member left.
    """
    if stated_digests(metrics, form):
        return True
    if not model_file(folder, form).is_file():
        return False
    if metrics is None or form is Format.saved_model:
        return metrics is None or metrics.environment.latency_ms is not None
    return str(form) in (metrics.environment.formats or {})


def export_command(run: RunFolder, stage: int, form: Format) -> str:
    """Returns the shell command that exports a member in a format."""
    command = run.command("export", stage)
    return command if form is Format.saved_model else f"{command} --format {form}"


@contextmanager
def loading(run: RunFolder, stage: int, form: Format) -> Iterator[Path]:
    """Yields the folder of an export as `check_export` does, for code that loads it.

    Raises:
      ScaleNetError: If the export is not there or damaged. Any error of the code inside counts as damage, for
        runs of earlier versions, which have no digests: each runtime has errors of its own.
    """
    folder = check_export(run, stage, form)
    try:
        yield folder
    except Exception as error:
        if isinstance(error, ScaleNetError) and not isinstance(error, DamagedFileError):
            raise
        raise DamagedFileError(
            f"{str(folder)!r} cannot be loaded ({first_line(error)}). Remove that folder, then export the "
            f"member again with: {export_command(run, stage, form)}"
        ) from error

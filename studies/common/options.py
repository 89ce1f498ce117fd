"""Command-line options that several studies share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from scalenet_tf.config import AugmentationConfig, DataConfig

Output = Annotated[
    Path,
    typer.Option(metavar="FOLDER", help="Folder of the study. A stopped study continues in it."),
]
StudyPath = Annotated[
    Path, typer.Argument(metavar="STUDY", help="Folder of a study, or its packed .jsonl file.")
]
StudyPaths = Annotated[
    list[Path],
    typer.Argument(metavar="STUDY...", help="Folders of studies, or their packed .jsonl files."),
]
TablePath = Annotated[Path, typer.Argument(metavar="TABLE", help="The file nas-bench-macro_cifar10.json.")]
Folder = Annotated[Path, typer.Argument(metavar="FOLDER", help="Folder of the study.")]
PackedFile = Annotated[Path, typer.Argument(metavar="FILE", help="The packed study, a .jsonl file.")]
Source = Annotated[str, typer.Option(help="Images: bundled, tfds:NAME, folder:PATH or tfrecord:PATH.")]
DataDir = Annotated[str | None, typer.Option(metavar="DIR", help="Data directory of TFDS. Default: its own.")]
Share = Annotated[
    str,
    typer.Option(metavar="K/N", help="Do the K-th of N parts; start the others in processes of their own."),
]
Quick = Annotated[bool, typer.Option("--quick", help="A minute's work; its results mean nothing.")]
Plot = Annotated[Path | None, typer.Option(metavar="FILE", help="Also draw a plot: .svg or .png.")]
Trainings = Annotated[int, typer.Option(min=1, help="Number of seeds to train with.")]


def absolute(data_dir: str | None) -> str | None:
    """A data directory as an absolute path, None as None."""
    return str(Path(data_dir).expanduser().resolve()) if data_dir else None


def image_data(source: str, data_dir: str | None) -> DataConfig:
    """Images for a study: flipped at random, not shifted.

    Args:
      source: As `data.source` of a run.
      data_dir: As `data.data_dir` of a run.
    """
    augmentation = AugmentationConfig(shift=0.0)
    return DataConfig(source=source, data_dir=absolute(data_dir), augmentation=augmentation)

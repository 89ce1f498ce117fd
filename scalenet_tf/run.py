"""A run directory: every step's result is a file here, so each can be run alone, resumed or moved."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import yaml

from scalenet_tf import files
from scalenet_tf.config import RunConfig
from scalenet_tf.errors import ScaleNetError


@dataclass(frozen=True)
class Run:
    """The paths of one run and its configuration.

    Example:
      >>> run = Run.open_or_create("runs/first", load_config("quickstart"))
    """

    path: Path
    config: RunConfig

    @classmethod
    def open(cls, path: str | Path) -> Run:
        """Opens an existing run.

        Raises:
          ScaleNetError: where there is none.
        """
        file = Path(path) / "config.yaml"
        if not file.is_file():
            raise ScaleNetError(
                f"`run` must be the directory of a run, which holds config.yaml. Received: {str(path)!r}. "
                "Begin one with: scalenet train --run DIRECTORY --config quickstart"
            )
        return cls(Path(path), RunConfig.model_validate(yaml.safe_load(file.read_text("utf-8"))))

    @classmethod
    def open_or_create(cls, path: str | Path, config: RunConfig) -> Run:
        """Opens the run at `path`, or begins one there.

        Raises:
          ScaleNetError: if a run with another configuration, or other files, are there: a run is
            never overwritten.
        """
        path = Path(path)
        if (path / "config.yaml").is_file():
            run = cls.open(path)
            if run.config != config:
                changed = [
                    name
                    for name in RunConfig.model_fields
                    if getattr(run.config, name) != getattr(config, name)
                ]
                raise ScaleNetError(
                    f"the run {str(path)!r} was begun with another configuration (it differs in: "
                    f"{', '.join(changed)}). Give another --run, or leave --config and --set out to go on."
                )
            return run
        if path.exists() and any(path.iterdir()):
            raise ScaleNetError(f"`run` {str(path)!r} holds other files. Give an empty or new directory.")
        files.write_text(path / "config.yaml", config.to_yaml())
        return cls(path, config)

    @property
    def supernet(self) -> Path:
        """Checkpoints and log of the super-supernet's training."""
        return self.path / "supernet"

    @property
    def search(self) -> Path:
        """Keras Tuner's project, and result.json."""
        return self.path / "search"

    @property
    def family_file(self) -> Path:
        """The family's architectures: base, scalings, subnets, costs."""
        return self.path / "family.json"

    def member(self, stage: int) -> Path:
        """The folder of the member of one scaling stage."""
        return self.path / "members" / f"s{stage}"

    @property
    def report_file(self) -> Path:
        return self.path / "report.html"

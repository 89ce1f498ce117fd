"""The argument `run` of functions that read single files of a run, or of an artifact with its layout."""

from __future__ import annotations

from pathlib import Path

from scalenet_tf.errors import InvalidInputError
from scalenet_tf.run.layout import RunFolder
from scalenet_tf.utils.directories import check_directory


def given_folder(run: RunFolder | str | Path) -> RunFolder:
    """Returns the folder that a caller names.

    Args:
      run: The run or its folder, or the path of its directory.

    Raises:
      ScaleNetError: If it is none of them, or there is no run at the path.
    """
    if isinstance(run, RunFolder):
        return run
    folder = RunFolder(check_directory("run", run))
    if not folder.config_file.is_file():
        raise InvalidInputError(
            f"`run` must be the directory of a run, which holds config.yaml. Received: {str(run)!r}. "
            "Start one with: scalenet train --run DIRECTORY --config quickstart"
        )
    return folder

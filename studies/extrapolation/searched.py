"""What a search found, wherever it is noted."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from scalenet_tf.errors import ScaleNetError
from scalenet_tf.run import Run
from scalenet_tf.utils import files
from studies.common.study_folder import read
from studies.families.study import Study as Story


def of_run(folder: Path) -> dict[str, Any]:
    """Space, base, scalings and data of a run whose search is done."""
    run = Run.open(folder)
    result = files.read_json(run.search / "result.json")
    found = sorted(result["scalings"], key=lambda entry: entry["stage"])
    scalings = [entry["scaling"] for entry in found]
    return {"space": run.space(), "base": result["base"], "scalings": scalings, "data": run.config.data}


def of_story(file: Path, data_dir: str | None) -> dict[str, Any]:
    """The same of a joint search of whole_story.py, on images of their own size.

    Raises:
      ScaleNetError: where the file is not such a search's.
    """
    if not file.is_file() or not file.name.startswith("joint_"):
        raise ScaleNetError(
            "`--story` must be STORY/searches/joint_….json of a study of whole_story.py. "
            f"Received: {str(file)!r}"
        )
    story = read(file.parents[1], Story, "python -m studies.families run")
    members = files.read_json(file)["members"]
    data = story.images_config.model_copy(update={"image_size": None, "data_dir": data_dir})
    scalings = [member["scaling"] for member in members]
    return {"space": story.space, "base": members[0]["base"], "scalings": scalings, "data": data}

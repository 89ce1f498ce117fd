"""The base and scalings that a search found, in a run or in the study of families."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from scalenet_tf.errors import ScaleNetError
from scalenet_tf.run import Run
from scalenet_tf.run.search_result import read_search_result
from studies.families.study import KIND as FAMILIES


def of_run(folder: Path) -> dict[str, Any]:
    """Space, base, scalings and data of a run whose search is finished.

    Args:
      folder: Folder of the run.

    Raises:
      ScaleNetError: If the folder is no run, or its search is not finished.
    """
    run = Run.open(folder)
    result = read_search_result(run)
    if result is None:
        raise ScaleNetError(
            f"`--run` must be a run whose search is finished. Received: {str(folder)!r}. Continue it with: "
            f"{run.command('search')}"
        )
    scalings = [found.scaling for found in sorted(result.scalings, key=lambda found: found.stage)]
    return {"space": run.space(), "base": result.base, "scalings": scalings, "data": run.config.data}


def of_families(path: Path, search: str, data_dir: str | None) -> dict[str, Any]:
    """Space, base, scalings and data of a joint search in a study of families; images keep their size.

    Args:
      path: The study's folder or packed file.
      search: Name of the joint search, such as "joint_b8_lr0.6_t0.8_seed0".
      data_dir: As `data.data_dir` of a run.

    Raises:
      ScaleNetError: If the study has no finished joint search of that name.
    """
    study, items = FAMILIES.open(path)
    joint = [name.removeprefix("searches/") for name in items.names("searches") if "/joint_" in name]
    if search not in joint:
        raise ScaleNetError(
            f"`--search` must be a finished joint search of {str(path)!r}, one of: {', '.join(joint)}. "
            f"Received: {search!r}"
        )
    members = items[f"searches/{search}"]["members"]
    data = study.images_config.model_copy(update={"image_size": None, "data_dir": data_dir})
    scalings = [member["scaling"] for member in members]
    return {"space": study.space, "base": members[0]["base"], "scalings": scalings, "data": data}

"""Files and folders that a configuration names, beside its images and its space."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from scalenet_tf.config import RunConfig, recipe_name, recipe_of
from scalenet_tf.config.teacher import is_path
from scalenet_tf.run.layout import RunFolder
from scalenet_tf.run.member_files import MemberFiles
from scalenet_tf.run.paths import PUBLISHED, RECIPES
from scalenet_tf.utils.digest import file_digest, json_digest, text_digest
from scalenet_tf.utils.resources import is_url, read_shipped

# More than families have. The last entry of a list of recipes, and of the stages of a file, repeats.
MOST_STAGES = 16


def named_files(config: RunConfig) -> dict[str, str]:
    """Returns the paths and URLs of recipes, teachers and a warm start, each with the key that names it.

    Teachers in a recipe that is not on this machine are left out.

    Args:
      config: Configuration of a run, with absolute paths.
    """
    found: dict[str, str] = {}
    for stage in range(MOST_STAGES):
        name = recipe_name(config.members, stage)
        if name not in RECIPES:
            found[name] = "members.recipe"
            if not is_url(name) and not Path(name).is_file():
                continue
        if is_path(teacher := recipe_of(config.members, stage).teacher):
            found[teacher] = "members.teacher"
    start = config.search.warm_start
    if start not in (None, PUBLISHED):
        found[str(start)] = "search.warm_start"
    return found


def contents_digest(files: Mapping[str, str]) -> str:
    """Returns 16 hexadecimal digits that identify what files hold.

    Of a run that a search begins with, its result counts; of a trained member, its network and weights.

    Args:
      files: Some of `named_files`.
    """
    found: dict[str, object] = {}
    for place, key in files.items():
        if key == "members.recipe":
            found[place] = text_digest(read_shipped("recipe", place, (), ""))
        else:
            found[place] = [file_digest(file) for file in _files(Path(place), key) if file.is_file()]
    return json_digest(found)


def _files(path: Path, key: str) -> list[Path]:
    if not path.is_dir():
        return [path]
    if key == "search.warm_start":
        return [RunFolder(path).search_result_file]
    member = MemberFiles(path)
    return [member.architecture, member.weights]

"""The files that a configuration names, such as recipes, and the tasks that read them."""

from __future__ import annotations

from scalenet_tf.config import RunConfig
from scalenet_tf.run.named_files import contents_digest, named_files


def reading_tasks(config: RunConfig) -> dict[str, dict[str, str]]:
    """Returns, for each task whose result such files decide, those of `named_files` that it reads.

    Finalists are trained by the members' recipes, without their teachers.

    Args:
      config: Configuration of the run.
    """
    search = {"search.warm_start"} | ({"members.recipe"} if config.search.confirm else set())
    reads = {"joint_search": search, "family_trainer": {"members.recipe", "members.teacher"}}
    named = named_files(config)
    own = {task: {place: key for place, key in named.items() if key in keys} for task, keys in reads.items()}
    return {task: files for task, files in own.items() if files}


def contents_of_tasks(config: RunConfig) -> dict[str, str]:
    """Returns a digest of the contents of the files that each of `reading_tasks` reads."""
    return {task: contents_digest(files) for task, files in reading_tasks(config).items()}

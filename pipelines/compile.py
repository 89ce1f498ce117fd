"""Compiles the pipeline to the file that Kubeflow and Vertex AI run."""

from __future__ import annotations

import tempfile
from pathlib import Path, PurePosixPath

from components.common.remote import open_path
from pipelines.parameters import Parameters
from pipelines.read_files import reading_tasks
from pipelines.target import Target
from pipelines.validate import validate_file
from scalenet_tf.errors import InvalidInputError
from scalenet_tf.utils import files


def compile_pipeline(target: Target, parameters: Parameters, output: str | Path) -> str:
    """Writes the compiled pipeline after checking it.

    Args:
      target: Kubeflow or Vertex; a file is for one of them.
      parameters: Defaults of the pipeline's arguments, so that an uploaded file runs as it is.
      output: Path or URL of a .yaml file.

    Returns:
      The path or URL.

    Raises:
      ScaleNetError: If the suffix is not .yaml, or the compiled file is not valid.

    Example:
      >>> compile_pipeline(load_target("kubeflow"), parameters, "family.yaml")
    """
    from kfp import compiler

    from pipelines.family import build

    location = str(output)
    if PurePosixPath(location).suffix != ".yaml":
        raise InvalidInputError(f"`output` must end in .yaml. Received: {location!r}")
    with tempfile.TemporaryDirectory() as folder:
        compiled = Path(folder) / "pipeline.yaml"
        # A cluster's cache sees the paths of files that the configuration names, not what they hold.
        family = build(target, uncached=reading_tasks(parameters.config))
        compiler.Compiler().compile(family, str(compiled), pipeline_parameters=parameters.arguments)
        validate_file(compiled)
        if "://" in location:
            system, path = open_path("output", location)
            system.pipe_file(path, compiled.read_bytes())
        else:
            files.write_bytes(location, compiled.read_bytes())
        return location

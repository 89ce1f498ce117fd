"""The pipeline as the file that Kubeflow and Vertex take, checked before it is there."""

from __future__ import annotations

import tempfile
from pathlib import Path, PurePosixPath

from components.common.remote import open_place
from pipelines.parameters import Parameters
from pipelines.target import Target
from pipelines.validate import validate_file
from scalenet_tf.errors import ScaleNetError
from scalenet_tf.utils import files


def compile_pipeline(target: Target, parameters: Parameters, output: str | Path) -> str:
    """Writes the compiled pipeline, whole or not at all.

    Args:
      target: Kubeflow or Vertex; one file suits one of them.
      parameters: The file's defaults: uploaded by hand, it runs as it is.
      output: Path or URL of a .yaml file.

    Returns:
      Where it is.

    Raises:
      ScaleNetError: for another suffix, or where the compiled file is not valid.

    Example:
      >>> compile_pipeline(load_target("kubeflow"), parameters, "family.yaml")
    """
    from kfp import compiler

    from pipelines.family import build

    place = str(output)
    if PurePosixPath(place).suffix != ".yaml":
        raise ScaleNetError(f"`output` must end in .yaml. Received: {place!r}")
    with tempfile.TemporaryDirectory() as folder:
        compiled = Path(folder) / "pipeline.yaml"
        compiler.Compiler().compile(build(target), str(compiled), pipeline_parameters=parameters.arguments)
        validate_file(compiled)
        if "://" in place:
            system, path = open_place("output", place)
            system.pipe_file(path, compiled.read_bytes())
        else:
            files.write_bytes(place, compiled.read_bytes())
        return place

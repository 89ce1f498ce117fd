"""The pipeline as the file that Kubeflow and Vertex take, checked before it is there."""

from __future__ import annotations

import tempfile
from pathlib import Path

from pipelines.parameters import Parameters
from pipelines.target import Target
from pipelines.validate import validate_file
from scalenet_tf import files
from scalenet_tf.errors import ScaleNetError


def compile_pipeline(target: Target, parameters: Parameters, output: str | Path) -> Path:
    """Writes the compiled pipeline, whole or not at all.

    Args:
      target: Kubeflow or Vertex; one file suits one of them.
      parameters: The file's defaults: uploaded by hand, it runs as it is.
      output: Path of a .yaml file.

    Raises:
      ScaleNetError: for another suffix, or where the compiled file is not valid.

    Example:
      >>> compile_pipeline(load_target("kubeflow"), parameters, "family.yaml")
    """
    from kfp import compiler

    from pipelines.family import build

    output = Path(output)
    if output.suffix != ".yaml":
        raise ScaleNetError(f"`output` must end in .yaml. Received: {str(output)!r}")
    with tempfile.TemporaryDirectory() as folder:
        compiled = Path(folder) / "pipeline.yaml"
        compiler.Compiler().compile(build(target), str(compiled), pipeline_parameters=parameters.arguments)
        validate_file(compiled)
        return files.write_bytes(output, compiled.read_bytes())

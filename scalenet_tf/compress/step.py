"""The compression of one member, in a process of its own; no TensorFlow in this one."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from scalenet_tf.compress.options import CompressOptions, check_method
from scalenet_tf.errors import ScaleNetError
from scalenet_tf.run import Run
from scalenet_tf.utils.files import read_json


@dataclass(frozen=True)
class CompressedMember:
    """A finished compression.

    Attributes:
      folder: Holds model.tflite and metrics.json.
      metrics: The content of metrics.json.
    """

    folder: Path
    metrics: dict[str, Any]


def compress_member(
    run: Run, stage: int, method: str, options: CompressOptions | None = None
) -> CompressedMember:
    """Compresses a trained member to members/sN/compressed/METHOD/model.tflite and measures the file.

    The file takes images [N, r, r, C] in 0…255 at the member's resolution, uint8 for the int8 methods and
    float32 for the others, and gives float32 logits [N, classes]; the network itself scales the images.
    qat-int8, prune and cluster fine-tune on the run's training images. Accuracy on the validation and
    test split, size, latency (one thread) and the largest difference of a probability are measured by
    running the file in LiteRT's interpreter, beside the float file of the same member.

    Args:
      run: A run that trained the member.
      stage: Its scaling stage.
      method: "ptq-int8", "ptq-float16", "qat-int8", "prune" or "cluster".
      options: Epochs, rate, sparsity and so on; `CompressOptions()` where None.

    Returns:
      The folder and its figures; at once, where they are there.

    Raises:
      ScaleNetError: where the member is not trained, LiteRT is not installed, the method or an option is
        wrong or other than that of a finished compression, or the file cannot be run.

    Example:
      >>> compress_member(Run.open("runs/first"), 0, "ptq-int8").metrics["test_accuracy"]
    """
    options = options or CompressOptions()
    folder = run.member(stage) / "compressed" / check_method(method)
    if (folder / "metrics.json").is_file():
        return _finished(folder, options)
    if find_spec("ai_edge_litert") is None:
        raise ScaleNetError(
            "a compressed file is measured with LiteRT's interpreter, and ai-edge-litert is not installed. "
            'Install it with: pip install "scalenet-tf[export]"'
        )
    _in_own_process(run, stage, method, options, folder)
    return _finished(folder, options)


def _finished(folder: Path, options: CompressOptions) -> CompressedMember:
    metrics = read_json(folder / "metrics.json")
    wanted = options.model_dump(mode="json")
    changed = sorted(name for name in wanted if wanted[name] != metrics["options"].get(name))
    if changed:
        raise ScaleNetError(
            f"{str(folder)!r} was made with other options (they differ in: {', '.join(changed)}). Move that "
            "folder away to compress the member again, or give the options it was made with."
        )
    return CompressedMember(folder, metrics)


def _in_own_process(run: Run, stage: int, method: str, options: CompressOptions, folder: Path) -> None:
    with tempfile.TemporaryDirectory() as temporary:
        failure = Path(temporary) / "error.txt"
        words = [str(run.path), str(stage), method, options.model_dump_json(), str(folder), str(failure)]
        process = subprocess.Popen([sys.executable, "-m", "scalenet_tf.compress.worker", *words])
        try:
            code = process.wait()
        finally:
            # Files are whole or absent, whenever it ends.
            process.kill()
            process.wait()
        if failure.is_file():
            raise ScaleNetError(failure.read_text("utf-8"))
    if code == 130:
        raise KeyboardInterrupt
    if code:
        raise ScaleNetError(
            f"the compression of s{stage} by {method} failed with exit code {code}; the lines above say why. "
            "Nothing was written."
        )

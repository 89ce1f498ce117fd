"""The device and libraries that a measured time belongs to. No TensorFlow here."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from contextlib import suppress
from importlib import metadata
from pathlib import Path

from scalenet_tf.errors import InvalidInputError
from scalenet_tf.space.latency_table import MEASURE, Device, LatencyTable
from scalenet_tf.utils.kernels import ONEDNN, describe_kernels
from scalenet_tf.utils.value import Value

_NAMES = {
    "cpu": "processor",
    "threads": "number of threads",
    "onednn": f"oneDNN setting ({ONEDNN})",
    "tensorflow": "TensorFlow",
    "keras": "Keras",
}

# Numbers of a core in the /proc/cpuinfo of ARM.
_ARM = ("implementer", "part", "variant", "revision")


def this_device(threads: int) -> Device:
    """Describes this machine.

    Args:
      threads: Threads of one operation; 0 for one per core.
    """
    return Device(
        cpu=cpu_model(),
        threads=threads,
        onednn=os.environ.get(ONEDNN, "1").lower() not in ("0", "false"),
        tensorflow=metadata.version("tensorflow"),
        keras=metadata.version("keras"),
    )


def check_device(table: LatencyTable) -> None:
    """Raises ScaleNetError if a table was measured on another device, or with other libraries."""
    here = this_device(table.device.threads)
    # Threads and oneDNN are settings of the predicted models, not of this process.
    differing = _difference(table.device, here.model_copy(update={"onednn": table.device.onednn}))
    if differing:
        raise InvalidInputError(
            f"`ladder.latency_table` was measured with another {differing}. Measure here with: {MEASURE}; or "
            "say that the models are for that device: --set ladder.latency_device=other"
        )


def check_same(table: LatencyTable, device: Device, path: Path) -> None:
    """Raises ScaleNetError if continuing a table would mix the times of two devices."""
    differing = _difference(table.device, device)
    if differing:
        raise InvalidInputError(
            f"the latency table {str(path)!r} was started with another {differing}. Give another --out, or "
            "delete that file to start again."
        )


def _difference(table: Device, here: Device) -> str | None:
    for field, name in _NAMES.items():
        old, new = getattr(table, field), getattr(here, field)
        if old != new:
            return f"{name}: {old!r}, and here it is {new!r}"
    return None


def cpu_model() -> str:
    """Name of the processor; of ARM, whose Linux has no names, the numbers of its kinds of core."""
    info = Path("/proc/cpuinfo")
    if info.is_file():
        return cpu_in(info.read_text(encoding="utf-8", errors="replace")) or platform.machine()
    if sys.platform == "darwin":  # where `platform.processor` is "arm" for every chip
        command = ["/usr/sbin/sysctl", "-n", "machdep.cpu.brand_string"]
        with suppress(OSError):
            found = subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()
            if found:
                return found
    return platform.processor() or platform.machine()


def cpu_in(info: str) -> str:
    """Returns the name of the processor in the text of /proc/cpuinfo; "" if there is none."""
    values: dict[str, list[str]] = {}
    for line in info.splitlines():
        name, _, value = line.partition(":")
        values.setdefault(name.strip(), []).append(value.strip())
    for name in ("model name", "Model"):
        if name in values:
            return values[name][0]
    kinds = zip(*(values.get(f"CPU {part}", []) for part in _ARM), strict=False)
    return " + ".join(sorted({"ARM " + " ".join(map(str.strip, kind)) for kind in kinds}))


LIBRARIES = ("tensorflow", "keras", "ai-edge-litert", "onnxruntime", "numpy")


class ProfiledDevice(Value):
    """Everything that affects a measured time besides the model.

    Attributes:
      processor: Model of the processor.
      cpus: Number of CPUs; None where unknown.
      platform: Operating system.
      python: Version of Python.
      libraries: Versions of the libraries that run models; None for one that is not installed.
      threads: Threads that a runtime may use; 0 for as many as it likes.
      onednn: TF_ENABLE_ONEDNN_OPTS, or "default".
    """

    processor: str
    cpus: int | None
    platform: str
    python: str
    libraries: dict[str, str | None]
    threads: int
    onednn: str


def describe_device(threads: int) -> ProfiledDevice:
    """Describes this machine for a runtime that uses `threads` threads."""
    return ProfiledDevice(
        processor=cpu_model(),
        cpus=os.cpu_count(),
        platform=platform.platform(),
        python=platform.python_version(),
        libraries={name: _version(name) for name in LIBRARIES},
        threads=threads,
        onednn=describe_kernels(),
    )


def _version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None

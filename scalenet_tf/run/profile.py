"""profile.json: latency, size and memory of exported members on a device."""

from __future__ import annotations

from scalenet_tf.costs.device import ProfiledDevice
from scalenet_tf.run.layout import RunFolder
from scalenet_tf.run.provenance import Environment
from scalenet_tf.utils.value import Value
from scalenet_tf.utils.value_file import FileValue, read_if_there


class CallTimes(Value):
    """Latency of a call, in milliseconds.

    Attributes:
      p50: Median.
      p90: 90th percentile.
      calls: Number of timed calls.
    """

    p50: float
    p90: float
    calls: int


class ProcessCost(Value):
    """Latency and memory of a process that runs a model.

    Attributes:
      latency_ms: Latency of a call, by batch size.
      peak_memory: Peak resident memory of the process in bytes, including the runtime.
    """

    latency_ms: dict[int, CallTimes]
    peak_memory: int


class MemberProfile(Value):
    """Measurements of one exported member on a device.

    Attributes:
      stage: Scaling stage of the member.
      format: Format of the export.
      bytes: Size of the export on disk.
      latency_ms: Latency of a call, by batch size.
      peak_memory: Peak resident memory of the process in bytes, including the runtime.
    """

    stage: int
    format: str
    bytes: int
    latency_ms: dict[int, CallTimes]
    peak_memory: int


class Profile(FileValue):
    """Measurements of exported members.

    Attributes:
      device: Device that they were measured on.
      rows: One measurement per member and format, S0 first.
      environment: Time and machine of the measurement.
    """

    device: ProfiledDevice
    rows: tuple[MemberProfile, ...]
    environment: Environment


def read_profile(run: RunFolder) -> Profile | None:
    """Reads profile.json.

    Args:
      run: The run.

    Returns:
      The measurements, or None if nothing has been measured yet.

    Raises:
      ScaleNetError: If the file is damaged.
    """
    advice = f"Remove it and measure again with: {run.command('profile members')}"
    return read_if_there(run.profile_file, Profile, advice)

"""profile.json: what exported members cost on a device."""

from __future__ import annotations

from scalenet_tf.costs.device import ProfiledDevice
from scalenet_tf.run.layout import RunFolder
from scalenet_tf.run.provenance import Environment
from scalenet_tf.utils.value import Value
from scalenet_tf.utils.value_file import FileValue, read_if_there


class CallTimes(Value):
    """Milliseconds of a call.

    Attributes:
      p50: The median.
      p90: The 90th percentile.
      calls: How many calls were timed.
    """

    p50: float
    p90: float
    calls: int


class ProcessCost(Value):
    """What a model costs the process that runs it.

    Attributes:
      latency_ms: Times of a call, by the number of its images.
      peak_memory: Most resident bytes of the process, the runtime's own included.
    """

    latency_ms: dict[int, CallTimes]
    peak_memory: int


class MemberProfile(Value):
    """What one exported member costs on a device.

    Attributes:
      stage: Its scaling stage.
      format: Format of the export.
      bytes: Size of the export on disk.
      latency_ms, peak_memory: As of `ProcessCost`.
    """

    stage: int
    format: str
    bytes: int
    latency_ms: dict[int, CallTimes]
    peak_memory: int


class Profile(FileValue):
    """Measurements of exported members.

    Attributes:
      device: Where they were measured.
      rows: The members, S0 first, each in its formats.
      environment: Times and machine.
    """

    device: ProfiledDevice
    rows: tuple[MemberProfile, ...]
    environment: Environment


def read_profile(run: RunFolder) -> Profile | None:
    """Reads profile.json; None where nothing was measured yet.

    Raises:
      ScaleNetError: if the file is damaged.
    """
    advice = f"Remove it and measure again with: {run.command('profile members')}"
    return read_if_there(run.profile_file, Profile, advice)

"""glibc's malloc in one arena that keeps freed memory, so that TensorFlow uses its buffers again.

By default glibc gives large buffers back to the kernel when they are freed, the more so once TensorFlow has
fixed the threshold for that at 128 KiB, which its datasets from generators and its distributed iterators do.
Training a small network then takes tens of thousands of page faults a step. Where TensorFlow uses oneDNN it
keeps most buffers in a pool of its own, and there is less to gain.
"""

from __future__ import annotations

import ctypes
import os
import sys

from scalenet_tf.errors import InvalidInputError

VARIABLE = "SCALENET_ALLOCATOR"
ONE_ARENA, SYSTEM = "one-arena", "system"

# Parameters of mallopt and their values; the numbers are those of glibc's <malloc.h>.
_M_TRIM_THRESHOLD, _M_TOP_PAD, _M_MMAP_MAX, _M_ARENA_MAX = -1, -2, -4, -8
_SETTINGS = {_M_ARENA_MAX: 1, _M_MMAP_MAX: 0, _M_TRIM_THRESHOLD: 2**31 - 1, _M_TOP_PAD: 64 * 2**20}
# With one of these a user has chosen how glibc allocates.
_VARIABLES = (
    *("MALLOC_ARENA_MAX", "MALLOC_ARENA_TEST", "MALLOC_MMAP_MAX_", "MALLOC_MMAP_THRESHOLD_"),
    *("MALLOC_TOP_PAD_", "MALLOC_TRIM_THRESHOLD_"),
)
_TUNABLES = "GLIBC_TUNABLES"


def set_allocator() -> None:
    """Lets this process allocate as `describe_allocator` says; call it before TensorFlow is imported.

    Further calls change nothing. A late call still helps, but threads keep the arenas that they have.

    Raises:
      InvalidInputError: If SCALENET_ALLOCATOR has an unknown value.
    """
    if _one_arena():
        libc = ctypes.CDLL("libc.so.6")
        for parameter, value in _SETTINGS.items():
            libc.mallopt(parameter, value)


def describe_allocator() -> str:
    """Describes the memory allocator of this process, for the `environment` of a result.

    Returns:
      "glibc, one arena"; "glibc" with the variables by which the user has set it; or "system" if
      SCALENET_ALLOCATOR asks for it or malloc is not glibc's.

    Raises:
      InvalidInputError: If SCALENET_ALLOCATOR has an unknown value.

    Example:
      >>> describe_allocator()
      'glibc, one arena'
    """
    if _one_arena():
        return "glibc, one arena"
    chosen = _chosen_by_user()
    return f"glibc, {' '.join(chosen)}" if chosen and _malloc_is_glibc() else "system"


def _one_arena() -> bool:
    wanted = os.environ.get(VARIABLE) or ONE_ARENA
    if wanted not in (ONE_ARENA, SYSTEM):
        raise InvalidInputError(f"{VARIABLE} must be {ONE_ARENA!r} or {SYSTEM!r}. Received: {wanted!r}")
    return wanted == ONE_ARENA and not _chosen_by_user() and _malloc_is_glibc()


def _chosen_by_user() -> list[str]:
    """Settings of glibc's malloc in the environment, such as "MALLOC_ARENA_MAX=2"."""
    found = [f"{name}={os.environ[name]}" for name in _VARIABLES if name in os.environ]
    tunables = os.environ.get(_TUNABLES, "").split(":")
    return found + [each for each in tunables if each.startswith("glibc.malloc.")]


def _malloc_is_glibc() -> bool:
    """Whether the process allocates by glibc: not on macOS, with musl, or with another malloc preloaded."""
    if sys.platform != "linux":
        return False
    process = ctypes.CDLL(None)
    if not hasattr(process, "gnu_get_libc_version"):
        return False
    # A preloaded tcmalloc or jemalloc is found first.
    return _address(process) == _address(ctypes.CDLL("libc.so.6"))


def _address(library: ctypes.CDLL) -> int | None:
    return ctypes.cast(library.malloc, ctypes.c_void_p).value

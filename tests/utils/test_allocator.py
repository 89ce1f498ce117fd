"""Allocation seen from outside, in fresh processes: arenas of threads, and page faults of freed memory."""

from __future__ import annotations

import ctypes
import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from scalenet_tf.errors import InvalidInputError
from scalenet_tf.utils.allocator import VARIABLE, describe_allocator

needs_glibc = pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="needs glibc")

# Four threads that hold 100 kB each; malloc_stats names every arena on stderr.
ARENAS = """
import ctypes, threading
from scalenet_tf.utils.allocator import set_allocator
set_allocator()
barrier = threading.Barrier(4)
def allocate():
    held = bytearray(100_000)
    barrier.wait()
threads = [threading.Thread(target=allocate) for _ in range(4)]
for thread in threads: thread.start()
for thread in threads: thread.join()
ctypes.CDLL(None).malloc_stats()
"""
# 64 MB, which glibc never keeps by itself, written ten times.
FAULTS = """
import resource
from scalenet_tf.utils.allocator import set_allocator
set_allocator()
bytearray(64 << 20)
begun = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(10): bytearray(64 << 20)[::4096] = b"x" * (64 << 8)
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - begun)
"""
DESCRIBE = "from scalenet_tf.utils.allocator import describe_allocator; print(describe_allocator())"


def run_python(code: str, **variables: str) -> subprocess.CompletedProcess[str]:
    own = {name: value for name, value in os.environ.items() if not name.startswith(("MALLOC_", "GLIBC_"))}
    environment = {**own, **variables}
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment
    )


@needs_glibc
def test_threads_share_one_arena_unless_the_system_s_way_is_asked_for() -> None:
    assert run_python(ARENAS).stderr.count("Arena") == 1
    assert run_python(ARENAS, **{VARIABLE: "system"}).stderr.count("Arena") > 1
    assert run_python(ARENAS, MALLOC_ARENA_MAX="3").stderr.count("Arena") in (2, 3)


@needs_glibc
def test_freed_memory_is_used_again_without_a_page_fault() -> None:
    assert int(run_python(FAULTS).stdout) < 100
    assert int(run_python(FAULTS, **{VARIABLE: "system"}).stdout) > 10 * 16_000


@needs_glibc
@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({}, "glibc, one arena"),
        ({VARIABLE: ""}, "glibc, one arena"),
        ({VARIABLE: "one-arena"}, "glibc, one arena"),
        ({VARIABLE: "system"}, "system"),
        ({"MALLOC_ARENA_MAX": "2"}, "glibc, MALLOC_ARENA_MAX=2"),
        (
            {"GLIBC_TUNABLES": "glibc.cpu.x86_shstk=off:glibc.malloc.top_pad=9"},
            "glibc, glibc.malloc.top_pad=9",
        ),
        ({"GLIBC_TUNABLES": "glibc.cpu.x86_shstk=off"}, "glibc, one arena"),
    ],
)
def test_a_user_s_own_choice_is_left_alone(variables: dict[str, str], expected: str) -> None:
    assert run_python(DESCRIBE, **variables).stdout.strip() == expected


@needs_glibc
def test_another_malloc_is_left_alone(tmp_path: Path) -> None:
    compiler = shutil.which("cc")
    if compiler is None:
        pytest.skip("needs a C compiler for a malloc that is not glibc's")
    library, source = tmp_path / "other.so", tmp_path / "other.c"
    source.write_text(
        "#include <stddef.h>\nvoid *__libc_malloc(size_t);\n"
        "void *malloc(size_t size) { return __libc_malloc(size); }\n"
    )
    subprocess.run([compiler, "-shared", "-fPIC", "-o", str(library), str(source)], check=True)
    assert run_python(DESCRIBE, LD_PRELOAD=str(library)).stdout.strip() == "system"
    found = run_python(DESCRIBE, LD_PRELOAD=str(library), MALLOC_ARENA_MAX="2")
    assert found.stdout.strip() == "system"


def test_without_glibc_nothing_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    assert describe_allocator() == "system"
    monkeypatch.setattr(sys, "platform", "linux")
    # As in musl, no symbol says that this is glibc.
    monkeypatch.setattr(ctypes, "CDLL", lambda name: object())
    assert describe_allocator() == "system"


def test_an_unknown_choice_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "jemalloc")
    with pytest.raises(InvalidInputError, match=r"SCALENET_ALLOCATOR must be .*Received: 'jemalloc'"):
        describe_allocator()

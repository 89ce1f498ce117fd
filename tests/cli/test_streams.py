"""What the command line prints whatever a terminal and the names of files are."""

from __future__ import annotations

import errno
import io
import sys
from collections.abc import Callable

import pytest
import typer

from scalenet_tf.cli import main


def printed(monkeypatch: pytest.MonkeyPatch, act: Callable[[], None], encoding: str) -> tuple[str, str, int]:
    """Calls the command line with `act` in the place of its commands: stdout, stderr and the exit code."""
    streams = [io.TextIOWrapper(io.BytesIO(), encoding=encoding) for _ in range(2)]
    monkeypatch.setattr(main, "app", act)
    monkeypatch.setattr(main, "raise_on_sigterm", lambda: None)
    code = 0
    with monkeypatch.context() as patch:
        patch.setattr(sys, "stdout", streams[0])
        patch.setattr(sys, "stderr", streams[1])
        try:
            main.main()
        except SystemExit as end:
            code = int(end.code or 0)
        for stream in streams:
            stream.flush()
    out, error = (stream.buffer.getvalue().decode(encoding) for stream in streams)  # type: ignore[attr-defined]
    return out, error, code


@pytest.mark.parametrize("encoding", ["utf-8", "latin-1"])
def test_names_that_are_not_utf_8_are_shown_escaped(monkeypatch: pytest.MonkeyPatch, encoding: str) -> None:
    name = b"caf\xe9 \xc2\xb1.png".decode("utf-8", "surrogateescape")
    out, _, code = printed(monkeypatch, lambda: typer.echo(f"{name}: cat 90 %"), encoding)
    assert code == 0 and out.startswith("caf\\udce9 ") and out.endswith(".png: cat 90 %\n")


def test_an_error_of_the_system_is_one_line_with_exit_code_2(monkeypatch: pytest.MonkeyPatch) -> None:
    def full() -> None:
        raise OSError(errno.ENOSPC, "No space left on device", b"caf\xe9/family.json")

    out, error, code = printed(monkeypatch, full, "utf-8")
    assert (out, code) == ("", 2)
    assert error.startswith(
        "scalenet: 'caf\\udce9/family.json': No space left on device. Free some disk space, "
    )


def test_a_mistake_in_the_program_keeps_its_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    def wrong() -> None:
        raise KeyError("no such key")

    with pytest.raises(KeyError, match="no such key"):
        printed(monkeypatch, wrong, "utf-8")

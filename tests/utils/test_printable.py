from __future__ import annotations

import io
import logging
import re
from pathlib import Path

import pytest

import scalenet_tf
from scalenet_tf.utils.log import StandardStreams
from scalenet_tf.utils.printable import markdown, markdown_code, one_line, printable, write_line

ROOT = Path(scalenet_tf.__file__).parent.parent
# Processes whose stdout is their answer, in JSON or numbers alone, and a call for help of a supervisor.
NO_TEXT_OF_USERS = {"profiling/child.py", "local/supervise.py", "local/worker.py"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain café 猫 👩‍🚀, 1\u202f000 \u00a0 \t\n", "plain café 猫 👩‍🚀, 1\u202f000 \u00a0 \t\n"),
        ("\x1b]0;title\x07\x1b[2J", r"\x1b]0;title\x07\x1b[2J"),
        ("over\rwritten\b\x7f", r"over\rwritten\x08\x7f"),
        ("\x9b31m\x85", r"\x9b31m\x85"),
        ("abc\u202egnp.exe\u2066", r"abc\u202egnp.exe\u2066"),
        ("line\u2028paragraph\u2029", r"line\u2028paragraph\u2029"),
        ("not utf-8: \udcff", r"not utf-8: \udcff"),
    ],
)
def test_what_moves_the_cursor_or_cannot_be_encoded_is_escaped(text: str, expected: str) -> None:
    assert printable(text) == expected
    printable(text).encode("utf-8")


def test_a_name_has_one_line() -> None:
    assert one_line("cats\nscalenet: done\tnow") == r"cats\nscalenet: done\tnow"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Ankle boot", "Ankle boot"),
        ("T-shirt/top", "T-shirt/top"),
        ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
        ("[here](javascript:alert)", r"\[here\](javascript:alert)"),
        ("![x](http://tracker/x.png)", r"!\[x\](http\://tracker/x.png)"),
        ("**bold** `code` a|b ~~x~~ $y$", r"\*\*bold\*\* \`code\` a\|b \~\~x\~\~ \$y\$"),
        ("# heading", r"\# heading"),
        ("- item", r"\- item"),
        ("1. item", r"1\. item"),
        ("===", r"\==="),
        ("www.example.com x@y.z https://q", r"www\.example.com x\@y.z https\://q"),
        ("&lt;", "&amp;lt;"),
        ("a\n# b", r"a\\n# b"),
        ("back\\slash", r"back\\slash"),
    ],
)
def test_nothing_in_a_name_is_markup(name: str, expected: str) -> None:
    assert markdown(name) == expected


def test_code_has_a_fence_that_its_text_does_not_have() -> None:
    assert markdown_code("s4") == "`s4`"
    assert markdown_code("a`b``c") == "```a`b``c```"
    assert markdown_code("`x`") == "`` `x` ``"
    assert markdown_code("a\n\nb") == r"`a\n\nb`"


def test_a_line_can_be_written_whatever_the_stream_encodes() -> None:
    raw = io.BytesIO()
    with io.TextIOWrapper(raw, encoding="ascii") as stream:
        write_line("é \udcff \x1b[2J", stream)
        assert raw.getvalue() == rb"\xe9 \udcff \x1b[2J" + b"\n"


def test_log_lines_are_printable(capsys: pytest.CaptureFixture[str]) -> None:
    record = logging.LogRecord("scalenet_tf", logging.WARNING, "", 0, "class %s", ("\x1b[2J",), None)
    StandardStreams().emit(record)
    assert capsys.readouterr().err == "class \\x1b[2J\n"


def test_tables_are_printable(capsys: pytest.CaptureFixture[str]) -> None:
    from scalenet_tf.cli.fitted import console
    from scalenet_tf.cli.tables import data_table
    from scalenet_tf.run.data_info import DataInfo

    labels = ("\x1b[2Jcats", "[red]dogs[/red]", "a\nb")
    counts = {"train": 1, "validation": 1, "test": 1}
    info = DataInfo(channels=1, classes=3, labels=labels, image_size=8, counts=counts, digest="d")
    out = console()
    out.print(data_table("folder:\x1b]0;x\x07", info))
    out.print("run \x1b[31mred")
    printed = capsys.readouterr().out
    assert "\x1b" not in printed and "\x07" not in printed
    for shown in (r"folder:\x1b]0;x\x07", r"\x1b[2Jcats, [red]dogs[/red], a\nb", r"run \x1b[31mred"):
        assert shown in printed


def test_commands_print_through_the_function_that_escapes() -> None:
    writes = re.compile(r"(?<![.\w])print\(|typer\.echo|secho|sys\.std(out|err)\.write")
    for file in [*(ROOT / "scalenet_tf").rglob("*.py"), *(ROOT / "pipelines").rglob("*.py")]:
        name = "/".join(file.parts[-2:])
        lines = (line.lstrip() for line in file.read_text("utf-8").splitlines())
        code = [line for line in lines if not line.startswith((">>>", "#"))]
        assert name in NO_TEXT_OF_USERS or not writes.search("\n".join(code)), name

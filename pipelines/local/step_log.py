"""Output of pipeline steps: a whole log file for each, the console without noise, and their times."""

from __future__ import annotations

import io
import json
import logging
import re
import threading
import time
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, TextIO

from scalenet_tf.utils.printable import write_line

_COLOUR = re.compile(r"\x1b\[\d+m")
_BEGUN = re.compile(r"Executing task '(?P<name>[^']+)'")
_ENDED = re.compile(r"Task '[^']+' finished with status (?P<status>\w+)")
_CACHED = re.compile(r"Task (?P<name>\S+) cache hit")
# In the step's output path: a step after the loop has the members' artifacts among its inputs.
_MEMBER = re.compile(r"/for-loop-\d+-iteration-(\d+)/([^\"]*/)?executor_output\.json")
# Lines of KFP and of TensorFlow's C++ about themselves.
_NOISE = re.compile(
    r"\[KFP Executor |/kfp/dsl/executor|sys:1: |<frozen runpy>"
    r"|^[IW]\d{4} |^\d{4}-\d\d-\d\d .*: I |All log messages before absl|^To enable the following instructions"
)
# Fields that every line has, or that the step's title says.
_KNOWN = ("time", "severity", "component", "event")
_TAIL_LINES = 200
# KFP writes it before each line, once for each thread that prints.
_INDENT = 4 * " "


@dataclass
class PipelineStep:
    """One execution of one pipeline step."""

    name: str
    log: Path | None = None
    begun: float = field(default_factory=time.monotonic)
    seconds: float = 0.0
    outcome: Literal["done", "cached", "failed", "cut"] = "cut"
    member: int | None = None
    tail: deque[str] = field(default_factory=lambda: deque(maxlen=_TAIL_LINES))
    in_json: bool = False

    @property
    def title(self) -> str:
        return self.name if self.member is None else f"{self.name} S{self.member}"

    def add(self, line: str) -> bool:
        """Keeps a line, and returns whether the console shows it."""
        found = _MEMBER.search(line)
        if found and self.member is None:
            self.member = int(found[1])
        if line in ("{", "}"):
            # The first JSON object that KFP prints is the whole input of a step, 20 to 40 lines.
            self.in_json = line == "{"
            return False
        self.tail.append(line)
        return bool(line.strip()) and not self.in_json and not _NOISE.search(line)


class StepLog(logging.Filter):
    """Follows KFP's local runner through its log records; each thread of the runner runs one step at a time.

    As a filter of the root logger it sees every record, whatever handlers the threads add. It passes none of
    them on, because the lines that it prints say the same.

    Args:
      folder: Folder of the log files.
      console: Stream for the lines that a user sees.
    """

    def __init__(self, folder: Path, console: TextIO) -> None:
        super().__init__()
        self.steps: list[PipelineStep] = []
        self._folder = folder
        self._console = console
        self._running: dict[int, PipelineStep] = {}
        self._lock = threading.Lock()

    def filter(self, record: logging.LogRecord) -> bool:
        text = _COLOUR.sub("", record.getMessage())
        thread = record.thread or 0
        with self._lock:
            if found := _BEGUN.search(text):
                self._begin(found["name"], thread)
            elif found := _ENDED.search(text):
                self._end(found["status"], thread)
            elif found := _CACHED.search(text):
                self.steps.append(PipelineStep(found["name"], outcome="cached"))
                self._say(f"== {found['name']}: from the cache")
            elif record.levelno >= logging.WARNING:
                self._say(text)
        return False

    def take(self, line: str) -> None:
        """Takes a line that the step of this thread printed."""
        with self._lock:
            step = self._running.get(threading.get_ident())
            if step is None:
                return
            if step.log is not None:
                with open(step.log, "a", encoding="utf-8") as file:
                    file.write(line + "\n")
            if step.add(line):
                self._say(f"{step.title} | {_readable(line)}")

    def failures(self) -> list[PipelineStep]:
        """Returns the steps that did not succeed: first those that failed, then those that were cut off."""
        return [step for outcome in ("failed", "cut") for step in self.steps if step.outcome == outcome]

    def _begin(self, name: str, thread: int) -> None:
        step = PipelineStep(name, self._folder / f"{len(self.steps) + 1:02}-{name}.log")
        self.steps.append(step)
        self._running[thread] = step
        self._say(f"== {name}")

    def _end(self, status: str, thread: int) -> None:
        step = self._running.pop(thread, None)
        if step is None:
            return
        step.seconds = time.monotonic() - step.begun
        step.outcome = "done" if status == "SUCCESS" else "failed"
        self._say(f"== {step.title}: {step.outcome} in {step.seconds:.1f} s")

    def _say(self, line: str) -> None:
        # Not print, which KFP replaces to indent the output of its steps.
        write_line(line, self._console)


def _readable(line: str) -> str:
    """Returns a component's line as "event key=value …", the library's as its message, any other as it is."""
    if not line.startswith('{"time"'):
        return line
    try:
        values = json.loads(line)
    except ValueError:
        return line
    fields = [f"{key}={value}" for key, value in values.items() if key not in _KNOWN]
    if "event" not in values:
        return str(values.get("message", ""))
    return " ".join([str(values["event"]), *fields])


class Lines(io.TextIOBase):
    """A stdout for several threads: whole lines go to the log under the thread that printed them."""

    def __init__(self, log: StepLog) -> None:
        self._log = log
        self._begun: dict[int, str] = {}

    def write(self, text: str) -> int:
        if text == _INDENT:
            return len(text)
        thread = threading.get_ident()
        *lines, rest = (self._begun.get(thread, "") + text).split("\n")
        self._begun[thread] = rest
        for line in lines:
            self._log.take(_COLOUR.sub("", line))
        return len(text)

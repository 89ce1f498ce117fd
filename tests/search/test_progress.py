from __future__ import annotations

import io
import logging
import re
from collections.abc import Callable

import pytest
from rich.console import Console

from scalenet_tf.search.mcea import Mcea
from scalenet_tf.search.problem import SearchProblem
from scalenet_tf.search.progress import ProgressDisplay, fraction_done, summary
from scalenet_tf.search.values import SearchProgress
from tests.helpers.clock import Clock
from tests.helpers.tiny_search import CONFIG, SPACE, score

MACS = [SPACE.budget.target(SPACE.budget.macs, stage) for stage in range(len(SPACE.menus))]


def moments() -> list[SearchProgress]:
    """The progress after each result of a whole search."""
    search, seen = Mcea(SearchProblem(SPACE, CONFIG, 0)), []
    while not search.finished:
        evaluation = search.ask()
        assert evaluation is not None
        search.tell(evaluation.number, score(evaluation.subnet))
        seen.append(search.progress)
    return seen


def test_the_fraction_grows_from_nothing_to_one() -> None:
    fractions = [fraction_done(progress) for progress in moments()]
    assert fractions == sorted(fractions)
    assert 0 < fractions[0] < 0.1 and fractions[-1] == 1.0 and max(fractions[:-1]) < 1.0


def test_the_line_tells_round_phase_best_and_cache() -> None:
    assert summary(moments()[0]).endswith(" · 0 cached")
    in_base = next(p for p in moments() if (p.round, p.phase, p.generation) == (2, "base", 2))
    text = summary(in_base)
    share = in_base.cache_hits / (in_base.cache_hits + in_base.completed)
    assert text == (
        f"round {in_base.round}/2 · base 2/3 rung 1/2, {in_base.done} of {in_base.total}"
        f" · {in_base.completed} trials"
        f" · best S0 {in_base.best[0]:.3f} S1 {in_base.best[1]:.3f}"
        f" · {in_base.cache_hits} cached ({share:.0%})"
    )


def test_the_line_tells_what_failed() -> None:
    search = Mcea(SearchProblem(SPACE, CONFIG, 0))
    for number in range(4):
        search.tell(number, None if number % 2 else 0.5)
    assert " · 4 trials · 2 failed · best " in summary(search.progress)


@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture) -> Callable[[], list[str]]:
    """Gives the lines that were logged until then."""
    caplog.set_level("INFO", "scalenet_tf")
    return lambda: [record.getMessage() for record in caplog.records]


def test_without_a_terminal_there_is_a_line_every_ten_seconds(lines: Callable[[], list[str]]) -> None:
    clock = Clock()
    with ProgressDisplay(Console(file=io.StringIO()), MACS, clock) as display:
        for progress in moments():
            clock.now += 0.5
            display.update(progress)
    found = lines()
    assert len(found) == int(clock.now // 10)
    assert all(line.startswith("search: round ") and "2.00 trials/s" in line for line in found)
    times = [re.search(r"at most (?:(\d+) min )?(\d+) s left", line) for line in found]
    left = [60 * int(time[1] or 0) + int(time[2]) for time in times if time]
    assert len(left) == len(found) and left[-1] < left[0] < 600


def test_the_speed_is_that_of_the_last_minute_and_of_this_process(lines: Callable[[], list[str]]) -> None:
    clock = Clock()
    with ProgressDisplay(Console(file=io.StringIO()), MACS, clock) as display:
        for number, progress in enumerate(moments()[20:]):
            clock.now += 1.0 if number < 30 else 4.0
            display.update(progress)
    rates = [line.split(" trials/s")[0].split(" · ")[-1] for line in lines()]
    assert rates[0] == "1.00" and rates[-1] == "0.25"


def test_what_is_read_back_is_told_too(lines: Callable[[], list[str]]) -> None:
    clock = Clock()
    with ProgressDisplay(Console(file=io.StringIO()), MACS, clock) as display:
        for share in (0.1, 0.2, 0.3, 0.4):
            clock.now += 5.0
            display.replayed(share)
    assert lines() == [
        "search: reading its trials back, 20%",
        "search: reading its trials back, 40%",
    ]


def test_on_a_terminal_the_last_line_shows_the_end() -> None:
    out = io.StringIO()
    with ProgressDisplay(Console(file=out, force_terminal=True, width=200), MACS, Clock()) as display:
        for progress in moments():
            display.update(progress)
    assert "round 2/2 · finished" in out.getvalue()


def test_a_narrow_terminal_shows_all_of_it() -> None:
    clock, out = Clock(), io.StringIO()
    with ProgressDisplay(Console(file=out, force_terminal=True, width=60), MACS, clock) as display:
        for progress in moments()[:-1]:
            clock.now += 1.0
            display.update(progress)
    assert "trials/s" in out.getvalue() and "left" in out.getvalue()


def test_beside_a_bar_lines_are_for_debugging(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG", "scalenet_tf")
    clock, out = Clock(), io.StringIO()
    with ProgressDisplay(Console(file=out, force_terminal=True), MACS, clock) as display:
        clock.now = 20.0
        display.update(moments()[0])
    assert [record.levelno for record in caplog.records] == [logging.DEBUG]


def test_a_level_above_info_hides_the_bar() -> None:
    logging.getLogger("scalenet_tf").setLevel("WARNING")
    out = io.StringIO()
    with ProgressDisplay(Console(file=out, force_terminal=True), MACS, Clock()) as display:
        display.update(moments()[0])
    assert out.getvalue() == ""


def test_silence_is_possible(lines: Callable[[], list[str]]) -> None:
    clock = Clock()
    with ProgressDisplay(None, MACS, clock) as display:
        clock.now = 20.0
        display.update(moments()[0])
    assert lines() == []

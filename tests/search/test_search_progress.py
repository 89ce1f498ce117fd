from __future__ import annotations

import io

from rich.console import Console
from tiny_search import CONFIG, SPACE, score

from scalenet_tf.search.mcea import Mcea
from scalenet_tf.search.progress import SearchProgress, fraction_done, summary
from scalenet_tf.search.values import Progress


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def moments() -> list[Progress]:
    """The progress after each result of a whole search."""
    search, seen = Mcea(SPACE, CONFIG, 0), []
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
    in_base = next(p for p in moments() if p.phase == "base" and p.generation == 2 and p.best[0] is not None)
    text = summary(in_base)
    assert f"round {in_base.round}/2 · base 2/3 · {in_base.told} trials" in text
    assert f"best S0 {in_base.best[0]:.3f} S1 {in_base.best[1]:.3f} · {in_base.cache_hits} cached" in text


def test_without_a_terminal_there_is_a_line_every_ten_seconds() -> None:
    clock, out = Clock(), io.StringIO()
    with SearchProgress(Console(file=out), clock) as display:
        for progress in moments():
            clock.now += 0.5
            display.update(progress)
    lines = out.getvalue().splitlines()
    assert len(lines) == int(clock.now // 10)
    assert all(line.startswith("search: round ") and "2.00 trials/s" in line for line in lines)
    left = [
        int(line.split("at most ")[1].split(":")[0]) * 60 + int(line.split(" left")[0][-2:]) for line in lines
    ]
    assert left[-1] < left[0] < 600


def test_on_a_terminal_the_last_line_shows_the_end() -> None:
    out = io.StringIO()
    with SearchProgress(Console(file=out, force_terminal=True, width=200), Clock()) as display:
        for progress in moments():
            display.update(progress)
    assert "round 2/2 · finished" in out.getvalue()


def test_silence_is_possible() -> None:
    with SearchProgress(None) as display:
        display.update(moments()[0])

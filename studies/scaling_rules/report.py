"""The tables of the study, as Markdown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from studies.common.statistics import holm
from studies.scaling_rules.clustered import interval, sign_flip_p
from studies.scaling_rules.comparison import (
    Comparison,
    Judge,
    Measure,
    compare,
    of_rule,
    regret,
    regret_at_equal_macs,
    use_of_budget,
)
from studies.scaling_rules.counted import COUNTED, with_counted_macs
from studies.scaling_rules.ladders import BEYOND, LENGTHS, Settings
from studies.scaling_rules.rules import NAMES, RANDOM
from studies.scaling_rules.table import Grid

DEFAULT = "compound"
RIVALS = tuple(rule for rule in NAMES if rule != DEFAULT)
TOLERANCES = (0.1, 0.2, 0.3)
JUDGEMENTS: dict[str, Judge] = {"as trained": regret, "at equal MACs": regret_at_equal_macs}


def markdown(grids: Sequence[Grid], settings: Settings) -> str:
    """The counts, and tables by rule, of differences, by grid and of other settings.

    Args:
      grids: The grids.
      settings: How families and choices are made.
    """
    comparison = compare(grids, settings)
    if not comparison.outcomes:
        return f"No budget has two networks within {settings.tolerance:.0%}."
    parts = [
        _counts(comparison, settings),
        _by_rule(comparison),
        _differences(comparison),
        _by_grid(grids, settings),
        _variants(grids, comparison, settings),
    ]
    return "\n\n".join("\n".join(lines) for lines in parts)


def _counts(comparison: Comparison, settings: Settings) -> list[str]:
    real = comparison.outcomes
    families = {(one.choice.grid.name, one.choice.members[0]) for one in real}
    sets = {(one.choice.grid.name, one.choice.candidates) for one in real}
    grids = {one.choice.grid.name for one in real}
    own = {(one.choice.grid.name, one.picks[DEFAULT]) for one in real}
    others = [f"`{rule}` {_differing(comparison, rule)}" for rule in RIVALS[:-1]]
    return [
        f"{comparison.choices} choices within {settings.tolerance:.0%} of a budget; {len(real)} between two "
        f"or more networks, in {len(families)} families of {len(grids)} grids, with {len(sets)} distinct "
        f"sets of candidates. `{DEFAULT}` chooses {len(own)} distinct networks. Choices unlike its own: "
        f"{', '.join(others)}."
    ]


def _differing(comparison: Comparison, rule: str) -> int:
    return sum(one.picks[rule] != one.picks[DEFAULT] for one in comparison.outcomes)


def _by_rule(comparison: Comparison) -> list[str]:
    lines = [
        "| rule | MACs / budget | regret, points (95 %) | regret at equal MACs (95 %) | best network chosen "
        f"| better, worse than {DEFAULT} |",
        "|---|---|---|---|---|---|",
    ]
    for rule in NAMES:
        cells = [rule, f"{comparison.mean(of_rule(use_of_budget, rule)):.3f}"]
        for judge in JUDGEMENTS.values():
            measure = of_rule(judge, rule)
            cells.append(f"{comparison.mean(measure):.2f} ({_interval(comparison, measure, '.2f')})")
        losses = [(regret(one, rule), regret(one, DEFAULT)) for one in comparison.outcomes]
        best = sum(own < 1e-9 for own, _ in losses)
        better = sum(own < its - 1e-9 for own, its in losses)
        worse = sum(own > its + 1e-9 for own, its in losses)
        # The regret of a random choice is an expectation: it is never exactly that of the best.
        counts = [f"{best} of {len(losses)}", f"{better}, {worse}" if rule != DEFAULT else ""]
        cells += counts if rule != RANDOM else ["", ""]
        lines.append(f"| {' | '.join(cells)} |")
    return lines


def _differences(comparison: Comparison) -> list[str]:
    """Gains over the default; Holm's correction is over all rows."""
    rows = []
    for name, judge in JUDGEMENTS.items():
        for rule in RIVALS:
            gain = _gain(judge, rule)
            bounds = _interval(comparison, gain, "+.2f")
            p = sign_flip_p(comparison.values(gain))
            rows.append((f"{rule} less {DEFAULT} | {name} | {comparison.mean(gain):+.2f} | {bounds}", p))
    corrected = holm([p for _, p in rows])
    lines = ["| | judged | points | 95 % interval | p after Holm |", "|---|---|---|---|---|"]
    return lines + [f"| {row} | {p:.2g} |" for (row, _), p in zip(rows, corrected, strict=True)]


def _gain(judge: Judge, rule: str) -> Measure:
    return lambda outcome: judge(outcome, DEFAULT) - judge(outcome, rule)


def _interval(comparison: Comparison, measure: Measure, form: str) -> str:
    low, high = interval(comparison.values(measure), np.random.default_rng(0))
    return f"{low:{form}} to {high:{form}}"


def _by_grid(grids: Sequence[Grid], settings: Settings) -> list[str]:
    lines = [
        f"| grid | networks | choices, real | {' | '.join(NAMES)} |",
        "|---|---|---|" + "---|" * len(NAMES),
    ]
    for grid in grids:
        own = compare([grid], settings)
        head = f"{grid.name} | {len(grid.points)} | {own.choices}, {len(own.outcomes)}"
        lines.append(f"| {head} | {' | '.join(_regrets(own))} |")
    return lines


def _variants(grids: Sequence[Grid], comparison: Comparison, settings: Settings) -> list[str]:
    rows = {f"within {reach:.0%}": compare(grids, replace(settings, tolerance=reach)) for reach in TOLERANCES}
    for number in LENGTHS:
        rows[f"{number} small members"] = comparison.with_members(number)
    for number in BEYOND:
        rows[f"{2**number} times their MACs"] = comparison.stages_beyond(number)
    rows["budgets from the last small member"] = compare(grids, replace(settings, from_last=True))
    rows["fitted rules never shrink"] = compare(grids, replace(settings, growing=True))
    rows[f"{COUNTED}'s MACs as we count them"] = compare(map(with_counted_macs, grids), settings)
    lines = [f"| setting | real choices | {' | '.join(NAMES)} |", "|---|---|" + "---|" * len(NAMES)]
    for name, found in rows.items():
        lines.append(f"| {name} | {len(found.outcomes)} | {' | '.join(_regrets(found))} |")
    return lines


def _regrets(comparison: Comparison) -> list[str]:
    """Regret of each rule, as trained and at equal multiply-adds."""
    if not comparison.outcomes:
        return [""] * len(NAMES)
    means = [[comparison.mean(of_rule(judge, rule)) for judge in JUDGEMENTS.values()] for rule in NAMES]
    return [" / ".join(f"{mean:.2f}" for mean in pair) for pair in means]

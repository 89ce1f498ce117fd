"""The Markov chain of MCEA (paper, section 3.3): the algorithm alone, from the first batch to the last.

It is a generator: it yields a `Batch` to be scored and is sent the scores, or yields a `State` of the chain
and is sent nothing. Every batch is a pure function of the problem and of the scores so far.
"""

from __future__ import annotations

from collections.abc import Generator

import numpy as np

from scalenet_tf.costs.bases import EncodedBases, decode, encode, genotypes
from scalenet_tf.costs.macs import costs
from scalenet_tf.errors import ScaleNetError
from scalenet_tf.sampling.feasible import fits_stage, meets_budget
from scalenet_tf.sampling.pool import Pool, draw_pool
from scalenet_tf.search.candidates import Batch, Candidate, Scores, candidates
from scalenet_tf.search.evolution import Breeder, Population
from scalenet_tf.search.operators import fitness, ranking
from scalenet_tf.search.problem import SearchProblem
from scalenet_tf.search.race import Terms, race
from scalenet_tf.search.values import State
from scalenet_tf.search.warm_start import usable
from scalenet_tf.space import BaseArchitecture, Scaling
from scalenet_tf.utils.random_streams import RandomStream

Chain = Generator[Batch | State, Scores, None]
Scalings = tuple[Scaling, ...]


def run_chain(problem: SearchProblem) -> Chain:
    """The whole search: a start, then in turn the base and the scalings, until nothing changes.

    Then it begins anew, `restarts` times, without its base and at random scalings: what it came back to
    is the best of its neighbourhood alone.
    """
    config = problem.config
    problem.stage_weights()  # raises where they do not fit the space
    known = usable(problem)
    pool = draw_pool(problem.space, problem.generator(RandomStream.POOL), problem.criteria, known.bases)
    scalings = known.scalings or (yield from _start(problem, pool))
    # Half of the first generation at most: the other half is new.
    carried = known.bases[: max(config.population // 2, 1)]
    seen: set[tuple[BaseArchitecture, Scalings]] = set()
    restarts = config.restarts
    for number in range(1, config.rounds + 1):
        base = yield from _evolve_base(problem, pool, number, carried, scalings)
        carried = encode(problem.space, [base])
        state = yield from _choose_scalings(problem, number, base, scalings)
        scalings = state.scalings
        yield state
        if (base, scalings) in seen:
            if not restarts:
                return
            restarts -= 1
            carried = carried[:0]
            scalings = _random_scalings(problem, pool, number)
            continue
        seen.add((base, scalings))


def _random_scalings(problem: SearchProblem, pool: Pool, number: int) -> Scalings:
    return pool.at(pool.choose_at_random(problem.generator(RandomStream.RESTART, number)))


def _start(problem: SearchProblem, pool: Pool) -> Generator[Batch, Scores, Scalings]:
    """Scores each scaling by the mean over the first `start_bases` bases of the pool that it fits.

    Without such bases the scalings are random.
    """
    most = problem.config.start_bases
    if not most:
        return _random_scalings(problem, pool, 0)
    wanted: list[Candidate] = []
    parts: dict[tuple[int, int], slice] = {}
    for stage, feasible in enumerate(pool.feasible[1:], start=1):
        fitting = feasible.sum(axis=1)
        needed = min(most, int(fitting.max()))
        for index in np.flatnonzero(fitting >= needed).tolist():
            parts[stage, index] = slice(len(wanted), len(wanted) + needed)
            members = np.flatnonzero(feasible[index])[:needed]
            wanted += candidates(problem.space, stage, pool.scalings[stage][index], pool.bases[members])
    scores = yield Batch("start", 0, 0, wanted)
    means = [np.full(len(menu), np.nan) for menu in pool.scalings]
    for (stage, index), part in parts.items():
        means[stage][index] = fitness(scores[part], [1.0] * len(scores[part]))
    orders = [ranking(values).tolist() for values in means]
    chosen = pool.choose_jointly(orders)
    if chosen is None:
        raise AssertionError("draw_pool has checked that the scalings can be met together")
    return pool.at(chosen)


def _evolve_base(
    problem: SearchProblem, pool: Pool, number: int, carried: EncodedBases, scalings: Scalings
) -> Generator[Batch, Scores, BaseArchitecture]:
    """The best base under `scalings`, by `generations` of races, whose best become parents.

    No base is in two of its generations: a race's losers do not come back either.
    """
    space, config, weights = problem.space, problem.config, problem.stage_weights()
    constraint = {stage: scaling for stage, scaling in enumerate(scalings) if stage}
    breeder = Breeder(problem, constraint)
    # A base of a warm start may not fit the first scalings.
    carried = carried[meets_budget(space, carried, constraint, problem.criteria)]
    seen: frozenset[bytes] = frozenset()
    population = Population(encode(space, [])[:0], np.zeros(0))
    for generation in range(1, config.generations + 1):
        rng = problem.generator(RandomStream.EVOLUTION, number, generation)
        if generation == 1:
            newcomers = breeder.founders(rng, pool.bases, carried)
        else:
            newcomers = breeder.offspring(rng, population, seen)
        seen |= set(genotypes(newcomers))
        # The chain's own base is the first founder, and always comes to the end: a state never gets worse.
        own = min(len(carried), 1) if generation == 1 else 0
        terms = Terms(space, scalings, weights, number, generation, own)
        population = population.joined(*(yield from race(terms, newcomers, config.race)))
        population = population.best(config.population)
    if np.isnan(population.fitness[0]):
        stages = [stage for stage, weight in enumerate(weights) if weight > 0]
        raise ScaleNetError(
            f"the search needs at least one base whose subnets of stages {stages} can all be scored; none of "
            f"round {number} could. Look at why evaluations fail (the trials' messages), then search anew."
        )
    return decode(space, population.bases[:1])[0]


def _choose_scalings(
    problem: SearchProblem, number: int, base: BaseArchitecture, current: Scalings
) -> Generator[Batch, Scores, State]:
    """The best scaling of each stage for `base`, by grid; between equals the current one stays."""
    space, weights = problem.space, problem.stage_weights()
    encoded = encode(space, [base])
    own = costs(space, encoded, current[0])[:, 0]
    wanted = candidates(space, 0, current[0], encoded, [base]) if weights[0] > 0 else []
    for stage in range(1, len(current)):
        networks: dict[bytes, Candidate] = {}
        for scaling in (current[stage], *space.menus[stage].scalings()):
            if fits_stage(space, encoded, own, scaling, stage, problem.criteria)[0]:
                (candidate,) = candidates(space, stage, scaling, encoded, [base])
                networks.setdefault(candidate.phenotype, candidate)
        wanted += networks.values()
    scored = list(zip(wanted, (yield Batch("scalings", number, 0, wanted)), strict=True))
    scalings = list(current)
    scores: Scores = [None] * len(current)
    for stage in range(len(current)):
        options = [(candidate.scaling, score) for candidate, score in scored if candidate.stage == stage]
        if options:
            values = np.array([np.nan if score is None else score for _, score in options])
            scalings[stage], scores[stage] = options[ranking(values)[0]]
    macs = tuple(int(costs(space, encoded, scaling)[0, 0]) for scaling in scalings)
    return State(base, tuple(scalings), tuple(scores), macs, fitness(scores, weights))

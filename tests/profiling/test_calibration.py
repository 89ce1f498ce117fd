from __future__ import annotations

import numpy as np
import pytest

from scalenet_tf.errors import ScaleNetError
from scalenet_tf.profiling.calibration import check, fit, kendall_tau, split
from scalenet_tf.space.latency_table import Calibration, Measured


def measured(pairs: list[tuple[float, float]]) -> list[Measured]:
    return [Measured(blocks_ms=blocks, network_ms=network) for blocks, network in pairs]


def test_an_affine_law_is_found_and_has_no_error() -> None:
    networks = measured([(x, 0.2 + 1.1 * x) for x in (0.5, 1.0, 2.0, 4.0, 7.0, 9.0)])
    fitted_on, checked_on = split(networks)
    assert not {n.blocks_ms for n in fitted_on} & {n.blocks_ms for n in checked_on}
    calibration = fit(fitted_on)
    assert (calibration.offset_ms, calibration.factor) == (pytest.approx(0.2), pytest.approx(1.1))
    found = check(calibration, checked_on)
    assert found.networks == 3
    assert found.largest_error == pytest.approx(0, abs=1e-9)
    assert found.kendall_tau == 1


def test_errors_are_relative_and_those_of_the_networks_given() -> None:
    calibration = Calibration(offset_ms=0, factor=1, networks=2)
    found = check(calibration, measured([(1.1, 1.0), (2.0, 2.0), (3.0, 6.0)]))
    assert found.median_error == pytest.approx(0.1)
    assert found.largest_error == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("other", "tau"),
    [([1, 2, 3, 4], 1.0), ([4, 3, 2, 1], -1.0), ([1, 2, 4, 3], 4 / 6), ([1, 1, 2, 3], 5 / 6)],
)
def test_kendalls_tau(other: list[float], tau: float) -> None:
    assert kendall_tau(np.array([1.0, 2, 3, 4]), np.array(other, float)) == pytest.approx(tau)


def test_blocks_that_say_nothing_of_their_networks_are_refused() -> None:
    with pytest.raises(ScaleNetError, match=r"contradict their blocks.*measure while less else is running"):
        fit(measured([(1.0, 3.0), (2.0, 2.0), (3.0, 1.0)]))

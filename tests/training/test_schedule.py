import math

from scalenet_tf.training.schedule import cosine_with_warmup


def test_rises_in_a_line_and_falls_by_a_cosine():
    rates = [cosine_with_warmup(step, 110, 0.4, 10) for step in range(110)]
    assert [round(rate, 9) for rate in rates[:10]] == [round(0.04 * (i + 1), 9) for i in range(10)]
    assert rates[10] == 0.4
    assert math.isclose(rates[60], 0.2)
    assert rates[10:] == sorted(rates[10:], reverse=True)
    assert 0 < rates[-1] < 0.001


def test_no_warmup():
    assert cosine_with_warmup(0, 10, 0.4, 0) == 0.4

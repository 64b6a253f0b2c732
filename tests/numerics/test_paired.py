"""Tango's limits are where the score statistic with the constrained maximum meets the normal quantile."""

import numpy as np
import pytest
from scipy.optimize import minimize_scalar

from evalkit.numerics.paired import newcombe, tango


def answers(both, up, down, neither):
    before = np.repeat([1.0, 0, 1, 0], [both, up, down, neither])
    after = np.repeat([1.0, 1, 0, 0], [both, up, down, neither])
    return before, after


@pytest.mark.parametrize("counts", [(5, 9, 2, 7), (0, 4, 1, 3), (30, 1, 8, 2)])
def test_tango(counts):
    _, up, down, _ = counts
    n = sum(counts)

    def statistic(delta):
        def loss(q):  # q is the chance of yes to no, q + delta that of no to yes
            return -(up * np.log(q + delta) + down * np.log(q) + (n - up - down) * np.log(1 - 2 * q - delta))

        least = max(0, -delta) + 1e-12
        q = minimize_scalar(loss, bounds=(least, (1 - delta) / 2 - 1e-12), method="bounded", options={"xatol": 1e-13}).x
        return (up - down - n * delta) / np.sqrt(n * (2 * q + delta * (1 - delta)))

    low, high = tango(*answers(*counts), 0.95)
    assert statistic(low) == pytest.approx(1.959963984540054, abs=1e-4)
    assert statistic(high) == pytest.approx(-1.959963984540054, abs=1e-4)


def test_newcombe_without_correlation_is_wilsons_limits_joined():
    # 4 in each cell: no correlation, shares of one half, Wilson 0.2815 to 0.7185 at n = 16
    low, high = newcombe(*answers(4, 4, 4, 4), 0.95)
    z2 = 3.841458820694124
    half = np.sqrt(z2) / (1 + z2 / 16) * np.sqrt(0.25 / 16 + z2 / (4 * 256))
    assert (low, high) == pytest.approx((-np.sqrt(2) * half, np.sqrt(2) * half))

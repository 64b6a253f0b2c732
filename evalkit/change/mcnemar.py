"""McNemar's test: as many up as down among the units that changed?"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from evalkit.errors import MethodError


class McNemar(NamedTuple):
    """Up against down: conditional odds ratio, p-values, confidence limits of the odds ratio."""

    odds_ratio: float
    exact: float
    mid_p: float
    asymptotic: float
    conf_int: tuple[float, float]


def mcnemar(up: int, down: int, *, level: float = 0.95, interval: str = "exact") -> McNemar:
    """McNemar's test that as many changed from no to yes as from yes to no.

    Parameters
    ----------
    up, down : units that changed from no to yes, and from yes to no.
    level : of the interval. interval : "exact" (Clopper & Pearson 1934) or "mid-p" (Lancaster 1961).

    Returns
    -------
    McNemar : odds_ratio = up/down; exact and mid_p are twice the smaller binomial tail, at most 1 (Fagerland,
        Lydersen & Laake 2013); asymptotic is (up − down)²/(up + down) without continuity correction (McNemar 1947).

    Examples
    --------
    >>> result = mcnemar(19, 6)
    >>> round(result.odds_ratio, 3), round(result.exact, 4), round(result.mid_p, 4)
    (3.167, 0.0146, 0.0094)
    """
    for name, count in (("up", up), ("down", down)):
        if not (float(count).is_integer() and count >= 0):
            raise MethodError("A number of units is a whole number, zero or more.", where=name, got=count)
    if not 0 < level < 1:
        raise MethodError("The level is not between 0 and 1.", where="mcnemar", got=level)
    if interval not in ("exact", "mid-p"):
        raise MethodError("There is no such interval.", where=f"interval={interval!r}", expected='"exact" or "mid-p"')
    from scipy.special import bdtr, bdtrc, chdtrc

    n, up, down = int(up + down), int(up), int(down)
    if n == 0:
        return McNemar(np.nan, 1.0, 1.0, 1.0, (0.0, np.inf))
    low, high = bdtr(up, n, 0.5), bdtrc(up - 1, n, 0.5) if up else 1.0
    point = low + high - 1
    return McNemar(
        up / down if down else np.inf,
        float(min(1.0, 2 * min(low, high))),
        float(min(1.0, 2 * min(low, high) - point)),
        float(chdtrc(1, (up - down) ** 2 / n)),
        _odds_limits(up, n, level, 1.0 if interval == "exact" else 0.5),
    )


def _odds_limits(up: int, n: int, level: float, share: float) -> tuple[float, float]:
    """Limits of the odds of a binomial; `share` of the observed point's probability counts to each tail."""
    from scipy.optimize import brentq
    from scipy.special import bdtr, bdtrc, expit

    tail = (1 - level) / 2

    def above(log_odds: float) -> float:
        p = expit(log_odds)
        at_least, more = (bdtrc(up - 1, n, p) if up else 1.0), bdtrc(up, n, p)
        return share * at_least + (1 - share) * more - tail

    def below(log_odds: float) -> float:
        p = expit(log_odds)
        fewer = bdtr(up - 1, n, p) if up else 0.0
        return share * bdtr(up, n, p) + (1 - share) * fewer - tail

    low = 0.0 if up == 0 else float(np.exp(brentq(above, -40, 40, xtol=1e-13)))
    high = np.inf if up == n else float(np.exp(brentq(below, -40, 40, xtol=1e-13)))
    return low, high

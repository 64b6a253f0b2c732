"""Weights equal R survey's, in five designs and twelve weightings."""

import numpy as np
import pytest

from evalkit.errors import MethodError
from evalkit.weights import calibrate

DESIGNS = ("strat", "strat_nofpc", "clus1", "clus1_nofpc", "srs")
WEIGHTINGS = (
    *("base", "post_stype", "post_cells", "rake2", "rake3", "cal_linear"),
    *("cal_raking", "cal_logit", "cal_truncated", "trim", "trim_strict", "trim_post"),
)


@pytest.mark.parametrize("weighting", WEIGHTINGS)
@pytest.mark.parametrize("design", DESIGNS)
def test_weights_and_degrees_of_freedom(golden, design, weighting):
    want = golden.values()["api"][design][weighting]
    got = golden.weighted(design, weighting)
    np.testing.assert_allclose(got.weights, want["weights"], rtol=1e-8)
    assert got.df == want["degf"]


@pytest.mark.parametrize("design", DESIGNS)
def test_tight_bounds_are_met_where_r_meets_them_and_refused_where_not(golden, design):
    want = golden.values()["api"][design]["cal_tight"]
    totals = {"stype": golden.population()["stype"], "api99": golden.population()["api99"]}
    if "error" in want:
        with pytest.raises(MethodError, match="did not reach the totals") as error:
            calibrate(golden.base(design), totals, method="truncated", bounds=(0.9, 1.2))
        assert "stype = H: got" in error.value.got
    else:
        got = calibrate(golden.base(design), totals, method="truncated", bounds=(0.9, 1.2))
        np.testing.assert_allclose(got.weights, want["weights"], rtol=1e-8)

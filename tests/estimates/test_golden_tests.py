"""Tests, quantiles, contrasts and regressions equal R survey's, and so do variances of replicates."""

import numpy as np
import pytest

from evalkit.estimates import contrast, difference, independence, mean, proportion, quantile, regression, total, trend
from evalkit.weights import replicate

DESIGNS = ("strat", "strat_nofpc", "clus1", "clus1_nofpc", "srs")
WEIGHTINGS = ("base", "post_stype", "rake2", "rake3", "cal_linear", "cal_raking", "cal_logit", "trim_post")
CASES = [(design, weighting) for design in DESIGNS for weighting in WEIGHTINGS]


def rtol(weighting: str) -> float:
    return 1e-8 if weighting in ("base", "post_stype", "cal_linear") else 1e-6


@pytest.mark.parametrize(("design", "weighting"), CASES)
@pytest.mark.parametrize("statistic", ["F", "Chisq", "Wald", "adjWald"])
def test_independence(golden, design, weighting, statistic):
    d = golden.weighted(design, weighting)
    for a, b, name in (("sch.wide", "stype", "chisq"), ("awards", "comp.imp", "chisq_awards")):
        want = golden.values()["api"][design][weighting][f"{name}_{statistic}"]
        got = independence(d, a, b, statistic).iloc[0]
        freedom = [got["df_num"]] if statistic == "Chisq" else [got["df_num"], got["df_den"]]
        if statistic == "Chisq":
            # R prints Pearson's statistic itself and divides by the mean design effect inside the p-value
            np.testing.assert_allclose(freedom, np.atleast_1d(want["par"]), rtol=1e-8)
        else:
            np.testing.assert_allclose(got["value"], want["stat"], rtol=10 * rtol(weighting))
            np.testing.assert_allclose(freedom, want["par"], rtol=10 * rtol(weighting))
        np.testing.assert_allclose(got["p_value"], want["p"], rtol=1e-4, atol=1e-12)


@pytest.mark.parametrize(("design", "weighting"), CASES)
def test_logistic_and_linear_regression(golden, design, weighting):
    want, d = golden.values()["api"][design][weighting], golden.weighted(design, weighting)
    d = d.replace(data=d.data.assign(whole=(d.data["sch.wide"] == "Yes").astype(float)))
    logit = regression(d, "whole ~ ell + meals + mobility")
    np.testing.assert_allclose(logit.params, want["logit"]["est"], rtol=1e-6, atol=1e-9)
    np.testing.assert_allclose(logit.std_errors, want["logit"]["se"], rtol=1e-6)
    np.testing.assert_allclose(logit.pvalues, want["logit"]["p"], rtol=1e-5)
    assert logit.df == want["logit"]["df"]
    joint = logit.wald(["ell", "meals"]).iloc[0]
    np.testing.assert_allclose(joint["value"], want["logit"]["wald"]["F"], rtol=1e-5)
    np.testing.assert_allclose(joint["p_value"], want["logit"]["wald"]["p"], rtol=1e-5)
    linear = regression(d, "api00 ~ ell + meals + mobility", family="linear")
    np.testing.assert_allclose(linear.params, want["linear"]["est"], rtol=1e-7)
    np.testing.assert_allclose(linear.std_errors, want["linear"]["se"], rtol=1e-6)


@pytest.mark.parametrize(("design", "weighting"), CASES)
def test_quantiles(golden, design, weighting):
    want = golden.values()["api"][design][weighting]["quantile"]
    got = quantile(golden.weighted(design, weighting), "api00", q=[0.25, 0.5, 0.75])
    np.testing.assert_allclose(got["estimate"], want["q"])
    np.testing.assert_allclose(got[["ci_low", "ci_high"]].to_numpy().ravel(), want["ci"])
    np.testing.assert_allclose(got["std_error"], want["se"], rtol=1e-8)


@pytest.mark.parametrize(("design", "weighting"), CASES)
def test_differences_contrasts_and_trend(golden, design, weighting):
    want, d = golden.values()["api"][design][weighting], golden.weighted(design, weighting)
    got = difference(d, "api00", by="comp.imp").iloc[0]
    np.testing.assert_allclose(got["estimate"], want["ttest"]["est"], rtol=1e-8)
    np.testing.assert_allclose(got["estimate"] / got["std_error"], want["ttest"]["t"], rtol=rtol(weighting))
    np.testing.assert_allclose(got["p_value"], want["ttest"]["p"], rtol=1e-5)
    assert got["df"] == want["ttest"]["df"]
    coefficients = {"a": {"E": 1, "H": -0.5, "M": -0.5}, "b": {"H": 1, "M": -1}}
    frame = contrast(d, "api00", by="stype", coefficients=coefficients)
    np.testing.assert_allclose(frame["estimate"], want["contrast"]["est"], rtol=1e-7)
    np.testing.assert_allclose(frame["std_error"], want["contrast"]["se"], rtol=rtol(weighting))
    slope = trend(d, "api00", by="score").iloc[0]
    np.testing.assert_allclose(slope["estimate"], want["trend"]["est"][1], rtol=1e-7)
    np.testing.assert_allclose(slope["std_error"], want["trend"]["se"][1], rtol=rtol(weighting))


@pytest.mark.parametrize("weighting", ["base", "rake2", "post_stype", "cal_linear", "cal_raking"])
@pytest.mark.parametrize("kind", ["jack", "boot"])
@pytest.mark.parametrize("design", DESIGNS[:4])
def test_replicates(golden, design, kind, weighting):
    """Our jackknife of the calibrated design; R's bootstrap weights, calibrated by us."""
    want = golden.values()["rep"][design][kind][weighting]
    if kind == "jack":
        d = replicate(golden.weighted(design, weighting), "jackknife")
    else:
        d = golden.weigh(golden.bootstrapped(design), weighting)
    tolerance = {"rtol": rtol(weighting), "atol": 1e-9}
    np.testing.assert_allclose(mean(d, "api00")["std_error"], want["mean"]["se"], **tolerance)
    np.testing.assert_allclose(total(d, "enroll")["std_error"], want["total"]["se"], **tolerance)
    np.testing.assert_allclose(proportion(d, "sch.wide")["std_error"], want["share"]["se"], **tolerance)
    np.testing.assert_allclose(mean(d, "api00", by="stype")["std_error"], want["by_mean"]["se"], **tolerance)
    shares = proportion(d, "sch.wide", by="awards").sort_values(["category", "awards"])
    np.testing.assert_allclose(shares["std_error"], want["by_share"]["se"], **tolerance)
    d = d.replace(data=d.data.assign(whole=(d.data["sch.wide"] == "Yes").astype(float)))
    logit = regression(d, "whole ~ ell + meals + mobility")
    np.testing.assert_allclose(logit.std_errors, want["logit"]["se"], rtol=1e-5)
    if kind == "jack" and weighting == "base":
        # R counts the rank of the weights, which calibration lowers; ours stays clusters − strata, as linearised
        assert d.df == want["degf"]

"""Estimates, standard errors and intervals equal R survey's, in five designs and twelve weightings."""

import numpy as np
import pytest

from evalkit.errors import MethodError
from evalkit.estimates import core, mean, proportion, ratio, total
from evalkit.weights import Design, poststratify

DESIGNS = ("strat", "strat_nofpc", "clus1", "clus1_nofpc", "srs")
WEIGHTINGS = (
    *("base", "post_stype", "post_cells", "rake2", "rake3", "cal_linear"),
    *("cal_raking", "cal_logit", "cal_truncated", "trim", "trim_strict", "trim_post"),
)
CASES = [(design, weighting) for design in DESIGNS for weighting in WEIGHTINGS]


def rtol(weighting: str) -> float:
    """1e-8 where R is exact, 1e-6 where it iterates."""
    return 1e-8 if weighting in ("base", "post_stype", "post_cells", "cal_linear") else 1e-6


def agree(frame, want, weighting, scale=1.0):
    np.testing.assert_allclose(frame["estimate"], want["est"], rtol=rtol(weighting))
    # R leaves rounding where the margins fix the estimate; ours is 0
    np.testing.assert_allclose(frame["std_error"], want["se"], rtol=rtol(weighting), atol=1e-9 * scale)


@pytest.mark.parametrize(("design", "weighting"), CASES)
def test_means_totals_ratios_groups(golden, design, weighting):
    want, d = golden.values()["api"][design][weighting], golden.weighted(design, weighting)
    agree(mean(d, "api00"), want["mean"], weighting)
    agree(total(d, "enroll"), want["total"], weighting)
    agree(total(d, "one"), want["total_one"], weighting, scale=1e3)
    agree(ratio(d, "api.stu", "enroll"), want["ratio"], weighting)
    agree(mean(d, "api00", by="stype"), want["by_mean"], weighting)
    agree(mean(d, "api00", by="awards"), want["by_awards"], weighting)
    agree(total(d, "enroll", by="stype"), want["by_total"], weighting)
    agree(proportion(d, "stype"), want["share_stype"], weighting)
    shares = proportion(d, "sch.wide", by="stype").sort_values(["category", "stype"])
    agree(shares, want["by_share"], weighting)


@pytest.mark.parametrize(("design", "weighting"), CASES)
def test_intervals_domains_and_design_effects(golden, design, weighting):
    want, d = golden.values()["api"][design][weighting], golden.weighted(design, weighting)
    whole = mean(d, "api00")
    np.testing.assert_allclose([whole["ci_low"][0], whole["ci_high"][0]], want["ci"], rtol=rtol(weighting))
    outside = d.data["api00"].where(d.data["comp.imp"] == "Yes")
    agree(mean(d.replace(data=d.data.assign(inside=outside)), "inside"), want["domain"], weighting)
    for ours, theirs in (("logit", "logit"), ("beta", "beta"), ("wald", "mean")):
        row = proportion(d, "comp.imp", interval=ours).iloc[1]
        got = row[["estimate", "ci_low", "ci_high"]].astype(float)
        np.testing.assert_allclose(got, want[f"share_{theirs}"], rtol=rtol(weighting))
    y = core.numbers(d.data, "api00")[:, None]
    found = core.estimate(d, y, np.ones_like(y), np.ones_like(y, dtype=bool))
    np.testing.assert_allclose(found.deff(with_replacement=False), want["deff"], rtol=2 * rtol(weighting))
    np.testing.assert_allclose(found.deff(with_replacement=True), want["deff_replace"], rtol=2 * rtol(weighting))


@pytest.mark.parametrize("weighting", ["rake2", "rake3"])
@pytest.mark.parametrize("design", DESIGNS)
def test_rs_rake_is_wider_where_base_weights_differ(golden, design, weighting):
    """The deliberate difference: residuals of raking count by base weights, as in R's calibrate, not alike, as in rake.

    Deville & Särndal (1992), section 3: the linearised variable is y less its regression weighted by the base weights.
    """
    r, made = golden.values()["api"][design], golden.weighted(design, weighting)
    ours, rake = mean(made, "api00")["std_error"][0], r["by_rake"][weighting]["se"]
    assert ours == pytest.approx(r[weighting]["mean"]["se"], rel=1e-6)
    if not design.startswith("strat"):
        assert ours == pytest.approx(rake, rel=1e-6)
        return
    assert rake > ours * 1.0003
    margins = ["stype", "sch.wide", "awards"][: int(weighting[-1])]
    assert by_hand(golden.data("apistrat"), made.weights, margins, fpc=design == "strat") == pytest.approx(
        ours, rel=1e-6
    )


def by_hand(data, weights, margins, fpc):
    """√Σ_h (1 − f_h) n_h/(n_h − 1) Σ (z − z̄_h)², z the final weight times the residual, over the population."""
    weights, values = weights.to_numpy(), data["api00"].to_numpy(dtype=float)
    x = np.column_stack([np.ones(len(data)), *((data[m] == k) for m in margins for k in sorted(set(data[m]))[1:])])
    u = values - weights @ values / weights.sum()
    d = data["pw"].to_numpy()
    z = weights * (u - x @ np.linalg.solve(x.T @ (x * d[:, None]), x.T @ (d * u))) / weights.sum()
    strata = [(len(rows), rows["fpc"].iloc[0], z[rows.index].var(ddof=1)) for _, rows in data.groupby("stype")]
    return np.sqrt(sum((1 - fpc * n / size) * n * variance for n, size, variance in strata))


@pytest.mark.parametrize("fpc", ["", "_nofpc"])
@pytest.mark.parametrize("rule", ["fail", "remove", "adjust", "average", "certainty"])
def test_lonely_strata(golden, rule, fpc):
    want = golden.values()["lonely"][rule + fpc]
    arguments = {"weights": "pw", "strata": "st2", "fpc": None if fpc else "fpc2", "lonely": rule}
    if rule == "fail":
        with pytest.raises(MethodError, match="one cluster") as error:
            Design(golden.data("apistrat"), **arguments)
        assert "LONE" in str(error.value)
        assert "LONE" in want["error"]
        return
    d = Design(golden.data("apistrat"), **arguments)
    agree(mean(d, "api00"), want["mean"], "base")
    agree(total(d, "enroll"), want["total"], "base")


@pytest.mark.parametrize("kind", ["base", "post", "strata"])
def test_a_sample_that_is_nearly_a_census(golden, kind):
    """40 of 60, one cell fully observed."""
    near, want = golden.data("nearcensus"), golden.values()["near"][kind]
    d = Design(near, strata="cell", fpc="Nc") if kind == "strata" else Design(near, fpc="N")
    d = poststratify(d, "cell", {"a": 20, "b": 30, "c": 10}) if kind == "post" else d
    row = proportion(d, "y").iloc[0]
    np.testing.assert_allclose(row[["estimate", "ci_low", "ci_high"]].astype(float), want["share"], rtol=1e-8)
    agree(mean(d, "x"), want["mean"], "base")
    agree(total(d, "y"), want["total"], "base")
    agree(mean(d, "y2"), want["missing"], "base")
    by = mean(d, "x", by="cell")
    np.testing.assert_allclose(by["estimate"], want["by"]["est"], rtol=1e-8)
    np.testing.assert_allclose(by["std_error"][:2], want["by"]["se"][:2], rtol=1e-8)
    if kind != "base":
        # all ten of cell c answered, and post-stratification says so: no width, where R prints sampling error
        assert by["std_error"][2] == 0
        assert by["ci_low"][2] == by["ci_high"][2] == by["estimate"][2]
        assert by.attrs["notes"] == ((2, "all answered"),)

"""R survey's values and the same designs and weightings made by evalkit."""

from __future__ import annotations

import gzip
import json
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

from evalkit.weights import Design, Replicates, calibrate, poststratify, trim

HERE = Path(__file__).parent
DESIGNS = ("strat", "strat_nofpc", "clus1", "clus1_nofpc", "srs")
WEIGHTINGS = (
    "base",
    "post_stype",
    "post_cells",
    "rake2",
    "rake3",
    "cal_linear",
    "cal_raking",
    "cal_logit",
    "cal_truncated",
    "trim",
    "trim_strict",
    "trim_post",
)


@cache
def values() -> dict:
    return json.loads(gzip.decompress((HERE / "survey.json.gz").read_bytes()))


@cache
def data(name: str) -> pd.DataFrame:
    frame = pd.read_csv(HERE / f"{name}.csv.gz")
    return frame.assign(one=1.0, score=frame["stype"].map({"E": 0, "H": 1, "M": 2})) if "stype" in frame else frame


def population() -> dict:
    given = values()["population"]
    single = {c: dict(zip(given[c][c], given[c]["Freq"])) for c in ("stype", "sch.wide", "awards")}
    cells = given["cells"]
    return {
        **single,
        "cells": dict(zip(zip(cells["stype"], cells["sch.wide"]), cells["Freq"])),
        "api99": given["api99"],
    }


@cache
def base(design: str) -> Design:
    if design.startswith("strat"):
        frame, what = data("apistrat"), {"strata": "stype"}
    elif design.startswith("clus1"):
        frame, what = data("apiclus1"), {"clusters": "dnum"}
    else:
        frame, what = data("apisrs"), {}
    return Design(frame, weights="pw", fpc=None if design.endswith("nofpc") else "fpc", **what)


@cache
def weighted(design: str, weighting: str) -> Design:
    return weigh(base(design), weighting)


def weigh(d: Design, weighting: str) -> Design:
    p = population()
    mixed = {"stype": p["stype"], "api99": p["api99"]}
    two = {"stype": p["stype"], "sch.wide": p["sch.wide"]}
    if weighting == "base":
        return d
    if weighting == "post_stype":
        return poststratify(d, "stype", p["stype"])
    if weighting == "post_cells":
        return poststratify(d, ["stype", "sch.wide"], p["cells"])
    if weighting == "rake2":
        return calibrate(d, two)
    if weighting == "rake3":
        return calibrate(d, {**two, "awards": p["awards"]})
    if weighting == "cal_linear":
        return calibrate(d, mixed, method="linear")
    if weighting == "cal_raking":
        return calibrate(d, mixed)
    if weighting == "cal_logit":
        return calibrate(d, mixed, method="logit", bounds=(0.4, 3))
    if weighting == "cal_truncated":
        return calibrate(d, mixed, method="truncated", bounds=(0.5, 2))
    raked = calibrate(d, two)
    bounds = {"lower": np.quantile(raked.weights, 0.05), "upper": np.quantile(raked.weights, 0.9)}
    trimmed = trim(raked, **bounds, strict=weighting == "trim_strict")
    return poststratify(trimmed, "stype", p["stype"]) if weighting == "trim_post" else trimmed


def bootstrapped(design: str) -> Design:
    """The design with R's bootstrap weights."""
    given = values()["rep"][design]["boot"]
    array = pd.read_csv(HERE / f"boot_{design}.csv.gz").to_numpy()
    return Design(
        base(design).data, weights="pw", replicates=Replicates(array, given["scale"], np.array(given["rscales"]))
    )

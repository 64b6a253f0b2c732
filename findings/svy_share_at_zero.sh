#!/usr/bin/env bash
# svy 0.35.0: nobody of 20 said yes: the Wilson and beta intervals of the share are NaN, Korn-Graubard's is right.
#
# Both methods are defined at 0 and 1 (Wilson 1927; Clopper and Pearson 1934), and are chosen because of that: 0 to 0.161
# and 0 to 0.168. svy 0.35 notes "CI undefined at p = 0 or 1" for logit, Wilson and beta alike; `korn-graubard`, which
# for equal weights is Clopper-Pearson's interval, gives 0.832 to 1 for the share that said no.
set -eu
tmp=$(mktemp -d); trap 'rm -rf "$tmp"' EXIT
python3 -m venv "$tmp/env"
"$tmp/env/bin/pip" install --quiet svy==0.35.0 scipy==1.17.0
"$tmp/env/bin/python" - <<'P'
import polars as pl
import svy
from scipy.stats import binomtest

sample = svy.Sample(pl.DataFrame({"yes": [0] * 20, "w": [5.0] * 20}), svy.Design(wgt="w"))
seen = {}
for method in ("logit", "wilson", "beta", "korn-graubard"):
    seen[method] = str(sample.estimation.prop("yes", ci_method=method))
    print(method, seen[method], sep="\n")
for method in ("logit", "wilson", "beta"):
    assert "nan" in seen[method] and "undefined" in seen[method], method
assert "0.8316" in seen["korn-graubard"]
for method, low in (("wilson", 0.8389), ("exact", 0.8316)):
    right = binomtest(20, 20).proportion_ci(method=method)
    print(f"scipy, {method}: {right.low:.4f} to {right.high:.4f}")
    assert round(right.low, 4) == low
P

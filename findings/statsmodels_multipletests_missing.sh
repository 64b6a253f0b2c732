#!/usr/bin/env bash
# statsmodels 0.15.0: `multipletests` with a missing p-value rejects hypotheses that nobody tested, or loses the others'.
#
# A screen of many questions has missing p-values where a question could not be tested. For p = 0.01, 0.02, missing:
#  - Holm rejects all three, the missing one too, and counts it as a test (0.01 becomes 0.03);
#  - of missing values alone Holm rejects every one;
#  - Hommel, Hochberg and both false discovery rates return no corrected value at all (all missing), while Hochberg and
#    Benjamini-Hochberg still reject the first two;
#  - Bonferroni and Sidak count the missing one as a test.
# R's p.adjust leaves missing values out and puts them back: 0.02, 0.02, NA for Holm. No method here warns.
set -eu
tmp=$(mktemp -d); trap 'rm -rf "$tmp"' EXIT
python3 -m venv "$tmp/env"
"$tmp/env/bin/pip" install --quiet statsmodels==0.15.0 numpy==2.4.0
"$tmp/env/bin/python" -W error - <<'P'
import numpy as np
from statsmodels.stats.multitest import multipletests

seen = {}
for method in ("holm", "bonferroni", "sidak", "simes-hochberg", "hommel", "fdr_bh", "fdr_by"):
    reject, corrected = multipletests([0.01, 0.02, np.nan], method=method)[:2]
    alone = multipletests([np.nan, np.nan], method=method)[0]
    seen[method] = (reject.tolist(), [round(float(p), 4) for p in corrected], alone.tolist())
    print(f"{method:15} reject {seen[method][0]} corrected {seen[method][1]}; of missing alone {seen[method][2]}")
nan = float("nan")
assert seen["holm"][0] == [True, True, True] and seen["holm"][2] == [True, True]
assert seen["holm"][1][:2] == [0.03, 0.04] and seen["bonferroni"][1][:2] == [0.03, 0.06]
for method in ("simes-hochberg", "hommel", "fdr_bh", "fdr_by"):
    assert all(np.isnan(seen[method][1])), method
assert seen["simes-hochberg"][0] == seen["fdr_bh"][0] == [True, True, False]
P

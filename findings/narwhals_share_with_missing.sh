#!/usr/bin/env bash
# narwhals 2.29.0: the same line gives the share of yes among those who answered, or among all, by the column's dtype.
#
# Of four units one did not answer: yes, no, missing, yes. `(nw.col("a") == "yes").mean()` is 2/3 for polars, for pandas'
# `string` and for `Int64`, and 1/2 for what pandas makes of the list itself (str, float64): there a comparison with
# a missing value is False, and counts as a no. Two users with the same data and the same line print different shares.
set -eu
tmp=$(mktemp -d); trap 'rm -rf "$tmp"' EXIT
python3 -m venv "$tmp/env"
"$tmp/env/bin/pip" install --quiet narwhals==2.29.0 pandas==3.0.0 polars==2.1.0 numpy==2.4.0
"$tmp/env/bin/python" -W error - <<'P'
import narwhals as nw
import pandas as pd
import polars as pl

words, codes = ["yes", "no", None, "yes"], [1, 0, None, 1]


def share(frame, yes):
    return round(float(nw.from_native(frame).select((nw.col("a") == yes).mean())["a"][0]), 4)


seen = {
    "pandas, words as they come": share(pd.DataFrame({"a": words}), "yes"),
    "pandas string": share(pd.DataFrame({"a": pd.array(words, dtype="string")}), "yes"),
    "polars words": share(pl.DataFrame({"a": words}), "yes"),
    "pandas, codes as they come": share(pd.DataFrame({"a": codes}), 1),
    "pandas Int64": share(pd.DataFrame({"a": pd.array(codes, dtype="Int64")}), 1),
    "polars codes": share(pl.DataFrame({"a": codes}), 1),
}
for name, value in seen.items():
    print(f"{name:28} {value}")
assert list(seen.values()) == [0.5, 0.6667, 0.6667, 0.5, 0.6667, 0.6667], "behaviour changed"
P

#!/usr/bin/env bash
# formulaic 1.2.2: a column inside a stateful transform is not among a formula's required variables, and one gap in it
# empties the whole design.
#
# `Formula("np.log(x)").required_variables` is {x}; of scale(x), center(x), poly(x, 2) and bs(x, df=4) it is empty, so
# that whoever drops incomplete rows by it drops none. The matrix is then built with one row missing of four:
# log, poly and bs leave three rows, scale and center none, without error or warning: the mean of a column with a gap
# is missing, and so is every scaled value.
# Expected: {x} for all, and three rows for all. Seen: the table below.
set -eu
tmp=$(mktemp -d); trap 'rm -rf "$tmp"' EXIT
python3 -m venv "$tmp/env"
"$tmp/env/bin/pip" install --quiet formulaic==1.2.2 pandas==3.0.0 numpy==2.4.0 scipy==1.17.0
"$tmp/env/bin/python" -W error - <<'P'
import pandas as pd
from formulaic import Formula, model_matrix

data = pd.DataFrame({"x": [1.0, 2.0, None, 4.0]})
seen = {}
for text in ("np.log(x)", "scale(x)", "center(x)", "poly(x, 2)", "bs(x, df=4)"):
    seen[text] = (sorted(map(str, Formula(text).required_variables)), len(model_matrix(text, data)))
    print(f"{text:12} required {seen[text][0]!s:6} rows {seen[text][1]} of 4")
assert seen == {
    "np.log(x)": (["x"], 3),
    "scale(x)": ([], 0),
    "center(x)": ([], 0),
    "poly(x, 2)": ([], 3),
    "bs(x, df=4)": ([], 3),
}, "behaviour changed"
P

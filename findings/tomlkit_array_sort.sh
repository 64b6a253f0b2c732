#!/usr/bin/env bash
# tomlkit 0.15.2: `sort()` and `reverse()` on an array change what Python sees and not what is written.
#
# A study file keeps its waves in an array. After `document["waves"].sort()` reading the document gives the sorted list,
# `dumps` writes the old order, and parsing that again gives the old order back: the change is lost without a word.
# `reverse()` is written, but comments stay where they were, and then stand beside another value.
# `append` is written as expected.
set -eu
tmp=$(mktemp -d); trap 'rm -rf "$tmp"' EXIT
python3 -m venv "$tmp/env"
"$tmp/env/bin/pip" install --quiet tomlkit==0.15.2
"$tmp/env/bin/python" -W error - <<'P'
import tomlkit

document = tomlkit.parse("waves = [2021, 2017, 2019]\n")
document["waves"].sort()
again = tomlkit.parse(tomlkit.dumps(document))
print("sorted: in memory", list(document["waves"]), "written", list(again["waves"]))
assert list(document["waves"]) == [2017, 2019, 2021] and list(again["waves"]) == [2021, 2017, 2019]

document = tomlkit.parse("waves = [\n  2017,  # pilot\n  2019,\n]\n")
document["waves"].reverse()
print(tomlkit.dumps(document))
P

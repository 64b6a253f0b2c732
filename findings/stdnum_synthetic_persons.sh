#!/usr/bin/env bash
# python-stdnum 2.2: Norway's synthetic national identity numbers are refused, the older kind of test number passes.
#
# Numbers of test persons have a month raised by 80 (Tax Administration's test population) or 65 (health sector), so that
# no living person has them; their control digits follow the ordinary rule. `stdnum.no.fodselsnummer` accepts a month
# raised by 40 and says of the other two "does not contain valid birth date information", like of a number that is none.
# Software that recognises national identity numbers by it cannot be rehearsed with the numbers made for rehearsal.
set -eu
tmp=$(mktemp -d); trap 'rm -rf "$tmp"' EXIT
python3 -m venv "$tmp/env"
"$tmp/env/bin/pip" install --quiet python-stdnum==2.2
"$tmp/env/bin/python" -W error - <<'P'
from stdnum.exceptions import ValidationError
from stdnum.no import fodselsnummer


def with_control(nine):
    digits = [int(c) for c in nine]
    for weights in ((3, 7, 6, 1, 8, 9, 4, 5, 2), (5, 4, 3, 2, 7, 6, 5, 4, 3, 2)):
        digits.append(-sum(a * b for a, b in zip(weights, digits)) % 11)
    return "".join(map(str, digits)) if max(digits) < 10 else None


seen = {}
for raised in (40, 65, 80):
    number = next(filter(None, (with_control(f"15{3 + raised:02d}90{i}") for i in range(100, 200))))
    try:
        fodselsnummer.validate(number)
        seen[raised] = "valid"
    except ValidationError as error:
        seen[raised] = str(error)
    print(f"month raised by {raised}: {seen[raised]}")
refused = "The number does not contain valid birth date information."
assert seen == {40: "valid", 65: refused, 80: refused}, "behaviour changed"
P

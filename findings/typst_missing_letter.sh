#!/usr/bin/env bash
# Typst 0.15.2 with `fallback: false`: a letter that the font lacks is left out of the PDF, without warning or error.
#
# A document that may use one font only (a house typeface, PDF/UA) sets `fallback: false`. A check mark that the font has
# no glyph for then vanishes from the page: the compiler returns no warnings, and the text layer has U+0000 in its place.
# Whoever needs to know has to look the letters up in the font's cmap before.
set -eu
tmp=$(mktemp -d); trap 'rm -rf "$tmp"' EXIT
python3 -m venv "$tmp/env"
"$tmp/env/bin/pip" install --quiet typst==0.15.2 pypdf==6.4.0
cd "$tmp"
cat > letter.typ <<'T'
#set text(font: "Libertinus Serif", fallback: false)
Answered \u{2713} by 12
T
"$tmp/env/bin/python" -W error - <<'P'
import io

import typst
from pypdf import PdfReader

pdf, warnings = typst.compile_with_warnings("letter.typ", format="pdf")
text = PdfReader(io.BytesIO(pdf)).pages[0].extract_text()
print("warnings", warnings, "text", ascii(text))
assert warnings == [] and "\u2713" not in text and "Answered" in text and "by 12" in text, "behaviour changed"
P

"""tests/README.md has one line a file, the fact it proves: its docstring. `python tests/test_readme.py` writes it."""

from __future__ import annotations

import ast
from pathlib import Path

TESTS = Path(__file__).resolve().parent
HEAD = """# Tests

One line a file: the fact it proves. Folders mirror `evalkit/`; `oracle/` holds values computed elsewhere, with
their scripts and versions; `scenarios/` the files that researchers meet.

| file | fact |
|---|---|
"""


def written() -> str:
    """The README that the docstrings make."""
    rows = []
    for path in sorted(TESTS.rglob("test_*.py")):
        fact = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
        assert fact, f"{path} does not say what it proves"
        rows.append(f"| {path.relative_to(TESTS).as_posix()} | {' '.join(fact.split(chr(10) * 2)[0].split())} |")
    return HEAD + "\n".join(rows) + "\n"


def test_the_readme_is_what_the_files_say():
    assert (TESTS / "README.md").read_text(encoding="utf-8") == written(), "python tests/test_readme.py"


if __name__ == "__main__":
    (TESTS / "README.md").write_text(written(), encoding="utf-8")

"""Formulas of study.toml, read before a library that evaluates Python sees them: a study is data.

    formula := name "~" terms         terms := term (operator term)*        operator := + - * / : ** ^
    term    := ["+" | "-"] (name | number | "C(" name ")" | "(" terms ")")

As in R and formulaic: `a * b` is a + b + a:b, `a / b` is a + a:b, `(a + b) ** 2` is both and their product. There is no
transform but C(), which says that a name is a category: wave and groups are nothing else. What formulas in Python may
hold besides is said by formulaic; such a formula is code, and whoever calls the method writes it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

OPERATORS = ("+", "-", "*", "/", ":", "**", "^")
LARGEST_POWER = 9
"""Products of more terms than this fill the memory before they say anything."""
MEND = 'write it of wave, groups of the study, numbers, + - * / : ** ( ) and C(…): "answer ~ C(wave) * C(size)"'
_TOKEN = re.compile(r"\s*(?:(?P<name>[^\W\d]\w*)|(?P<number>\d+(?:\.\d+)?)|(?P<sign>\*\*|[-+*/:^()~]))")


@dataclass(frozen=True)
class Formula:
    """The outcome of a formula and the names after the ~, each once, in their order."""

    outcome: str
    names: tuple[str, ...]


class FormulaFault(ValueError):
    """A formula holds something else than the grammar above; says what and where."""


def read_formula(text: str) -> Formula:
    """The names in a formula; FormulaFault where it holds anything that is not in the grammar.

    Examples
    --------
    >>> read_formula("answer ~ C(wave) * C(size)")
    Formula(outcome='answer', names=('wave', 'size'))
    """
    reader = _Reader(text, _tokens(text))
    outcome = reader.name("the outcome")
    reader.expect("~")
    reader.terms()
    if reader.left:
        raise reader.fault()
    return Formula(outcome, tuple(dict.fromkeys(reader.found)))


def _tokens(text: str) -> list[tuple[str, str, int]]:
    """Kind, text and place of each token."""
    found, at = [], 0
    while text[at:].strip():
        match = _TOKEN.match(text, at)
        if match is None or match.lastgroup is None:
            at += len(text[at:]) - len(text[at:].lstrip())
            raise FormulaFault(f"{text[at]!r} at place {at + 1}")
        found.append((match.lastgroup, match[match.lastgroup], match.start(match.lastgroup)))
        at = match.end()
    return found


@dataclass
class _Reader:
    text: str
    left: list[tuple[str, str, int]]
    found: list[str] = field(default_factory=list)

    def fault(self) -> FormulaFault:
        if not self.left:
            return FormulaFault("it ends too early")
        _, said, at = self.left[0]
        return FormulaFault(f"{said!r} at place {at + 1}")

    def take(self, *said: str) -> bool:
        """Whether the next token is one of these, which is then read."""
        if self.left and self.left[0][1] in said and self.left[0][0] == "sign":
            self.left.pop(0)
            return True
        return False

    def expect(self, said: str) -> None:
        if not self.take(said):
            raise self.fault()

    def name(self, what: str) -> str:
        if not self.left or self.left[0][0] != "name":
            raise FormulaFault(f"{what} is no name") if self.left else self.fault()
        return self.left.pop(0)[1]

    def terms(self) -> None:
        self.term()
        while self.left and self.left[0][1] in OPERATORS:
            power = self.left.pop(0)[1] in ("**", "^")
            if power and not (self.left and re.fullmatch(rf"[1-{LARGEST_POWER}]", self.left[0][1])):
                raise FormulaFault(f"a power that is no whole number from 1 to {LARGEST_POWER}")
            self.term()

    def term(self) -> None:
        while self.take("+", "-"):
            pass
        if self.take("("):
            self.terms()
            self.expect(")")
        elif self.left and self.left[0][0] == "number":
            self.left.pop(0)
        else:
            name = self.name("a term")
            if name == "C" and self.take("("):
                name = self.name("what stands in C()")
                self.expect(")")
            elif self.left and self.left[0][1] == "(":
                raise FormulaFault(f"{name}(…), which is no transform of a study")
            self.found.append(name)

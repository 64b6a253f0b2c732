"""Errors that print what, where, expected, got and how to mend it; one exit code per kind."""

from __future__ import annotations

import signal
from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from typing import Self


class EvalkitError(Exception):
    """A fault that the user can mend.

    Parameters
    ----------
    what : the fault in one sentence.
    where : file, wave, question or row it concerns.
    expected, got : what would have been right, and what was found.
    mend : what to do about it, in the imperative.
    """

    exit_code = 1

    def __init__(
        self,
        what: str,
        *,
        where: object = None,
        expected: object = None,
        got: object = None,
        mend: str | None = None,
    ) -> None:
        self.what = what
        self.where = where
        self.expected = expected
        self.got = got
        self.mend = mend
        self.faults: tuple[EvalkitError, ...] = ()
        super().__init__(what)

    def __str__(self) -> str:
        if self.faults:
            return "\n\n".join(str(fault) for fault in self.faults)
        parts = [("where", self.where), ("expected", self.expected), ("got", self.got), ("mend", self.mend)]
        return "\n".join([self.what, *(f"  {name}: {value}" for name, value in parts if value is not None)])

    @classmethod
    def of(cls, faults: Sequence[EvalkitError]) -> Self:
        """One error that holds all `faults`, so that a user mends them in one go."""
        if len(faults) == 1 and isinstance(faults[0], cls):
            return faults[0]
        error = cls("\n".join(fault.what for fault in faults))
        error.faults = tuple(faults)
        return error


class Stopped(BaseException):
    """A signal asked the process to end: no error that anything mends, so that it passes by all of that."""

    def __init__(self, number: int) -> None:
        self.number = number
        super().__init__(number)

    def __str__(self) -> str:
        return "Ctrl-C" if self.number == signal.SIGINT else signal.Signals(self.number).name


class StudyError(EvalkitError):
    """study.toml or items.toml does not say something that can be run."""

    exit_code = 3


class DataError(EvalkitError):
    """A wave file, the register or the manifest is not what the study says."""

    exit_code = 4


class PrivacyError(EvalkitError):
    """Something personal would have left the gate."""

    exit_code = 5


class MethodError(EvalkitError):
    """An estimate cannot be had from these data, or an argument is outside its domain."""

    exit_code = 6


class RenderError(EvalkitError):
    """The report could not be made."""

    exit_code = 7


class RunError(EvalkitError):
    """A run is missing, broken or in use."""

    exit_code = 8


class SourceError(EvalkitError):
    """A service of official statistics did not answer, or not as it is documented to.

    Attributes
    ----------
    status : the HTTP status of a refusal, else None.
    """

    exit_code = 10

    def __init__(
        self,
        what: str,
        *,
        where: object = None,
        expected: object = None,
        got: object = None,
        mend: str | None = None,
        status: int | None = None,
    ) -> None:
        super().__init__(what, where=where, expected=expected, got=got, mend=mend)
        self.status = status


def nearest(name: object, known: Iterable[object]) -> str | None:
    """The name in `known` that `name` was most likely meant to be, or None."""
    found = get_close_matches(str(name), [str(k) for k in known], n=1, cutoff=0.6)
    return found[0] if found else None


def one_of(known: Iterable[object]) -> str:
    """`a, b or c`, for the line 'expected'."""
    names = [str(k) for k in known]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}"

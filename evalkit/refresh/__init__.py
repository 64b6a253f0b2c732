"""The register again from Statistics Norway, as an explicit command; runs use the snapshot and ask nobody."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from evalkit.errors import DataError
from evalkit.panel.register import CHOSEN, is_shipped, register_folder, shipped_folder
from evalkit.refresh.client import Client, Services
from evalkit.refresh.plan import Plan, anchor_of, plan, read, years_of

__all__ = ["Services", "Update", "update"]


@dataclass(frozen=True)
class Update:
    """A register that is not yet written.

    Attributes
    ----------
    source, target : the folder that was read, and the one that `write` writes.
    plan : what changes.
    """

    source: Path
    target: Path
    plan: Plan

    @property
    def changed(self) -> bool:
        """Whether there is anything to write."""
        return bool(self.plan.changed) or not (self.target / "municipalities.csv").is_file()

    def lines(self) -> list[str]:
        """What is new, what differs and what could not be had, then the rows of each file before and after."""
        said = list(self.plan.said)
        for name, rows in self.plan.after.items():
            old = len(self.plan.before[name])
            said.append(f"{name}: {old} → {len(rows)} rows" if name in self.plan.changed else f"{name}: as it was")
        return said

    def after_writing(self) -> list[str]:
        """What is left to a person."""
        if self.target == shipped_folder():
            return [f"{self.target / 'README.md'} says which years there are: read it through, then make test"]
        if Path(os.environ.get(CHOSEN, "")).expanduser().resolve() == self.target:
            return []
        return [f"to use it: set {CHOSEN}={self.target}; run.json has the sha256 of its files"]

    def write(self) -> list[Path]:
        """Write the register to its target; see `evalkit.refresh.write.write`."""
        from evalkit.refresh.write import write

        return write(self.plan, self.target)


def update(
    *, to: Path | None = None, years: Sequence[int] = (), revise: bool = False, services: Services | None = None
) -> Update:
    """Ask Statistics Norway for what the register lacks, and for whether what it has still holds.

    Parameters
    ----------
    to : a folder to write; one that holds a register is brought up to date, another begins as a copy of what is
        shipped. The register in use where it is not given.
    years : 1 January of these years; where none is given, every year of the register and each later one that has a
        population.
    revise : take what differs from the register in years that it has; else it is listed and kept.
    services : where to ask.

    Returns
    -------
    Update : call its `write`.

    Raises
    ------
    DataError : the register in use is an installed package's, and `to` is not given; or it cannot be read.
    SourceError : a service did not answer, or its answers do not fit each other; nothing is written.

    Examples
    --------
    >>> from evalkit.refresh import update
    >>> found = update(years=[2025])  # doctest: +SKIP
    >>> found.plan.said, found.write()  # doctest: +SKIP
    """
    from evalkit.refresh.sources import gather

    if to is None and is_shipped(register_folder()):
        raise DataError(
            "The register of an installed package is read-only",
            where=register_folder(),
            mend=f"give a folder with --to, and set {CHOSEN} to it when you run studies",
        )
    target = to.expanduser().resolve() if to is not None else register_folder()
    source = target if (target / "municipalities.csv").is_file() else shipped_folder()
    before = read(source)
    first = min(row["date"] for row in before["changes.csv"])
    early = [year for year in years if year < int(first[:4])]
    if early:
        raise DataError(
            f"The register's changes do not reach back to {', '.join(map(str, early))}",
            where=source / "changes.csv",
            expected=f"{first[:4]} or later",
            mend="ask for later years",
        )
    facts = gather(Client(services or Services()), years_of(before), years, first, anchor_of(before))
    return Update(source, target, plan(before, facts, revise=revise))

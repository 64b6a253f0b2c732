"""What was asked: study.toml and items.toml, read strictly, every fault reported at once."""

from __future__ import annotations

from pathlib import Path

from evalkit.errors import EvalkitError, StudyError
from evalkit.study.model import Study

__all__ = ["Study", "load_study"]


def load_study(path: str | Path) -> Study:
    """Read a study's folder.

    Parameters
    ----------
    path : the folder that holds study.toml and items.toml, or its study.toml.

    Returns
    -------
    Study, checked: every name in it refers to something that is there.

    Raises
    ------
    StudyError with every fault of both files.

    Examples
    --------
    >>> study = load_study("analyses/robek")  # doctest: +SKIP
    >>> study.name  # doctest: +SKIP
    'robek'
    """
    from evalkit.study.check import cross_check
    from evalkit.study.model import Item, Plan
    from evalkit.study.toml import parse, validate

    folder = Path(path).resolve()
    folder = folder.parent if folder.suffix == ".toml" else folder
    plan, faults = validate(parse(folder / "study.toml"), Plan, folder / "study.toml")
    items: dict[str, Item] = {}
    for name, table in parse(folder / "items.toml").items():
        item, more = validate(table, Item, folder / "items.toml", at=[name])
        faults += more
        if item is not None:
            items[name] = item
    if plan is not None and not faults:
        faults = [*cross_check(plan, items, folder), *_name_faults(Study(folder, plan, items))]
    if faults:
        _raise(faults)
    assert plan is not None
    return Study(folder, plan, items)


def _name_faults(study: Study) -> list[EvalkitError]:
    """In a repository a study's raw files, report and runs go by its name: it is the folder's."""
    if not study.in_repository or study.name == study.path.name:
        return []
    return [
        StudyError(
            "The study is not called what its folder is called",
            where="study.toml: name",
            expected=study.path.name,
            got=study.name,
            mend=f'write name = "{study.path.name}", and put its files in data_raw/{study.path.name}',
        )
    ]


def _raise(faults: list[EvalkitError]) -> None:
    raise StudyError.of(faults)

"""What study.toml says of frames and samples: each wave has its borders, each exhibit waves and groups that fit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from evalkit.errors import EvalkitError
from evalkit.study.model import (
    Answers,
    Comparable,
    ConditionalLogit,
    Exhibit,
    Group,
    Plan,
    Response,
    Screen,
    Study,
    Transitions,
    Weights,
)
from evalkit.study.toml import TomlFile

CHANGE = (ConditionalLogit, Screen, Transitions)


def frame_faults(plan: Plan, file: TomlFile) -> Iterator[EvalkitError]:
    """Frames, the waves in them, and what is weighted there."""
    yield from _own_unit_faults(plan, file)
    main = str(plan.frame.register)
    names = [main, *plan.frames]
    for i, wave in enumerate(plan.waves):
        if wave.frame is not None and wave.frame not in names:
            yield file.unknown(["waves", str(i), "frame"], "frame", wave.frame, names)
    reference = plan.link.reference if plan.link else None
    if reference is not None and reference not in names:
        yield file.unknown(["link", "reference"], "frame", reference, names)
    ids = [wave.id for wave in plan.waves]
    for id in plan.latest or ():
        if id not in ids:
            yield file.unknown(["latest"], "wave", id, ids)
    if plan.latest is not None and not plan.latest:
        yield file.fault(["latest"], "The study has no latest wave", mend="name a wave, or leave the line out")
    for name, frame in plan.frames.items():
        at = ["frames", name]
        if name == main:
            yield file.fault(at, f"[frame] is the frame of {main}", mend="give the further frame another name")
        if name not in {reference, *(wave.frame for wave in plan.waves)}:
            yield file.fault(
                at, f"No wave is of frame {name!r}", mend=f'add frame = "{name}" to a wave, or leave it out'
            )
        for group in frame.without:
            if group not in plan.groups:
                yield file.unknown([*at, "without"], "group", group, plan.groups)
            elif group in frame.groups:
                yield file.fault([*at, "without"], f"Group {group!r} is there and left out", mend="keep one of the two")
        yield from group_faults(frame.groups, file, at)
        here = Study(file.path, plan, {}).within(name).plan
        inherited = {key: value for key, value in vars(frame.weights).items() if value is None}
        yield from margin_faults(here.weights, here.groups, file, [*at, "weights"], inherited=inherited)


def _own_unit_faults(plan: Plan, file: TomlFile) -> Iterator[EvalkitError]:
    """What a study with units of its own says twice, or of no units."""
    for key in ("changes", "size"):
        if getattr(plan.frame, key) is not None and plan.frame.units is None:
            yield file.fault(["frame", key], f"{key!r} is of the study's own units", mend="add units = … to [frame]")
    for name, frame in plan.frames.items():
        for key in ("units", "changes", "size"):
            if getattr(frame, key) is not None:
                yield file.fault(
                    ["frames", name, key],
                    f"{key!r} of all frames is said once",
                    mend="say it in [frame], for all years",
                )


def group_faults(groups: Mapping[str, Group], file: TomlFile, at: list[str]) -> Iterator[EvalkitError]:
    """Lower bounds that no category has, or that do not rise."""
    for name, group in groups.items():
        bounds = group.lower_bounds
        if bounds is not None and len(bounds) != len(group.categories):
            yield file.fault(
                [*at, "groups", name],
                f"Group {name!r} has {len(bounds)} lower bounds and {len(group.categories)} categories",
                mend="give each category one lower bound",
            )
        if bounds is not None and list(bounds) != sorted(set(bounds)):
            yield file.fault([*at, "groups", name, "lower_bounds"], "Lower bounds must rise", got=bounds)


def margin_faults(
    weights: Weights, groups: Mapping[str, Group], file: TomlFile, at: list[str], inherited: Mapping[str, object] = {}
) -> Iterator[EvalkitError]:
    """Groups and categories in weights that are not there; `inherited`: keys that a further frame has of [weights]."""
    names = dict.fromkeys(part for by in weights.by for part in by.split(":"))
    for name in names:
        if name not in groups:
            yield _unknown(file, at, "by", "group", name, groups, inherited)
    if weights.response_groups and weights.response_groups not in groups:
        yield _unknown(file, at, "response_groups", "group", weights.response_groups, groups, inherited)
    for name, merged in weights.merge.items():
        if name not in groups:
            yield _unknown(file, at, "merge", "group", name, groups, inherited)
            continue
        for category in (*merged, *merged.values()):
            if category not in groups[name].categories:
                yield _unknown(file, at, "merge", "category", category, groups[name].categories, inherited)


def _unknown(
    file: TomlFile,
    at: list[str],
    key: str,
    kind: str,
    name: str,
    known: Mapping[str, object],
    inherited: Mapping[str, object],
) -> EvalkitError:
    """A name that is not there; where a further frame has it of [weights], the mend is to say the key there."""
    if key not in inherited:
        return file.unknown([*at, key], kind, name, known)
    what = f"[weights] {key} names {kind} {name!r}, which frame {at[1]!r} does not have"
    return file.fault(at[:2], what, mend=f"say what holds there: {key} = … under [{'.'.join(at)}]")


def sample_faults(name: str, exhibit: Exhibit, study: Study, file: TomlFile) -> Iterator[EvalkitError]:
    """Waves that are not there or too few, and groups that the frame of an exhibit's waves does not have."""
    at, plan = ["exhibits", name], study.plan
    ids = [wave.id for wave in plan.waves]
    said = getattr(exhibit, "waves", None)
    words = ("latest", "each") if isinstance(exhibit, Answers) else ()
    named = (said,) if isinstance(said, str) else said or ()
    each = getattr(exhibit, "each", None)
    unknown = [(key, wave) for key, waves in (("waves", named), ("each", each or ())) for wave in waves]
    unknown = [(key, wave) for key, wave in unknown if wave not in ((*words, *ids) if wave == said else ids)]
    for key, wave in unknown:
        yield file.unknown([*at, key], "wave", wave, [*words, *ids] if key == "waves" else ids)
    if () in (said, each):
        key = "waves" if said == () else "each"
        yield file.fault([*at, key], f"Exhibit {name!r} draws on no wave", mend="name one, or leave the line out")
    if each is not None and said != "latest":
        yield file.fault([*at, "each"], f"Exhibit {name!r} has waves and each", mend="keep one of the two")
    by = getattr(exhibit, "by", None)
    if unknown or () in (said, each) or any(wave not in ids for wave in plan.latest or ()):
        return
    known = {key for frame in (None, *plan.frames) for key in study.within(frame).plan.groups}
    if by is not None and by not in known:
        yield file.unknown([*at, "by"], "group", by, plan.groups)
        return
    waves = study.waves_of(exhibit)
    if isinstance(exhibit, (*CHANGE, Comparable)) and len(waves) < 2:
        yield file.fault(at, "Change needs two waves", got=f"{len(waves)} wave")
    if len({study.frame_of([wave]) for wave in waves}) > 1:
        yield from _across(name, exhibit, study, file)
    if by is not None:
        yield from _group_faults(name, by, exhibit, study, file)


def _across(name: str, exhibit: Exhibit, study: Study, file: TomlFile) -> Iterator[EvalkitError]:
    """What waves of several frames need, to stand in one exhibit."""
    at = ["exhibits", name]
    if isinstance(exhibit, Response):
        what = f"Exhibit {name!r} is of waves of several frames, and a response rate has one"
        yield file.fault([*at, "waves"], what, mend="make an exhibit for the waves of each frame")
    elif study.plan.link is None:
        what = f"Exhibit {name!r} compares waves of several frames"
        mend = (
            'say how units that merged are compared: [link] merged = "largest", "any" or "agree"; reference = a frame'
        )
        yield file.fault(at, what, mend=mend)


def _group_faults(name: str, by: str, exhibit: Exhibit, study: Study, file: TomlFile) -> Iterator[EvalkitError]:
    """A group that a sample's frame does not have, or whose codes mean different things in different frames."""
    at = ["exhibits", name, "by"]
    frames = dict.fromkeys(study.frame_of(waves) for _, waves in study.samples(exhibit))
    meant: dict[str, tuple[object, str]] = {}
    for frame in frames:
        groups, called = study.within(frame).plan.groups, f"frame {frame or study.plan.frame.register}"
        if by not in groups:
            yield file.fault(at, f"{called} has no group {by!r}", mend="choose other waves, or another group")
            continue
        for code, words in groups[by].categories.items():
            before, where = meant.setdefault(code, (words, called))
            if before != words:
                what = f"{code} of {by!r} is {words.nb!r} in {called} and {before['nb']!r} in {where}"  # type: ignore[index]
                yield file.fault(at, what, mend="show one frame an exhibit, or give the group a name of its own there")

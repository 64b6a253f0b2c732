"""Which questions' answers moved from wave to wave by more than chance explains."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from evalkit.numerics.two_samples import two_samples
from evalkit.study.model import Item, Study
from evalkit.waves.cells import code, number
from evalkit.waves.check import category_of
from evalkit.waves.meaning import Change, labels_of, recoded
from evalkit.waves.read import Wave


def distribution_changes(
    study: Study, old: Wave, new: Wave, own: Mapping[str, tuple[str, ...]], level: float
) -> Iterator[Change]:
    """Questions whose answers moved more than chance explains, adjusted for their number (Holm 1979)."""
    tested: list[tuple[float, str, str, str]] = []
    for name, item in study.items.items():
        for was, now in zip(study.slots(name, old.id), own.get(name, ())):
            if item.type == "text" or was not in old.data or now not in new.data:
                continue
            before, after = _answers(item, old, was), _answers(item, new, now)
            if item.type == "numeric":
                p, said = _numbers(before, after)
            else:
                codes = list(item.categories) if item.type == "single" else ["0", "1"]
                counts = [[list(wave).count(key) for key in codes] for wave in (before, after)]
                p, said = _counts(codes, counts, item)
            if p is not None:
                tested.append((p, name, now, said))
    bound = 0.0
    for place, (p, name, now, said) in enumerate(sorted(tested)):
        bound = max(bound, p * (len(tested) - place))
        if bound > level:
            break
        told = f"{said}: p = {_small(min(bound, 1.0))} over {len(tested)} questions"
        yield Change("distribution", name, now, told)


def _small(p: float) -> str:
    return f"{p:.3f}" if p >= 0.001 else f"{p:.1e}"


def _answers(item: Item, wave: Wave, column: str) -> list[str]:
    """Answered cells as the study's categories, by the file's own labels where it has some."""
    labels = labels_of(item, wave, column)
    told = recoded(item, wave.id)
    said = [code(cell) for cell in wave.data[column].dropna()]
    said = [cell for cell in said if cell not in item.missing]
    if item.type == "numeric":
        return said
    found = (told.get(cell) or category_of(item, labels.get(cell, "")) or category_of(item, cell) for cell in said)
    return [key for key in found if key is not None]


def _numbers(before: list[str], after: list[str]) -> tuple[float | None, str]:
    from scipy.stats import mannwhitneyu

    values = [[value for cell in wave if (value := number(cell)) is not None] for wave in (before, after)]
    if not all(values) or len({*values[0], *values[1]}) < 2:
        return None, ""
    means = [sum(wave) / len(wave) for wave in values]
    return float(mannwhitneyu(*values).pvalue), f"the mean went from {means[0]:.3g} to {means[1]:.3g}"


def _counts(codes: list[str], counts: list[list[int]], item: Item) -> tuple[float | None, str]:
    """p of two distributions, and where most moved; a swap of two answers is named."""
    totals = [sum(wave) for wave in counts]
    kept = [place for place in range(len(codes)) if counts[0][place] + counts[1][place]]
    if not all(totals) or len(kept) < 2:
        return None, ""
    table = [[wave[place] for place in kept] for wave in counts]
    moved = [counts[1][place] / totals[1] - counts[0][place] / totals[0] for place in range(len(codes))]
    most = max(range(len(codes)), key=lambda place: abs(moved[place]))
    words = item.categories[codes[most]].nb if item.categories else "ticked" if codes[most] == "1" else "not ticked"
    said = f"{words} went from {counts[0][most]} of {totals[0]} to {counts[1][most]} of {totals[1]}"
    p = two_samples(table)
    if (
        len(kept) == 2
        and two_samples([table[0], table[1][::-1]]) > 10 * p
        and two_samples([table[0], table[1][::-1]]) > 0.05
    ):
        said += ", as if the two answers had changed places"
    return p, said

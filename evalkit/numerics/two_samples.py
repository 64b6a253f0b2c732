"""Whether two rows of counts are of one distribution: exact for small tables, else by chi-square."""

from __future__ import annotations

from itertools import product
from math import comb, prod

MOST_TABLES = 200_000


def two_samples(table: list[list[int]]) -> float:
    """p-value that two rows of counts are of one distribution: exact where a cell is expected below 5, else chi-square.

    Source: Freeman & Halton (1951), Biometrika 38: tables with the margins found that are no likelier than this one.
    """
    columns = [a + b for a, b in zip(*table)]
    size, total = sum(table[0]), sum(columns)
    smallest = min(sum(row) * column / total for row in table for column in columns)
    tables = prod(column + 1 for column in sorted(columns)[:-1])
    if smallest >= 5 or tables > MOST_TABLES:
        from scipy.stats import chi2_contingency

        return float(chi2_contingency(table, correction=False).pvalue)
    order = sorted(range(len(columns)), key=lambda place: columns[place])
    small, large = [columns[place] for place in order[:-1]], columns[order[-1]]
    ways = []
    for cells in product(*(range(column + 1) for column in small)):
        if 0 <= (rest := size - sum(cells)) <= large:
            ways.append(prod(comb(column, cell) for column, cell in zip(small, cells)) * comb(large, rest))
    seen = prod(comb(column, cell) for column, cell in zip(columns, table[0]))
    return sum(way for way in ways if way <= seen) / comb(total, size)

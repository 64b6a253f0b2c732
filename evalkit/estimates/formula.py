"""The columns that a formula names, so that incomplete rows are left out before anything is computed from them."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import pandas as pd


def columns_named(terms: Iterable[Any], columns: Iterable[Any]) -> list[str]:
    """What the terms of one side of a formula need of the data, sorted; names that are no column are in it too.

    formulaic's `required_variables` is empty for scale, center, poly and bs, so the expressions themselves are read.
    """
    known = {str(name) for name in columns}
    factors = {factor for term in terms for factor in term.factors}
    return sorted({name for factor in factors for name in _names(factor, known)})


def complete_rows(data: pd.DataFrame, columns: Iterable[str]) -> NDArray[np.bool_]:
    """(n,) rows where every one of `columns` is known."""
    there = np.ones(len(data), dtype=bool)
    for name in columns:
        there &= data[name].notna().to_numpy(dtype=bool)
    return there


def _names(factor: Any, columns: set[str]) -> Iterator[str]:
    from formulaic.transforms import TRANSFORMS
    from formulaic.utils.code import sanitize_variable_names

    if factor.expr in columns or factor.eval_method is factor.EvalMethod.LOOKUP:
        yield factor.expr
        return
    quoted: dict[str, str] = {}
    try:
        tree = ast.parse(sanitize_variable_names(factor.expr, {}, quoted), mode="eval")
    except SyntaxError:  # formulaic says so when it works the formula out
        return
    for name in _walk(tree, columns):
        name = quoted.get(name, name)
        if name in columns or name not in TRANSFORMS:
            yield name


def _walk(node: ast.AST, columns: set[str]) -> Iterator[str]:
    """Names in an expression; a dotted one is a column where the data have it, and Q("…") quotes one."""
    if isinstance(node, ast.Name):
        yield node.id
        return
    if isinstance(node, ast.Attribute) and ast.unparse(node) in columns:
        yield ast.unparse(node)
        return
    children = list(ast.iter_child_nodes(node))
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        from formulaic.transforms import TRANSFORMS

        if node.func.id == "Q":
            yield from (a.value for a in node.args if isinstance(a, ast.Constant) and isinstance(a.value, str))
        if node.func.id in TRANSFORMS:
            children.remove(node.func)
    for child in children:
        yield from _walk(child, columns)

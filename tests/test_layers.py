"""Every module imports only from the stages above its own, as README's list has them."""

from __future__ import annotations

import ast
from pathlib import Path

import evalkit

PACKAGE = Path(evalkit.__file__).parent
LAYERS = (
    ("errors",),
    ("folders",),
    ("numerics",),
    ("study",),
    ("waves",),
    ("panel",),
    ("checking",),
    ("weights",),
    ("estimates",),
    ("change",),
    ("exhibits",),
    ("keys",),
    ("present",),
    ("provenance",),
    ("results",),
    ("differences",),
    ("report",),
    ("earlier",),
    ("stages",),
    ("pipeline",),
    ("intake",),
    ("publish",),
    ("refresh",),
    ("cli",),
)
RANK = {name: rank for rank, names in enumerate(LAYERS) for name in names}


def imports(path: Path) -> set[str]:
    """Names of evalkit's stages that a file imports, in functions as well; `import evalkit` counts as the top."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            names = [node.module or ""]
            if node.module == "evalkit":
                names = [f"evalkit.{alias.name}" for alias in node.names if alias.name != "__version__"]
        found |= {name.split(".")[1] for name in names if name.startswith("evalkit.")}
    return found


def stage(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def modules() -> list[Path]:
    ends = ("__init__.py", "__main__.py", "_shipped")  # __main__ calls cli, and nothing calls it
    return [p for p in sorted(PACKAGE.rglob("*.py")) if p.relative_to(PACKAGE).parts[0] not in ends]


def test_every_module_has_a_place_in_the_list():
    assert {stage(path) for path in modules()} == set(RANK)


def test_imports_point_upward_only():
    wrong = [
        f"{path.relative_to(PACKAGE)} imports {name}"
        for path in modules()
        if stage(path) != "cli"
        for name in imports(path)
        if name in ("run", "open_run", "load_study", "read_wave", "render") or RANK[name] > RANK[stage(path)]
    ]
    assert wrong == []


def test_numerics_knows_arrays_only():
    for path in (PACKAGE / "numerics").glob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        roots = {
            (name.name if isinstance(node, ast.Import) else node.module or "").split(".")[0]
            for node in ast.walk(tree)
            if isinstance(node, (ast.Import, ast.ImportFrom))
            for name in node.names
        }
        assert not roots & {"pandas", "formulaic", "statsmodels", "linearmodels", "pathlib", "os"}, path.name


def test_top_level_names_are_few():
    assert len(evalkit.__all__) <= 15
    assert all(getattr(evalkit, name) is not None for name in evalkit.__all__)

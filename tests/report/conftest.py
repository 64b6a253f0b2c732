"""A small project of reports: the fixture document, a run with two drawn exhibits in each language."""

import shutil
from pathlib import Path

import pytest
import yaml

from evalkit.report import render_document
from evalkit.report.document import Line
from evalkit.report.execute import Executed
from evalkit.report.pandoc import run_pandoc
from evalkit.report.settings import shipped_reports

FIXTURE = Path(__file__).parent / "fixture"
NOTICE = 'Rekonstruerte data: *ikke* [svar] fra_a_til_b <b> "x" \\ 1. $y$'
SOURCE = "Kilde: *prøver* & <tall>, #1."
"""Marks that Markdown, HTML, CSS or Typst could take for their own."""


def draw(folder: Path, names: tuple[str, ...]) -> None:
    """Horizontal bars as SVG with text kept as text, and PNG, the same each time."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import font_manager
    from matplotlib import pyplot as plt

    import evalkit

    for font in (Path(evalkit.__file__).parent / "present" / "fonts").glob("*.ttf"):
        font_manager.fontManager.addfont(font)
    folder.mkdir(parents=True)
    with matplotlib.rc_context(
        {"svg.fonttype": "none", "svg.hashsalt": "x", "font.family": "Open Sans", "font.size": 9}
    ):
        for name in names:
            figure, axes = plt.subplots(figsize=(6.3, 2.2), layout="constrained")
            bars = axes.barh(["Under 3 000", "3 000–9 999", "10 000 og flere"], [41, 58, 80], color="#1f4e79")
            axes.bar_label(bars, labels=["41", "58", "80"], padding=4)
            axes.set_xlim(0, 100)
            axes.spines[["top", "right", "bottom"]].set_visible(False)
            axes.set_xticks([])
            figure.savefig(folder / f"{name}.svg", metadata={"Date": None})
            figure.savefig(folder / f"{name}.png", dpi=200, metadata={"Software": None})
            plt.close(figure)


@pytest.fixture(scope="session")
def notice() -> str:
    """What the fixture's pages say of its data."""
    return NOTICE


@pytest.fixture(scope="session")
def source_line() -> str:
    """What they say of its source."""
    return SOURCE


@pytest.fixture(scope="session")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run's folder with exhibits in both languages."""
    folder = tmp_path_factory.mktemp("run")
    draw(folder / "exhibits" / "nb", ("plan", "kurs"))
    shutil.copytree(folder / "exhibits" / "nb", folder / "exhibits" / "en")
    return folder


@pytest.fixture(scope="session")
def rendered(run: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with the fixture document in three formats, in Norwegian."""
    out = tmp_path_factory.mktemp("out")
    params, said = {"run": "prøve", "notice": NOTICE}, {"source": SOURCE}
    qmd = FIXTURE / "prove" / "prove.qmd"
    render_document(qmd, params=params, out=out, resources=run, engine="builtin", metadata=said)
    return out


@pytest.fixture(scope="session")
def rendered_en(run: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same in English."""
    out = tmp_path_factory.mktemp("out-en")
    params = {"notice": "Reconstructed data"}
    qmd = FIXTURE / "prove" / "prove.qmd"
    render_document(qmd, params=params, out=out, resources=run, engine="builtin", lang="en")
    return out


@pytest.fixture
def write(tmp_path: Path):
    """Writes a document `rapport/rapport.qmd` of the given text and returns its path."""

    def write_document(text: str, **others: str) -> Path:
        folder = tmp_path / "rapport"
        folder.mkdir(exist_ok=True)
        for name, content in {"rapport.qmd": text, **others}.items():
            (folder / name).write_text(content, encoding="utf-8")
        return folder / "rapport.qmd"

    return write_document


@pytest.fixture
def convert(tmp_path: Path):
    """Converts Markdown as if it had been executed, so that what a filter says can be seen without a kernel."""

    def convert_text(text: str, to: str = "html", **settings: object) -> str:
        lines = tuple(Line(content, "rapport.qmd", number) for number, content in enumerate(text.splitlines(), start=1))
        folder = tmp_path / "document"
        folder.mkdir(exist_ok=True)
        shutil.copytree(shipped_reports() / "_shared", tmp_path / "_shared", dirs_exist_ok=True)
        language = yaml.safe_load((shipped_reports() / "_quarto.yml").read_text(encoding="utf-8"))["language"]
        base = {"title": "Tittel", "lang": "nb-NO", "language": language, "number-sections": True}
        output = folder / "out"
        run_pandoc(Executed(lines), to, output, settings={**base, **settings}, folder=folder)
        return output.read_text(encoding="utf-8")

    return convert_text

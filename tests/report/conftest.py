"""A small project of reports: the fixture document, a run with two drawn exhibits in each language."""

import shutil
from pathlib import Path

import pytest

FIXTURE = Path(__file__).parent / "fixture"


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
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run's folder with exhibits in both languages."""
    folder = tmp_path_factory.mktemp("run")
    draw(folder / "exhibits" / "nb", ("plan", "kurs"))
    shutil.copytree(folder / "exhibits" / "nb", folder / "exhibits" / "en")
    return folder

"""The ROBEK waves are the public register's dates: yes in 42, 47 and 48 of the known, and R's likelihood comes back."""

import hashlib
import shutil
import subprocess
import sys
from itertools import combinations
from pathlib import Path

import numpy as np
import pyreadstat
import pytest

from evalkit.panel import municipalities

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "data_raw" / "robek"
YEARS = (2008, 2012, 2015)
# R 4.2.2, survival 3.5.3, tests/oracle/robek_clogit.R: both coefficients, log-likelihood at 0 and at the maximum.
COEFFICIENT, LOGLIK_NULL, LOGLIK = 0.1917305, -86.7903708, -86.4719680
STD_ERROR = 0.2773830


def _wave(year):
    return pyreadstat.read_sav(FOLDER / f"robek_{year}.sav", user_missing=True)


@pytest.mark.parametrize(("year", "yes", "known"), [(2008, 42, 425), (2012, 47, 425), (2015, 48, 426)])
def test_counts(year, yes, known):
    frame, _ = _wave(year)
    assert len(frame) == 428
    assert (frame["robek"] == 1).sum() == yes
    assert frame["robek"].isin([0, 1]).sum() == known
    assert set(frame["robek"]) == {0, 1, 9}


@pytest.mark.parametrize("year", YEARS)
def test_units_are_the_municipalities_of_2016(year):
    frame, _ = _wave(year)
    assert frame["kommnr"].tolist() == municipalities(2016)["code"].tolist()
    assert frame["kommune"].tolist() == municipalities(2016)["name"].tolist()


@pytest.mark.parametrize("year", YEARS)
def test_labels_and_missing_are_declared(year):
    _, meta = _wave(year)
    assert meta.variable_value_labels == {"robek": {0: "Nei", 1: "Ja", 9: "Ukjent"}}
    assert meta.missing_ranges == {"robek": [{"lo": 9, "hi": 9}]}
    assert meta.column_names_to_labels["robek"] == f"Var kommunen registrert i ROBEK 31. desember {year}?"
    assert meta.column_names_to_labels["kommnr"] == "Kommunenummer (2016)"


# Traced by hand in analyses/robek/spells.csv.
# Halden 2001–2002 and from 2012-08-01; Råde 2009–2014; Ballangen left 2009-08-03, back from 2013-11-15;
# Kongsvinger and Bindal have a stay without end: unknown ever after; Åsnes too, but is in again from 2013-07-09;
# Inderøy (1729, carried as 1756) left on 2008-08-12; Hattfjelldal entered on 2008-12-22; Utsira never.
BY_HAND = {
    "0101": (0, 1, 1),
    "0135": (0, 1, 0),
    "0402": (9, 9, 9),
    "0425": (9, 9, 1),
    "1151": (0, 0, 0),
    "1756": (0, 0, 0),
    "1811": (9, 9, 9),
    "1826": (1, 1, 1),
    "1854": (1, 0, 1),
}


@pytest.mark.parametrize("code", BY_HAND)
def test_units_by_hand(code):
    found = tuple(int(_wave(year)[0].set_index("kommnr").loc[code, "robek"]) for year in YEARS)
    assert found == BY_HAND[code]


def _loglik(answers, beta):
    """Conditional log-likelihood by enumeration (Andersen 1970): answers is units × waves with NaN for unknown."""
    total = 0.0
    for row in answers:
        known = np.flatnonzero(~np.isnan(row))
        k = int(row[known].sum())
        scores = [beta[list(chosen)].sum() for chosen in combinations(known, k)]
        total += beta[known][row[known] == 1].sum() - np.log(np.exp(scores).sum())
    return total


def test_the_likelihood_of_r():
    answers = np.column_stack([_wave(year)[0]["robek"] for year in YEARS]).astype(float)
    answers[answers == 9] = np.nan
    at = np.array([0.0, COEFFICIENT, COEFFICIENT])
    assert _loglik(answers, np.zeros(3)) == pytest.approx(LOGLIK_NULL, abs=5e-7)
    assert _loglik(answers, at) == pytest.approx(LOGLIK, abs=5e-7)
    step = 1e-3
    hessian = np.empty((2, 2))
    for i, j in np.ndindex(2, 2):
        e, f = np.eye(3)[i + 1] * step, np.eye(3)[j + 1] * step
        slope = (_loglik(answers, at + e) - _loglik(answers, at - e)) / (2 * step)
        assert slope == pytest.approx(0, abs=1e-5)
        corners = [_loglik(answers, at + s * e + t * f) * s * t for s in (-1, 1) for t in (-1, 1)]
        hessian[i, j] = sum(corners) / (4 * step**2)
    assert np.sqrt(np.diag(np.linalg.inv(-hessian))) == pytest.approx([STD_ERROR] * 2, abs=2e-6)


def test_the_script_writes_the_committed_bytes(tmp_path):
    """A copy of the script beside a copy of its facts makes the same files and the same manifest entries."""
    (tmp_path / "data_raw").mkdir()
    shutil.copy(ROOT / "data_raw" / "manifest.toml", tmp_path / "data_raw")
    shutil.copytree(ROOT / "analyses" / "robek", tmp_path / "analyses" / "robek")
    shutil.copy(ROOT / "analyses" / "_manifest.py", tmp_path / "analyses")
    script = tmp_path / "analyses" / "robek" / "make_waves.py"
    done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.splitlines() == [
        f"robek/robek_{year}.sav: 428 municipalities, {n} in ROBEK" for year, n in zip(YEARS, (42, 47, 48))
    ]
    for year in YEARS:
        made = tmp_path / "data_raw" / "robek" / f"robek_{year}.sav"
        committed = FOLDER / f"robek_{year}.sav"
        assert hashlib.sha256(made.read_bytes()).digest() == hashlib.sha256(committed.read_bytes()).digest()
    assert (tmp_path / "data_raw" / "manifest.toml").read_bytes() == (ROOT / "data_raw" / "manifest.toml").read_bytes()

"""Every fault of the data or the arguments is named with its place and its mend; all missing columns at once."""

import numpy as np
import pandas as pd
import pytest

from evalkit.change import conditional_logit
from evalkit.errors import DataError, EvalkitError, MethodError


def fault(kind, formula, data, **arguments):
    with pytest.raises(kind) as error:
        conditional_logit(formula, data, **({"group": "id"} | arguments))
    return str(error.value)


def test_unknown_columns_all_at_once(twowave):
    text = fault(EvalkitError, "y ~ wav + C(g)", twowave, group="unit", weights="w")
    assert "There is no column 'wav' in the data.\n  where: formula='y ~ wav + C(g)'" in text
    assert "expected: id, g, wave or y" in text and "did you mean 'wave'?" in text
    assert "There is no column 'unit' in the data.\n  where: group='unit'" in text
    assert "There is no column 'w' in the data.\n  where: weights='w'" in text


def test_outcome_not_0_or_1(twowave):
    text = fault(DataError, "y ~ wave", twowave.assign(y=twowave["y"] + 1))
    assert text.startswith("The outcome is not 0 or 1.\n  where: y, row 1\n  expected: 0 (no) or 1 (yes)\n  got: 2")
    text = fault(DataError, "y ~ wave", twowave.assign(y=twowave["y"].map({0: "nei", 1: "ja"})))
    assert "got: nei, ja" in text and "recode y" in text
    text = fault(DataError, "y ~ wave", twowave.assign(y=pd.Categorical(twowave["y"].map({0: "a", 1: "b"}))))
    assert "The outcome is not 0 or 1." in text


def test_two_rows_of_a_unit_in_a_wave(twowave):
    doubled = pd.concat([twowave, twowave.iloc[[4]]])
    text = fault(DataError, "y ~ wave", doubled)
    assert text.startswith("A unit has more than one row in a wave (1 rows too many).\n  where: id 3, wave 0")
    assert "expected: one row for each id and wave\n  got: 2 rows" in text
    other = doubled.rename(columns={"wave": "year"})
    assert conditional_logit("y ~ year", other, group="id").nobs == 51  # nothing says that year is the wave
    assert "id 3, year 0" in fault(DataError, "y ~ year", other, wave="year")


def test_no_unit_that_changed(make):
    data = make(never=3, always=2)
    text = fault(MethodError, "y ~ C(wave)", data, group="unit")
    assert text.startswith("No unit changed its answer, so the data say nothing about change.")
    assert "got: outcome always 0: 6 rows, outcome always 1: 4 rows" in text


def test_empty_data(twowave):
    assert fault(DataError, "y ~ wave", twowave.iloc[:0]).startswith("The data have no rows.")
    missing = twowave.assign(wave=np.nan)
    assert "No row is complete." in fault(DataError, "y ~ wave", missing)
    assert "missing wave: 50 rows" in fault(DataError, "y ~ wave", missing)
    assert "The data are not a frame." in fault(DataError, "y ~ wave", twowave.to_dict())


def test_every_unit_unknown(twowave):
    assert "missing id: 50 rows" in fault(DataError, "y ~ wave", twowave.assign(id=np.nan))


def test_no_covariate_that_varies(twowave):
    text = fault(MethodError, "y ~ C(g)", twowave)
    assert text.startswith("No covariate varies within a unit that changed.") and "include the wave" in text
    assert "The formula has no covariate." in fault(MethodError, "y ~ 1", twowave)


@pytest.mark.parametrize(
    ("formula", "text"),
    [
        ("y ~ (wave", "The formula cannot be read."),
        ("wave", "The formula has no outcome."),
        ("y + g ~ wave", "The formula needs one outcome."),
        ("y ~ np.nothing(wave)", "The formula cannot be worked out."),
        ("y ~ np.log(wave)", "A covariate is not finite."),
    ],
)
def test_formulas(twowave, formula, text):
    found = fault(EvalkitError, formula, twowave)
    assert text in found and "\x1b" not in found and "⧛" not in found


def test_infinite_covariate_names_the_row(panel):
    data = panel.assign(a=panel["a"].where(panel.index != 7, np.inf))
    assert "where: a, row 7" in fault(DataError, "y ~ a", data)


def test_columns_of_the_same_name(twowave):
    doubled = pd.concat([twowave, twowave[["wave"]]], axis=1)
    assert "The data have columns of the same name." in fault(DataError, "y ~ wave", doubled)


def test_arguments_of_the_result(twowave):
    fit = conditional_logit("y ~ wave", twowave, group="id")
    for call, text in [
        (lambda: fit.conf_int(95), "The level is not between 0 and 1."),
        (lambda: fit.conf_int(method="exact"), "There is no such interval."),
        (lambda: fit.wald_test(["wav"]), "There is no coefficient 'wav'."),
    ]:
        with pytest.raises(MethodError) as error:
            call()
        assert text in str(error.value)


def test_the_data_are_not_changed(panel):
    before = panel.copy()
    conditional_logit("y ~ a + C(b)", panel, group="id", weights="w", cluster="cl")
    pd.testing.assert_frame_equal(panel, before)

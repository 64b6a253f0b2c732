"""The order of waves is a study's, or that of the numbers in them; text never turns the sign of a change."""

import numpy as np
import pandas as pd
import pytest

from evalkit.change import conditional_logit, linear_probability, ordered_logit, paired_change, screen
from evalkit.errors import MethodError
from evalkit.estimates import trend
from evalkit.weights import Design


@pytest.fixture
def rounds():
    """Nine units went up from round 9 to round 10, two went down, three stayed at no."""
    pairs = [(0, 1)] * 9 + [(1, 0)] * 2 + [(0, 0)] * 3
    rows = [(unit, wave, y) for unit, pair in enumerate(pairs) for wave, y in zip((9, 10), pair)]
    return pd.DataFrame(rows, columns=["unit", "wave", "y"])


def changes(data):
    """What every method that orders waves says of the change from the first to the last, all of one sign."""
    moved = paired_change(data, "y", unit="unit", wave="wave").iloc[0]
    screened = screen(data, ["y"], families={"all": ["y"]}).iloc[0]
    return {
        "conditional_logit": conditional_logit("y ~ C(wave)", data, group="unit").params.iloc[0],
        "ordered_logit": ordered_logit("y ~ C(wave)", data, group="unit").params.iloc[0],
        "linear_probability": linear_probability("y ~ C(wave)", data, group="unit").params.iloc[0],
        "paired_change": moved["change"],
        "screen": screened["change"],
        "trend": trend(Design(data), "y", by="wave")["estimate"].iloc[0],
    }


LOG_ODDS, POINTS = np.log(9 / 2), (9 - 2) / 14
UP = dict.fromkeys(["conditional_logit", "ordered_logit"], LOG_ODDS) | dict.fromkeys(
    ["linear_probability", "paired_change", "screen", "trend"], POINTS
)


@pytest.mark.parametrize(
    "waves",
    [
        lambda wave: wave,
        lambda wave: wave.astype(str),
        lambda wave: wave.astype(str).astype(object),
        lambda wave: wave.astype(str).astype("category"),  # pandas sorts these as text
        lambda wave: "w" + wave.astype(str),
        lambda wave: pd.Categorical(wave.map({9: "before", 10: "after"}), ["before", "after"]),
        lambda wave: pd.Categorical(wave.map({9: "before", 10: "after"}), ["before", "after"], ordered=True),
        lambda wave: pd.Categorical(wave.map({9: "z", 10: "a"}), ["z", "a"], ordered=True),
    ],
)
def test_the_sign_of_a_change(rounds, waves):
    assert changes(rounds.assign(wave=waves(rounds["wave"]))) == pytest.approx(UP)


def test_a_study_s_own_order_wins(rounds):
    turned = rounds.assign(wave=pd.Categorical(rounds["wave"].astype(str), ["10", "9"], ordered=True))
    assert changes(turned) == pytest.approx({name: -value for name, value in UP.items()})


@pytest.mark.parametrize(
    "method",
    [
        lambda data: conditional_logit("y ~ wave", data, group="unit"),
        lambda data: conditional_logit("y ~ C(time)", data.rename(columns={"wave": "time"}), group="unit", wave="time"),
        lambda data: ordered_logit("y ~ wave", data, group="unit"),
        lambda data: linear_probability("y ~ wave", data, group="unit"),
        lambda data: paired_change(data, "y", unit="unit", wave="wave"),
        lambda data: screen(data, ["y"], families={"all": ["y"]}),
        lambda data: trend(Design(data), "y", by="wave"),
    ],
)
def test_text_is_asked_for_its_order(rounds, method):
    with pytest.raises(MethodError, match="Text has no order of its own") as asked:
        method(rounds.assign(wave=rounds["wave"].map({9: "before", 10: "after"})))
    assert asked.value.mend.endswith("pd.Categorical(data['wave'], ['after', 'before'], ordered=True)") or (
        "data['time']" in asked.value.mend
    )


def test_other_text_goes_by_its_numbers_and_needs_no_order(rounds):
    size = np.where(rounds["unit"] % 2 == 0, "9", "10")
    fit = conditional_logit("y ~ wave + wave:C(size)", rounds.assign(size=size), group="unit")
    assert list(fit.params.index) == ["wave", "wave:C(size)[T.10]"]
    named = conditional_logit(
        "y ~ wave + wave:C(size)", rounds.assign(size=np.where(size == "9", "small", "large")), group="unit"
    )
    assert list(named.params.index) == ["wave", "wave:C(size)[T.small]"]
    text = rounds.assign(wave=rounds["wave"].map({9: "before", 10: "after"}), z=rounds["wave"])
    assert conditional_logit("y ~ z", text, group="unit", wave="wave").params["z"] == pytest.approx(LOG_ODDS)

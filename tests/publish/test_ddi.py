"""The DDI file has the form of the official schema, and says of every variable what the study and the files say."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path

import pyreadstat
import pytest
from lxml import etree

import evalkit
from evalkit.publish import publish
from evalkit.publish.ddi_xml import LANG, NAMESPACE
from tests.conftest import STUDY, write_study
from tests.publish.conftest import with_report

SCHEMA = Path(__file__).parents[1] / "oracle" / "ddi" / "codebook_2_5_part.xsd"
D = f"{{{NAMESPACE}}}"
OPEN = """[disclosure]
minimum = 0
reason = { nb = "Åpne svar", en = "Public answers" }

[deposit]
abstract = { nb = "Om planer", en = "On plans" }
authors = ["Holm, Kari"]
producer = { nb = "Direktoratet", en = "The Directorate" }
mode = { nb = "Nettskjema", en = "Web survey" }
keywords = [{ nb = "planer", en = "plans" }]
conditions = { nb = "Kilden oppgis", en = "Name the source" }

[weights]"""
COMMENT = """[comment]
type = "text"
label = { nb = "Kommentar", en = "Comment" }
waves = []

[years]
waves = ["2018"]
question = { nb = "Hvor mange år?", en = "How many years?" }
note = { nb = "Hele år", en = "Whole years" }
unit = { nb = "år", en = "years" }"""


def schema() -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(str(SCHEMA)))


def tree(folder: Path, name: str = "small") -> ET.Element:
    return ET.parse(folder / "deposit" / f"{name}.xml").getroot()


def variable(root: ET.Element, name: str) -> ET.Element:
    return next(var for var in root.iter(f"{D}var") if var.get("name") == name)


def words(root: ET.Element, path: str) -> dict[str | None, str | None]:
    """Language → text of the elements at a path of names."""
    return {
        element.get(LANG): element.text for element in root.findall("/".join(f"{D}{part}" for part in path.split("/")))
    }


@pytest.fixture(scope="module")
def full(tmp_path_factory) -> ET.Element:
    """The small study with everything that a study can say to an archive; years were asked for in 2018 only."""
    only = {'file = "w2019.sav"': 'file = "w2019.sav"\nignore = ["years"]', 'data = "synthetic"': 'data = "real"'}
    study = write_study(tmp_path_factory.mktemp("full"), study=only | {"[weights]": OPEN}, items={"[years]": COMMENT})
    folder = publish(with_report(evalkit.run(evalkit.load_study(study))))
    known = schema()
    assert known.validate(etree.parse(str(folder / "deposit" / "small.xml"))), known.error_log
    return tree(folder)


def test_the_file_has_the_form_of_the_schema(published, real):
    """tests/oracle/ddi: elements, their order and number, attributes, identifiers and references."""
    for folder, name in ((published, "robek"), (publish(real()), "small")):
        known = schema()
        assert known.validate(etree.parse(str(folder / "deposit" / f"{name}.xml"))), known.error_log


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("stdyInfo>", "stdyinfo>"),
        ('version="2.5"', 'version="2.1"'),
        ('missing="Y"', 'missing="y"'),
        ('wgt="wgt"', 'wgt="yes"'),
        ('<item VALUE="-1" />', "<item>-1</item>"),
        ('<sumStat type="vald">', "<sumStat>"),
        ('<catStat type="freq">', '<catStat type="count">'),
        ('ID="V_wave"', 'ID="V_unit"'),
        ('<fileStrc type="rectangular" />', '<fileStrc type="rectangular">rows</fileStrc>'),
        ("<version ", "<version>1</version><version "),
        ("<notes>", '<notes source="evalkit">'),
    ],
)
def test_the_schema_refuses_what_the_official_one_does(published, old, new):
    """Each change breaks one rule of codebook.xsd."""
    text = (published / "deposit" / "robek.xml").read_text(encoding="utf-8")
    assert old in text
    assert not schema().validate(etree.fromstring(text.replace(old, new).encode()))


@pytest.mark.parametrize("name", ["robek", "small"])
def test_references_lead_somewhere(name, published, full):
    """xs:IDREFS of the official schema, which libxml2 does not follow."""
    root = full if name == "small" else tree(published, name)
    known = {element.get("ID") for element in root.iter()}
    names = ("files", "wgt-var", "weight", "sdatrefs", "var")
    found = [key for element in root.iter() for name in names for key in element.get(name, "").split()]
    assert found and set(found) <= known


def test_every_column_is_described(published):
    data, meta = pyreadstat.read_sav(str(published / "deposit" / "robek.sav"))
    root = tree(published, "robek")
    assert [var.get("name") for var in root.iter(f"{D}var")] == list(data.columns)
    forms = {var.get("name"): var.find(f"{D}varFormat").get("formatname") for var in root.iter(f"{D}var")}
    assert forms == meta.original_variable_types
    robek = variable(root, "robek")
    missing = {c.find(f"{D}catValu").text for c in robek.iter(f"{D}catgry") if c.get("missing") == "Y"}
    assert missing == {"-1"} == {item.get("VALUE") for item in robek.iter(f"{D}item")}
    assert words(robek, "qstn/qstnLit")["nb"] == "Var kommunen registrert i ROBEK 31. desember?"
    assert root.find(f".//{D}caseQnty").text == str(len(data))


def test_counts_are_given_where_the_study_protects_nothing(published, full, real):
    """robek, by hand: 42 + 47 + 48 were in it in the three years and 3 + 3 + 2 are unknown, of 3 × 428."""
    robek = variable(tree(published, "robek"), "robek")
    counts = {c.find(f"{D}catValu").text: c.find(f"{D}catStat").text for c in robek.iter(f"{D}catgry")}
    assert counts == {"1": "137", "0": "1139", "-1": "8"}
    years = {stat.get("type"): stat.text for stat in variable(full, "years").iter(f"{D}sumStat")}
    assert years == {"vald": "4", "invd": "6", "min": "1", "max": "4", "mean": "2.5"}  # 1, 2, 4 and 3 in 2018 only
    hidden = tree(publish(real()))
    assert not [*hidden.iter(f"{D}catStat"), *hidden.iter(f"{D}sumStat"), *hidden.iter(f"{D}range")]
    assert "Counts of answers are left out" in words(hidden, "dataDscr/notes")["en"]


def test_a_filter_is_said_in_words(full):
    assert words(variable(full, "why_not"), "universe") == {
        "nb": "De som svarte «Nei» eller «Vet ikke» på «Har plan»",
        "en": "Those who answered “No” or “Don't know” to “Has a plan”",
    }
    reasons = {c.get("missType") for c in variable(full, "why_not").iter(f"{D}catgry") if c.get("missing") == "Y"}
    assert reasons == {"not_asked", "empty"}


def test_a_variable_points_to_its_waves_its_weight_and_its_question(full):
    asked = {date.get("ID"): date.get("cycle") for date in full.iter(f"{D}collDate")}
    for name, waves in (("plan", ["2018", "2019"]), ("years", ["2018"])):
        assert [asked[key] for key in variable(full, name).get("sdatrefs").split()] == waves
        assert variable(full, name).get("wgt-var") == "V_weight"
        assert variable(full, name).get("weight") == "W_nb W_en"
    assert variable(full, "years").get("measUnit") == "år"
    assert words(variable(full, "years"), "notes")["en"] == "Whole years"
    group = full.find(f".//{D}varGrp")
    assert (group.get("type"), group.get("var")) == ("multipleResp", "V_means_courses V_means_pay")


def test_a_wording_that_is_not_known_is_not_made_up(full):
    """The label of a question is no literal question."""
    assert words(variable(full, "years"), "qstn/qstnLit")["en"] == "How many years?"
    assert words(variable(full, "plan"), "qstn/qstnLit") == {}


def test_what_the_study_says_to_the_archive_is_there(full):
    study = full.find(f"{D}stdyDscr")
    assert study.find(f".//{D}AuthEnty").text == "Holm, Kari"
    assert words(study, "citation/prodStmt/producer")["en"] == "The Directorate"
    assert words(study, "stdyInfo/abstract") == {"nb": "Om planer", "en": "On plans"}
    assert words(study, "stdyInfo/subject/keyword")["nb"] == "planer"
    assert words(study, "method/dataColl/collMode")["nb"] == "Nettskjema"
    assert words(study, "dataAccs/useStmt/conditions")["en"] == "Name the source"
    assert words(study, "notes")["en"] == "Synthetic data"
    assert words(study, "dataAccs/setAvail/complete")["en"] == "Without the open answers to: Comment"


def test_population_sample_and_response_are_computed(full, published):
    """Five of the six units answered something in each wave; Norway had 426 municipalities in 2017."""
    study = full.find(f"{D}stdyDscr")
    assert words(study, "stdyInfo/sumDscr/universe")["en"] == "All 426 municipalities in the municipal borders of 2017"
    assert {n.get("abbr") for n in study.iter(f"{D}nation")} == {"NO"}
    assert words(study, "method/dataColl/sampProc")["en"] == "No sample was drawn, and everyone could answer"
    rates = [rate.text for rate in study.iter(f"{D}respRate") if rate.get(LANG) == "en"]
    assert rates[0] == "2018: 5 of 426 municipalities answered something (1\N{NO-BREAK SPACE}per\N{NO-BREAK SPACE}cent)"
    conditions = words(tree(published, "robek"), "stdyDscr/dataAccs/useStmt/conditions")
    assert conditions["en"].endswith("Licence of the files of each wave: Facts of a public register; source named")


def test_one_wave_is_no_panel_and_invitations_are_counted(real):
    second = STUDY[STUDY.index('[[waves]]\nid = "2019"') : STUDY.index("[frame]")]
    moved = STUDY[STUDY.index("[exhibits.moved]") :]
    run = real(study={second: "", moved: "", "register = 2017": "register = 2017\ninvited = 400"})
    study = tree(publish(run)).find(f"{D}stdyDscr")
    assert words(study, "method/dataColl/timeMeth")["en"] == "Cross-section: one wave"
    assert words(study, "method/dataColl/sampProc")["en"] == "400 of 426 municipalities were asked"


def test_waves_of_several_frames_have_each_their_own_population(small):
    """Norway had 426 municipalities in 2017 and 356 in 2021; a unit's code is of the borders of its wave."""
    from tests.panel.test_borders import three_waves

    real = {'data = "synthetic"': 'data = "real"\ndisclosure = { minimum = 3 }'}
    folder = publish(with_report(evalkit.run(evalkit.load_study(three_waves(small, real)))))
    known = schema()
    assert known.validate(etree.parse(str(folder / "deposit" / "small.xml"))), known.error_log
    root = tree(folder)
    scope = root.find(f"{D}stdyDscr/{D}stdyInfo/{D}sumDscr")
    assert [each.text for each in scope.iter(f"{D}universe") if each.get(LANG) == "en"] == [
        "2018 and 2019: All 426 municipalities in the municipal borders of 2017",
        "2021: All 356 municipalities in the municipal borders of 2021",
    ]
    rates = [rate.text for rate in root.iter(f"{D}respRate") if rate.get(LANG) == "en"]
    assert rates[2].startswith("2021: ") and " of 356 municipalities" in rates[2]
    codes = words(variable(root, "unit"), "txt")["en"]
    assert codes == "Municipality codes of 2017 (2018, 2019); Municipality codes of 2021 (2021)"

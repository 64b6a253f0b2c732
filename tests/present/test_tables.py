"""Tables read through pandoc have the right words and numbers in the right cells, to the right and on the decimal."""

from __future__ import annotations

import dataclasses
import math
import re
from collections.abc import Callable
from html.parser import HTMLParser

import pandas as pd
import pypandoc
import pytest

from evalkit.errors import MethodError
from evalkit.present import tables
from evalkit.present.exhibit import Exhibit


class Reader(HTMLParser):
    """Rows of cells, how each is aligned, the caption and the paragraphs after the table."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self.alignment: list[list[str]] = []
        self.caption = ""
        self.after = ""
        self.id = ""
        self.inside = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        settings = dict(attrs)
        if tag == "table":
            self.id = settings.get("id") or self.id
        if tag == "tr":
            self.rows.append([])
            self.alignment.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")
            self.alignment[-1].append((settings.get("style") or "").replace(" ", ""))
        if tag in ("td", "th", "caption", "p"):
            self.inside = tag

    def handle_data(self, data: str) -> None:
        if self.inside in ("td", "th"):
            self.rows[-1][-1] += data.replace("\n", "")
        elif self.inside == "caption":
            self.caption += data
        elif self.inside == "p":
            self.after += data

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th", "caption", "p"):
            self.inside = ""


@pytest.fixture(scope="module")
def read(exhibits: dict[str, Exhibit]) -> Callable[..., Reader]:
    def reader(name: str, lang: str = "nb", **settings: str) -> Reader:
        text = tables.markdown(exhibits[name], lang, **settings)
        found = Reader()
        found.feed(pypandoc.convert_text(text, "html", format="markdown", extra_args=["--wrap=none"]))
        return found

    return reader


def test_share_by_group(read: Callable[..., Reader]) -> None:
    table = read("own_plan", caption="Har plan [1] * 50 %", id="tbl-own-plan")
    assert table.rows == [
        ["Innbyggertall", "Andel (%)", "95\u00a0% KI", "N"],
        ["Under 2\u00a0000", "54", "49–59", "52"],
        ["2\u00a0000–3\u00a0999", "57", "52–62", "47"],
        ["4\u00a0000–6\u00a0999", "61", "56–66", "45"],
        ["7\u00a0000–14\u00a0999", "66", "61–71", "41"],
        ["15\u00a0000 eller flere", "72", "66–78", "35"],
        ["Alle", "61", "59–64", "220"],
    ]
    assert set(map(tuple, table.alignment)) == {("text-align:left;", *["text-align:right;"] * 3)}
    assert table.caption == "Har plan [1] * 50 %"
    assert table.after == "", "source and notice stand once on each page, not under each table"


def test_unweighted_beside_weighted(read: Callable[..., Reader]) -> None:
    assert [row[1] for row in read("own_plan", weighting="unweighted").rows][1:6] == ["52", "58", "62", "67", "74"]


def test_waves_stand_beside_each_other(read: Callable[..., Reader]) -> None:
    table = read("research", "en")
    assert table.rows[0] == ["Number of inhabitants", "2018: % (95% CI)", "2018: N", "2019: % (95% CI)", "2019: N"]
    assert table.rows[1] == ["Under 2,000", "29\u00a0(23–35)", "30", "40\u00a0(33–47)", "22"]
    assert len(table.rows) == 7
    # no interval where everyone answered
    assert read("robek").rows[0] == ["Sentralitet", *[f"{y}: {what}" for y in (2008, 2012, 2015) for what in "%N"]]


def test_several_questions_in_several_waves(exhibits: dict[str, Exhibit]) -> None:
    made = exhibits["robek_all"]
    other = made.data[made.data["wave"] != "2008"].assign(item="r", estimate=0.5)
    both = dataclasses.replace(made, data=pd.concat([made.data, other]))
    found = Reader()
    text = tables.markdown(both, "nb")
    found.feed(pypandoc.convert_text(text, "html", format="markdown", extra_args=["--wrap=none"]))
    assert found.rows[1:] == [["q", "10", "428", "11", "427", "11", "425"], ["r", "–", "–", "50", "427", "50", "425"]]


def test_where_everyone_answered_there_is_no_interval(read: Callable[..., Reader]) -> None:
    table = read("robek_all")
    assert table.rows == [
        ["Runde", "Andel (%)", "N"],
        ["2008", "10", "428"],  # 42/428 = 9.8
        ["2012", "11", "427"],  # 47/427 = 11.0
        ["2015", "11", "425"],  # 48/425 = 11.3
    ]


def test_means_have_one_decimal_and_their_unit(read: Callable[..., Reader]) -> None:
    rows = read("mapping").rows
    assert rows[0] == ["Innbyggertall", "Gjennomsnitt (år)", "95\u00a0% KI", "N"]
    assert rows[1] == ["Under 2\u00a0000", "1,9", "1,6–2,3", "52"]
    assert all(len(row[1].split(",")[1]) == 1 for row in rows[1:])


def test_distribution(read: Callable[..., Reader]) -> None:
    rows = read("levels").rows
    assert rows[0][1:] == [
        "Politisk nivå (%)",
        "Rådmann eller rådmannens ledergruppe (%)",
        "Kommunalsjef eller sektorleder for helse og omsorg (%)",
        "Enhetsleder (%)",
        "N",
    ]
    assert rows[5] == ["15\u00a0000 eller flere", "0", "14", "71", "15", "35"]


def test_multiple(read: Callable[..., Reader]) -> None:
    one = read("other_plans").rows
    assert [row[1] for row in one] == ["Andel (%)", "41", "35", "22", "10", "8", "5", "2", "0"]
    two = read("measures").rows
    assert two[0] == ["Svaralternativ", "For å beholde (%)", "For å rekruttere (%)"]
    assert two[1] == ["Tilbud om videreutdanning", "91", "64"]
    assert two[-1] == ["N", "233", "233"]
    groups = read("training").rows
    assert groups[0][1] == "Under 2\u00a0000 (%)"
    assert groups[5] == ["Nettverk for nyutdannede", "0", "4", "7", "15", "29", "10"]
    assert groups[-1] == ["N", "52", "47", "45", "41", "35", "220"]


def test_representativeness(read: Callable[..., Reader]) -> None:
    rows = read("centrality").rows
    assert rows[0] == ["Sentralitet", "Utvalg (%)", "Populasjon (%)", "Differanse (prosentpoeng)"]
    assert rows[1] == ["Minst sentrale", "31,0", "35,0", "\u22124,0"]
    assert rows[3] == ["Noe sentrale", "20,0", "18,0", "+2,0"]


def test_table_1(read: Callable[..., Reader]) -> None:
    rows = read("table_1").rows
    assert rows[0] == ["Kjennetegn", "Gruppe", "N", "Minimum", "Gjennomsnitt", "Maksimum", "Standardavvik"]
    assert rows[2] == [
        "Innbyggere 2017",
        "Populasjon",
        "426",
        "201",
        "12\u00a0343",
        "666\u00a0759",
        "38\u00a0520",
    ]
    assert rows[4] == ["Korrigerte frie inntekter 2015", "Populasjon", "425", "93", "103,3", "167", "9,6"]


def test_transitions(read: Callable[..., Reader]) -> None:
    rows = read("changed").rows
    assert rows[0][:5] == ["Innbyggertall", "Fra nei til ja", "Fra ja til nei", "Uendret", "Før (%)"]
    assert rows[0][5:] == ["Etter (%)", "Endring (prosentpoeng)", "95\u00a0% KI", "N"]
    assert rows[6] == ["Alle", "19", "6", "41", "50", "70", "+20", "\u221211\u00a0til\u00a051", "66"]
    assert read("entered").rows[1] == ["2008–2012", "23", "18", "386", "10", "11", "+1", "427"]


def test_table_2(read: Callable[..., Reader]) -> None:
    table = read("table_2")
    assert table.rows[0] == ["Ledd", "Koeffisient", "Standardfeil", "Oddsratio", "95\u00a0% KI", "p"]
    # exp(1.1527) = 3.167, exp(0.2349) = 1.265, exp(2.0705) = 7.929
    assert table.rows[2] == ["2019 (mot 2018)", "1,15", "0,47", "3,17", "1,26–7,93", "0,014"]
    found = {row[0]: row[1:] for row in table.rows}
    assert found["2019 × 2\u00a0000–3\u00a0999"] == ["\u22120,41", "1,68", "0,67", "0,02–18,06", "0,810"]
    assert found["2019 × 15\u00a0000 eller flere"] == [
        "+∞",
        "–",
        "∞",
        "0,41\u00a0til\u00a0∞",
        "0,210",
    ]  # exp(-0.9) = 0.407
    assert found["Differanse i \u22122\u00a0log-likelihood fra modell\u00a01"] == [
        "4,67",
        "df\u00a0=\u00a04",
        "",
        "",
        "0,323",
    ]
    assert found["Herav med endret svar"] == ["25", "", "", "", ""]
    assert [row[1] for row in table.rows if row[0] == "\u22122\u00a0log-likelihood"] == ["27,55", "22,88"]
    assert "Anslaget er da uendelig, og konfidensintervallet har bare én endelig grense." in table.after
    assert sum(row[0] == "Antall rader i beregningen" for row in table.rows) == 1


def test_labels_are_shown_as_they_are_written(exhibits: dict[str, Exhibit]) -> None:
    odd = "*A* | <b>B</b> _c_ `d` [e](f) $g$ ~h~ ^i^ @j #k \\l ![m] \"n\" 'o' p--q ..."
    words = {"<2000": {"nb": odd, "en": odd}}
    made = exhibits["own_plan"]
    labels = made.labels | {"group": made.labels["group"] | words}
    text = tables.markdown(dataclasses.replace(made, labels=labels), "nb")
    found = Reader()
    found.feed(pypandoc.convert_text(text, "html", format="markdown", extra_args=["--wrap=none"]))
    assert found.rows[1][0] == odd


def test_plain_frame_has_words_and_numbers(exhibits: dict[str, Exhibit]) -> None:
    frame = tables.plain(exhibits["own_plan"], "nb")
    assert list(frame.columns) == [
        "Spørsmål", "Runde", "Inndeling", "Gruppe", "Kategori", "Vekting", "Anslag",
        "95\u00a0% KI, nedre", "95\u00a0% KI, øvre", "N",
    ]  # fmt: skip
    first = frame.iloc[0]
    assert (first["Gruppe"], first["Inndeling"], first["Vekting"]) == ("Under 2\u00a0000", "innbyggertall", "Vektet")
    assert first["Anslag"] == 0.54 and len(frame) == len(exhibits["own_plan"].data)
    outcomes = tables.plain(exhibits["few_screened"], "nb")
    assert "Enheter: Skoler" in set(outcomes["Spørsmål"]) and "Minste synlige endring" in set(outcomes["Kategori"])
    parts = tables.plain(exhibits["evenness"], "en")
    assert {"Alone", "Beyond the others"} <= set(parts["Group"]) and "R-indicator" in set(parts["Category"])
    assert tables.plain(exhibits["table_2"], "en")["Estimate"].map(math.isinf).sum() == 1


def test_an_unknown_kind_is_refused(exhibits: dict[str, Exhibit]) -> None:
    with pytest.raises(MethodError, match="has no table"):
        tables.markdown(dataclasses.replace(exhibits["own_plan"], kind="pie"), "nb")


def test_an_infinite_coefficient_has_its_limits_and_finite_estimates(read: Callable[..., Reader]) -> None:
    table = read("table_2_infinite")
    found = {row[0]: row[1:] for row in table.rows}
    # exp(-1.2714) = 0.280, exp(0.4055) = 1.500, exp(-3.2581) = 0.038, exp(1.7177) = 5.572, exp(6.8122) = 908.9
    assert found["Profil: den grensen som finnes"] == [
        "+∞",
        "–",
        "∞",
        "0,28\u00a0til\u00a0∞",
        "–",
    ]
    assert found["Eksakt: alle mulige svar talt opp"] == [
        "0,41", "–", "1,50", "0,04\u00a0til\u00a0∞", "0,800",
    ]  # fmt: skip
    assert found["Firth: anslag trukket mot null"] == ["1,72", "–", "5,57", "0,23–908,87", "–"]
    assert found["Differanse i \u22122\u00a0log-likelihood fra modell\u00a01"][:2] == ["4,67", "df\u00a0=\u00a04"]
    tests = [found[f"– p{how}"][-1] for how in (" etter kjikvadratfordelingen", ", eksakt", ", Firth")]
    assert tests == ["0,323", "0,531", "0,550"]
    assert "ikke at forskjellen er stor" in table.after and "medianforventningsrett" in table.after
    head = next(row for row in table.rows if row[0].startswith("Når anslaget er uendelig"))
    assert head[0] == "Når anslaget er uendelig: 2019 × 15\u00a0000 eller flere, modell\u00a02"


def test_exact_inference_that_cannot_be_had_is_said(exhibits: dict[str, Exhibit]) -> None:
    made = exhibits["table_2_infinite"]
    row = made.facts["separated"][0] | {"median_unbiased": None, "exact": [None, None], "exact_p_value": None}
    test = made.facts["comparisons"][0] | {"exact_p_value": None}
    text = tables.markdown(
        dataclasses.replace(made, facts=made.facts | {"separated": [row], "comparisons": [test]}), "nb"
    )
    assert "Eksakt: alle mulige svar talt opp" not in text
    assert "Eksakt beregning var ikke mulig for 2019 × 15\u00a0000 eller flere." in text
    assert "En eksakt test av forskjellen mellom modellene ble for stor å regne ut." in text


def test_a_screen_says_what_could_have_been_seen(read: Callable[..., Reader]) -> None:
    table = read("few_screened")
    assert table.rows[0] == [
        "Spørsmål", "N", "Før (%)", "Etter (%)", "Endring (95\u00a0% KI)", "p", "p, Holm", "p, Holm, alle",
        "Minste synlige", "p, gruppe",
    ]  # fmt: skip
    assert table.rows[1][0] == "Testet for seg"
    # 37/66 = 56.1, 50/66 = 75.8, 13/66 = 19.7
    assert table.rows[2] == [
        "Har forskere",
        "66",
        "56",
        "76",
        "+20\u00a0(10–30)",
        "0,015",
        "0,015",
        "0,058",
        "20",
        "0,531",
    ]
    assert table.rows[3][0] == "Testet sammen (4\u00a0utfall)"
    assert [row[0].strip("\u00a0") for row in table.rows[4:]] == [
        "Enheter", "Hjemmetjenester", "Skoler", "Innovasjon", "Planer: Arealplan\u00a0†",
    ]  # fmt: skip
    assert table.rows[5][-2:] == ["–", ">0,999"]
    assert table.rows[8][5:8] == ["–", "–", "–"], "nobody changed: there is no test"
    after = table.after.replace("\u00a0", " ")
    assert "det tegn til endring i 1 av 5 utfall: Har forskere (+20 prosentpoeng)." in after
    assert "Justert for alle 5 utfall under ett er det ikke tegn til endring i noen av dem." in after
    assert "Ingen tegn til endring i 4 av 5 utfall. I 2 av dem endret så få kommuner svar at ingen" in after
    # the smallest visible changes of the two others are 14.8 and 16.6: median 15.7, largest 16.6
    assert "I halvparten av de andre ville en endring på 16 prosentpoeng blitt sett; i det svakeste måtte den" in after
    assert "† Ingen endret svar, så det er ingenting å teste." in after


def test_response_by_group_in_blocks_of_waves(read: Callable[..., Reader]) -> None:
    table = read("response_size")
    assert table.rows[0] == ["Innbyggertall", "N", "Fullstendig", "Delvis", "Ikke svart", "RR1 (%)", "RR2 (%)"]
    assert [row[0] for row in table.rows if row[0].startswith("Runde")] == ["Runde: 2018", "Runde: minst én runde"]
    assert table.rows[-1] == ["Alle", "426", "177", "84", "165", "42", "61"]  # 177/426 = 41.5, 261/426 = 61.3
    assert "minst 80\u00a0% av spørsmålene" in table.after and "Svarprosenten regnes av alle (N)" in table.after
    assert "de fleste av spørsmålene er besvart" in read("response_county").after


def test_balance_before_and_after(read: Callable[..., Reader], exhibits: dict[str, Exhibit]) -> None:
    table = read("love")
    assert table.rows[0] == ["Kjennetegn", "Før vekting", "Etter vekting"]
    assert table.rows[1:4] == [
        ["Sentralitet", "", ""],
        ["Minst sentrale", "−0,14", "0,00"],
        ["Mindre sentrale", "+0,02", "0,00"],
    ]
    assert table.rows[-1] == ["Folketall", "+0,01", "−0,03"]
    made = exhibits["love"]
    plain = dataclasses.replace(made, data=made.data[made.data["weighting"] == "unweighted"])
    assert "Etter vekting" not in tables.markdown(plain, "nb")


def test_r_indicator(read: Callable[..., Reader]) -> None:
    table = read("evenness")
    assert table.rows[2] == ["R-indikator", "0,85 (0,05)", "0,76–0,95", "", "", ""]
    assert table.rows[3] == ["Svarprosent", "61\u00a0%", "", "", "", ""]
    assert table.rows[6] == ["Sentralitet", "0,048 (0,024)", "", "0,021 (0,024)", "6,7 (3)", "0,082"]
    assert table.rows[7] == ["Minst sentrale", "−0,041 (0,024)", "", "0,009 (0,024)", "", ""]
    assert table.rows[9][0] == "1\u00a0836,5–3\u00a0259"
    assert read("evenness", "en").rows[9][0] == "1,836.5–3,259"
    # a share's standard deviation is at most 0.5: 0.1188 of it is 5.9 percentage points
    assert "for en andel er den høyst 6\u00a0prosentpoeng" in table.after
    assert "Ingen svarte i Sentralitet: Minst sentrale. Something else." in table.after


def test_shares_of_inhabitants(read: Callable[..., Reader], exhibits: dict[str, Exhibit]) -> None:
    table = read("people", weighting="inhabitants")
    assert table.rows[0] == ["Innbyggertall", "Andel av innbyggerne (%)", "95\u00a0% KI", "N"]
    assert [row[1] for row in table.rows[1:6]] == ["55", "58", "60", "67", "80"]
    plain = tables.plain(exhibits["people"], "nb")
    assert plain["Vekting"].unique().tolist() == ["Vektet", "Uvektet", "Andel av innbyggerne"]


def test_the_appendix_has_every_number(exhibits: dict[str, Exhibit]) -> None:
    text = tables.every(list(exhibits.values()), "nb")
    found = Reader()
    found.feed(pypandoc.convert_text(text, "html", format="markdown", extra_args=["--wrap=none"]))
    rows = found.rows
    start = rows.index(
        ["Innbyggertall", "Vektet,\u00a0%", "95\u00a0%\u00a0KI", "Andel av innbyggerne,\u00a0%", "Uvektet,\u00a0%", "N"]
    )
    assert rows[start + 1] == ["Under 2\u00a0000", "54,0", "49,1–58,9", "55,0", "52,0", "52"]
    assert ["Innbyggertall", "Gjennomsnitt,\u00a0år", "95\u00a0%\u00a0KI", "N"] in rows
    assert ["Spørsmål", "Svaralternativ", "Andel,\u00a0%", "95\u00a0%\u00a0KI", "N"] in rows
    labels = re.findall(r"\{#(tbl-[\w-]+)\}", text)
    assert len(labels) == len(set(labels)) and {f"tbl-app-{n.replace('_', '-')}" for n in exhibits} <= set(labels)
    assert "tbl-app-changed-weighted" in labels, "a layout of its own for each weighting"
    captions = re.findall(r"\n: (.+) \{#tbl", text)
    assert len(captions) == len(set(captions))
    titles = [caption.split(" [")[0] for caption in captions]
    assert len(titles) == len(set(titles)), "told apart in a list of tables, too"
    assert "Rekonstruerte data" not in text

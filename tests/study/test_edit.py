"""A further wave's lines go into study.toml and items.toml however people laid them out, and nothing else moves."""

from __future__ import annotations

import tomllib

import pytest

from evalkit.errors import StudyError
from evalkit.study.edit import WaveLines, add_columns, add_wave

WAVE = '# proposed\n[[waves]]\nid = "2021"\nunit = "knr"\n'
ITEMS = {
    "no_spaces": 'waves=["2018","2019"]',
    "spaces": 'waves = ["2018", "2019"]',
    "several_lines": 'waves = [\n  "2018", # the first\n  "2019",\n]',
    "several_lines_without_comma": 'waves = [\n    "2018",\n    "2019"\n]',
    "quoted_key": '"waves" = [ "2018", "2019" ] # asked twice',
    "literal_strings": "waves = ['2018', '2019']",
}


def lines(**given):
    return WaveLines(study=WAVE, keys=given.pop("keys", {}), shown=(), **{"items": {}, **given})


@pytest.mark.parametrize("written", ITEMS.values(), ids=ITEMS)
@pytest.mark.parametrize("head", ["[q]", '["q"]', "  [q] # the first question"])
def test_a_list_of_waves_grows_in_its_own_layout(written, head):
    text = f'# questions\n\n{head}\ntype = "numeric"\n{written}\n# what it counts\nunit = "år"\n\n# next\n[p]\na = 1\n'
    new = add_columns(text, lines(items={"q": ("waves", 'waves = ["2018", "2019", "2021"]')}))
    asked = {"type": "numeric", "waves": ["2018", "2019", "2021"], "unit": "år"}
    assert tomllib.loads(new) == {"q": asked, "p": {"a": 1}}
    assert [line for line in text.splitlines() if line.startswith("#")] == [
        line for line in new.splitlines() if line.startswith("#")
    ]
    assert new.count("\n") - text.count("\n") == written.startswith("waves = [\n") and ("the first" in new) == (
        "the first" in text
    )


@pytest.mark.parametrize(
    "written",
    [
        'column = "k1"\n',
        'columns = { 2018 = "k1", 2019 = "k1" } # as before\n',
        'columns.2018 = "k1"\ncolumns.2019 = "k1"\n',
        '[q.columns]\n2018 = "k1"\n2019 = "k1"\n',
        "",
    ],
)
def test_columns_are_told_in_every_form(written):
    line = 'columns = { 2018 = "k1", 2019 = "k1", 2021 = "k2" }'
    new = add_columns(f'[q]\ntype = "numeric"\n{written}[p]\ntype = "text"\n', lines(items={"q": ("columns", line)}))
    assert tomllib.loads(new) == {"q": {"type": "numeric", **tomllib.loads(line)}, "p": {"type": "text"}}
    assert ("# proposed" in new) == ("columns.2018" not in written)
    assert ("; as before" in new) == ("as before" in written)


@pytest.mark.parametrize(
    "written",
    [
        '[q.options]\na = { nb = "A", en = "A", column = "k1" }\n',
        '[q.options.a]\nnb = "A" # in words\nen = "A"\ncolumn = "k1"\n',
        'options = { a = { nb = "A", en = "A", column = "k1" } }\n',
    ],
)
def test_options_are_told_in_every_form(written):
    line = 'a = { nb = "A", en = "A", columns = { 2018 = "k1", 2021 = "k2" } }'
    new = add_columns(f'[q]\ntype = "multiple"\n{written}', lines(options={("q", "a"): line}))
    assert tomllib.loads(new)["q"]["options"] == tomllib.loads(line)
    assert ("in words" in new) == ("in words" in written)


STUDY = """name = "s" # the name
# the first
[[waves]]
id = "2018"
unit = "knr"
# ignore = ["x"]

# of all units
[frame]
register = 2017
# until decided otherwise

# figures
[exhibits.a]
kind = "comparable"
"""


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_a_wave_stands_below_the_last_and_comments_stay_where_they_were(newline):
    keys = {"": ("latest", 'latest = ["2018"] # proposed'), "frame": ("invited", "invited = 3")}
    more = WAVE + '\n[link]\nmerged = "any"\n\n[exhibits.b]\nkind = "comparable"\n'
    new = add_wave(STUDY.replace("\n", newline), WaveLines(study=more, keys=keys, items={}, shown=()))
    told = tomllib.loads(STUDY)
    told["waves"].append({"id": "2021", "unit": "knr"})
    told |= {"latest": ["2018"], "link": {"merged": "any"}}
    told["frame"]["invited"] = 3
    told["exhibits"]["b"] = {"kind": "comparable"}
    assert tomllib.loads(new) == told
    said = new.replace("\r\n", "\n")
    assert 'name = "s" # the name\nlatest = ["2018"] # proposed\n# the first\n[[waves]]' in said
    assert '# ignore = ["x"]\n\n# proposed\n[[waves]]\nid = "2021"' in said
    assert (
        "# of all units\n[frame]\ninvited = 3\nregister = 2017\n# until decided otherwise\n\n# figures\n[exhib" in said
    )


def test_a_wave_with_a_table_of_its_own_and_one_that_ends_the_file():
    for text in ('[[waves]]\nid = "a"\n[waves.invited]\nfile = "x"', '[[waves]]\nid = "a"\n\n[[waves]]\nid = "b"'):
        new = add_wave(text, lines())
        assert tomllib.loads(new)["waves"] == [*tomllib.loads(text)["waves"], {"id": "2021", "unit": "knr"}]


def test_waves_in_a_form_of_their_own_are_refused_with_the_lines():
    with pytest.raises(StudyError) as caught:
        add_wave('waves = [{ id = "2018" }]\n', lines())
    assert str(caught.value) == (
        "The lines of the wave cannot be put into study.toml as it is laid out; nothing is written\n"
        f"  got: {WAVE}\n"
        "  mend: add these lines to study.toml yourself, and send us the file: the fault is evalkit's own"
    )

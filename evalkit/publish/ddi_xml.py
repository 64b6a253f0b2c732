"""Elements of a DDI Codebook, and the same words in both languages."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

from evalkit.study.model import Words

NAMESPACE = "ddi:codebook:2_5"
SCHEMA = "http://www.ddialliance.org/Specification/DDI-Codebook/2.5/XMLSchema/codebook.xsd"
INSTANCE = "http://www.w3.org/2001/XMLSchema-instance"
LANG = "{http://www.w3.org/XML/1998/namespace}lang"
NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def codebook(lang: str) -> ET.Element:
    """The root, which names the schema that it follows."""
    ET.register_namespace("", NAMESPACE)
    ET.register_namespace("xsi", INSTANCE)
    attributes = {"version": "2.5", LANG: lang, f"{{{INSTANCE}}}schemaLocation": f"{NAMESPACE} {SCHEMA}"}
    return ET.Element(f"{{{NAMESPACE}}}codeBook", attributes)


def add(parent: ET.Element, tag: str, text: str | None = None, **attributes: str) -> ET.Element:
    """A child of `parent`; `wgt_var` is the attribute wgt-var, and an attribute without a value is left out."""
    said = {name.replace("_", "-"): NOT_XML.sub("", value) for name, value in attributes.items() if value}
    child = ET.SubElement(parent, f"{{{NAMESPACE}}}{tag}", said)
    if text is not None:
        child.text = NOT_XML.sub("", text)
    return child


def both(parent: ET.Element, tag: str, words: Words | None, **attributes: str) -> None:
    """The same in both languages, an ID with the language behind it; nothing where the study says nothing."""
    if words is None:
        return
    for lang in ("nb", "en"):
        own = {name: f"{value}_{lang}" if name == "ID" else value for name, value in attributes.items()}
        add(parent, tag, words[lang], **own).set(LANG, lang)

"""Safe parsing of XML: a document that declares its own entities is refused before any is expanded."""

from __future__ import annotations

from dataclasses import dataclass, field
from xml.parsers import expat

from ...errors import BadRecord

LONGEST = 1 << 23  # characters of one document


@dataclass
class Element:
    """An element with its attributes, its own text and its child elements."""

    name: str
    attributes: dict[str, str] = field(default_factory=dict)
    text: str = ""
    children: list[Element] = field(default_factory=list)

    def find(self, name: str) -> Element:
        """Return the first child with that name, or an empty element if there is none."""
        return next((child for child in self.children if child.name == name), Element(name))


def parse(text: str, source: str = "") -> Element:
    """Return the root of a document; raises BadRecord if it is not XML, too long, or has a document type."""
    if len(text) > LONGEST:
        raise BadRecord(f"the document is longer than {LONGEST >> 20} million characters", source=source)
    root = Element("")
    path = [root]
    parser = expat.ParserCreate("utf-8")  # ignores the declared encoding, as the text is already decoded
    parser.buffer_text = True

    def start(name: str, attributes: dict[str, str]) -> None:
        path[-1].children.append(Element(name, attributes))
        path.append(path[-1].children[-1])

    def refuse(*_: object) -> None:
        raise BadRecord("XML with a document type, which may define entities without end", source=source)

    def add(data: str) -> None:
        path[-1].text += data

    parser.StartElementHandler, parser.CharacterDataHandler = start, add
    parser.EndElementHandler = lambda name: path.pop()
    parser.StartDoctypeDeclHandler = parser.EntityDeclHandler = refuse
    try:
        parser.Parse(text.lstrip("\ufeff \t\r\n").encode("utf-8", errors="replace"), True)
    except expat.ExpatError as fault:
        raise BadRecord(f"damaged XML: {fault}", source=source) from fault
    return root.children[0]

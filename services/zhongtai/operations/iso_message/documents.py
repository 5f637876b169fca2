"""XML documents of ISO 20022: parsed without entities and within limits, held to the schema of their kind.

The parser is libxml2 by lxml: no document type, no network, at most 256 levels, texts of at most ten megabytes. Schemas
are ISO's own; `schemas/README.md` tells where each came from.
"""

import re
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Any

from lxml import etree

from zhongtai.operations.iso_message.domain import (
    CONTENT_MAX,
    SCHEMAS,
    MessageKind,
    MessageKindMustBeKnown,
    MessageMustMatchItsSchema,
    XmlMustBePlain,
    XmlMustBeShort,
    XmlMustBeWellFormed,
)

NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:"
_DECLARATION = re.compile(rb"<!(?:DOCTYPE|ENTITY|ELEMENT|ATTLIST|NOTATION)")
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_SHOWN = 200


class Part:
    """An element of a document, found and read by the local names of a path such as `Amt/InstdAmt`."""

    __slots__ = ("element", "namespace")

    def __init__(self, element: Any, namespace: str) -> None:
        self.element = element
        self.namespace = namespace

    def all(self, path: str) -> Iterator["Part"]:
        """Every part at a path."""
        for found in self.element.iterfind(self._path(path)):
            yield Part(found, self.namespace)

    def first(self, *paths: str) -> "Part | None":
        """The first part at the first of some paths that leads to one: versions name some things differently."""
        for path in paths:
            found = self.element.find(self._path(path))
            if found is not None:
                return Part(found, self.namespace)
        return None

    def text(self, *paths: str) -> str:
        """The text at the first of some paths that leads to one; "" where none does."""
        for path in paths:
            found = self.element.findtext(self._path(path))
            if found is not None:
                return str(found).strip()
        return ""

    @property
    def own_text(self) -> str:
        """The text of the part itself."""
        return (self.element.text or "").strip()

    @property
    def line(self) -> int:
        """The line it begins on."""
        return int(self.element.sourceline or 0)

    @property
    def path(self) -> str:
        """Where it stands, by local names."""
        steps = [self.element, *self.element.iterancestors()]
        return "/".join(etree.QName(step).localname for step in reversed(steps))

    def _path(self, path: str) -> str:
        return "/".join(f"{{{self.namespace}}}{step}" for step in path.split("/"))


def parsed(content: bytes) -> tuple[MessageKind, Part]:
    """The kind of a document that is valid by its schema, and its message. Raises the refusals of documents."""
    root = _root(content)
    name = etree.QName(root)
    schema = (name.namespace or "").removeprefix(NAMESPACE)
    if schema not in SCHEMAS or name.localname != "Document":
        raise MessageKindMustBeKnown(namespace=(name.namespace or name.localname)[:_SHOWN], known=", ".join(SCHEMAS))
    _must_match(root, schema)
    return SCHEMAS[schema], Part(root[0], NAMESPACE + schema)


def written(root: Any, kind: MessageKind) -> bytes:
    """The document as UTF-8, once it is found valid. Raises `MessageMustMatchItsSchema`."""
    content: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)
    # Lines are counted in what is sent, not in the tree it was made of.
    _must_match(_root(content), kind.schema)
    return content


def _root(content: bytes) -> Any:
    if len(content) > CONTENT_MAX:
        raise XmlMustBeShort(size=len(content), maximum=CONTENT_MAX)
    # Declarations are looked for in the bytes, which only an encoding by single bytes and UTF-8 write plainly.
    if content.startswith(_UTF_16) or b"\x00" in content:
        raise XmlMustBeWellFormed(line=1, column=1)
    if found := _DECLARATION.search(content):
        raise XmlMustBePlain(line=content.count(b"\n", 0, found.start()) + 1)
    # A parser is made for each document: one that refused a document keeps what it found wrong.
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        line, column = error.position
        raise XmlMustBeWellFormed(line=line or 0, column=column or 0) from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise XmlMustBePlain(line=1)
    return root


def _must_match(root: Any, schema: str) -> None:
    """Refuses a document for the first thing its schema does not allow."""
    held_to = _schema(schema)
    if held_to.validate(root):
        return
    wrong = held_to.error_log[0]
    # "/*/*[1]/*[2]" is told by names; what libxml2 says of it may hold a person's data, so only the rule is named.
    found = root.getroottree().xpath(wrong.path) if wrong.path else []
    path = Part(found[0], NAMESPACE + schema).path if found else "Document"
    problem = wrong.type_name.removeprefix("SCHEMAV_CVC_").removeprefix("SCHEMAV_").lower()
    raise MessageMustMatchItsSchema(schema=schema, line=wrong.line, path=path, problem=problem)


@cache
def _schema(name: str) -> Any:
    text = (files(__package__) / "schemas" / f"{name}.xsd").read_bytes()
    return etree.XMLSchema(etree.fromstring(text))

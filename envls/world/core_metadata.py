"""What the core metadata of a distribution say of a package, as JSON for the shelf: a pure function of a text.

Whoever publishes a package writes them: everything is bounded, and what is no address of the web is no link.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from packaging.metadata import parse_email
from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

if TYPE_CHECKING:
    from packaging.metadata import RawMetadata

    Json = Any

NOTHING: Json = {"summary": "", "licence": "", "links": [], "requires": [], "extras": []}
"""Of a package whose metadata nobody serves."""
_EXTRA = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,98}[A-Za-z0-9])?")
_LONGEST_TEXT = 500
_LONGEST_LABEL = 60
_MOST_LINKS = 12
_MOST_REQUIREMENTS = 1000
_MOST_EXTRAS = 500


def describe(content: bytes) -> Json:
    """{summary, licence, links: [[label, address]], requires: [PEP 508], extras: [name]}, each as far as it is there."""
    metadata = parse_email(content)[0]
    return {
        "summary": line(metadata.get("summary", "")),
        "licence": licence(metadata),
        "links": _links(metadata),
        "requires": [text for text in metadata.get("requires_dist", [])[:_MOST_REQUIREMENTS] if _is_requirement(text)],
        "extras": _extras(metadata),
    }


def licence(metadata: RawMetadata) -> str:
    """The expression (PEP 639), else a short licence field, else what the classifiers say."""
    if expression := metadata.get("license_expression", ""):
        return line(expression)
    field = line(metadata.get("license", ""))
    if field and len(field) <= 60 and "\n" not in metadata["license"].strip() and field.upper() != "UNKNOWN":
        return field
    classifiers = [text.split(" :: ")[-1] for text in metadata.get("classifiers", []) if text.startswith("License ::")]
    return line(", ".join(text for text in classifiers if text != "OSI Approved"))


def line(text: str) -> str:
    """The first line, bounded, and without what no editor can be sent."""
    return text.strip().partition("\n")[0][:_LONGEST_TEXT].encode("utf-8", "replace").decode()


def is_web(address: str) -> bool:
    return address.startswith(("https://", "http://"))


def _links(metadata: RawMetadata) -> list[list[str]]:
    links = [[line(label)[:_LONGEST_LABEL], line(url)] for label, url in (metadata.get("project_urls") or {}).items()]
    home = line(metadata.get("home_page", ""))
    if home and all(address.rstrip("/") != home.rstrip("/") for _, address in links):
        links.insert(0, ["Homepage", home])
    return [link for link in links if is_web(link[1])][:_MOST_LINKS]


def _extras(metadata: RawMetadata) -> list[str]:
    """As they are written, each once."""
    found: dict[str, str] = {}
    for extra in metadata.get("provides_extra", [])[:_MOST_EXTRAS]:
        if _EXTRA.fullmatch(extra):
            found.setdefault(canonicalize_name(extra), extra)
    return list(found.values())


def _is_requirement(text: str) -> bool:
    if len(text) > _LONGEST_TEXT:
        return False
    try:
        Requirement(text)
    except (InvalidRequirement, RecursionError):
        return False
    return True

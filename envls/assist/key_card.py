"""What a key means, for a person: on hover, and beside its name in the list of completion."""

from __future__ import annotations

from envls.assist.markdown import code
from envls.formats.keys import KeyInfo


def key_card(info: KeyInfo) -> str:
    """A key with what it means, and what is written instead of one that is given up."""
    parts = [f"**{info.name}**: {about_key(info)}"]
    if info.successor is not None:
        parts.append(f"Given up: write {code(info.successor)} instead." if info.successor else "Given up.")
    return "\n\n".join(parts)


def about_key(info: KeyInfo) -> str:
    """What a key means, which values it has, what holds without it, and when it has an effect."""
    parts = [info.meaning]
    if info.values:
        parts.append("Values: " + ", ".join(code(value) for value in info.values))
    if info.default:
        parts.append(f"Without it: {info.default}")
    if info.effect:
        parts.append(f"Effect: {info.effect}")
    return "\n\n".join(parts)

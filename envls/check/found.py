"""What a rule has found, as loud as the configuration wants it."""

from __future__ import annotations

from dataclasses import dataclass

from envls.rules.rule import AnyRule, Finding, Severity


@dataclass(frozen=True, slots=True)
class Found:
    """A finding with the rule that made it, as loud as the configuration wants it."""

    rule: AnyRule
    finding: Finding
    severity: Severity

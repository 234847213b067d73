"""The versions that Python has had, and those it may still get: a bound for reasoning, not a list of releases.

What no version here satisfies, no Python does; that one is here does not mean that it exists.
"""

from __future__ import annotations

MINORS = ("2.6", "2.7", *(f"3.{minor}" for minor in range(20)))
VERSIONS = tuple(f"{minor}.{micro}" for minor in MINORS for micro in range(30))

OF_EXAMPLES = "3.11"
"""The Python of the examples in Azure's pages on environments, which all of its packages run on."""

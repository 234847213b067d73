"""What a migration must not copy: whoever gets the file would get it."""

from __future__ import annotations

import re

from envls.rules.secrets import in_addresses, is_filled_in, tokens

_HIDDEN = "REDACTED"
_QUERY = re.compile(r"(://[^\s\"'<>?#]+)\?[^\s\"'<>]*\b(?:sig|token|key|password)=[^\s\"'<>]*", re.IGNORECASE)
_PAIR = re.compile(
    r"(?P<name>\b(?:AccountKey|SharedAccessKey|SharedAccessSignature|Password|Pwd)=)(?P<secret>[^;\s\"']+)",
    re.IGNORECASE,
)
_NAME = re.compile(
    r"(?:.*_)?(?:PASSWORD|PASSWD|PWD|SECRET|TOKEN|SAS|CREDENTIALS?|CONNECTION_?STRING"
    r"|(?:API|ACCESS|SECRET|PRIVATE|ACCOUNT|STORAGE|SUBSCRIPTION|INSTRUMENTATION)_?KEY)",
    re.IGNORECASE,
)
_RANDOM = re.compile(r"(?=.*\d)(?=.*[A-Za-z])[A-Za-z0-9+/_=.~-]{20,}")
_HARMLESS = re.compile(r"[+-]?[\d.]+|true|false|yes|no|none|null", re.IGNORECASE)
_SHORTEST = 6


def is_secret(name: str, value: str) -> bool:
    """Whether the value of something called `name` (a variable, an option) is a secret, as far as the two tell."""
    name, value = name.strip("-").replace("-", "_").replace(".", "_"), value.strip()
    if without_secrets(value)[1]:
        return True
    if is_filled_in(value) or _HARMLESS.fullmatch(value) or re.search(r"[\s$]", value):
        return False
    if name.upper().endswith("KEY") and _RANDOM.fullmatch(value):
        return True
    return len(value) >= _SHORTEST and _NAME.fullmatch(name) is not None


def without_secrets(text: str) -> tuple[str, bool]:
    """A text without what it shows to be secret by its form, and whether there was any."""
    bare = _QUERY.sub(r"\1", text)
    bare = _PAIR.sub(lambda found: found["name"] + _HIDDEN if not is_filled_in(found["secret"]) else found[0], bare)
    while spans := [*in_addresses(bare), *tokens(bare)]:
        bare = bare[: spans[0].start] + _HIDDEN + bare[spans[0].end :]
    return bare, bare != text

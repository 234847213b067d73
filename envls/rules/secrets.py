"""ENV2: passwords, tokens and keys that everybody can read who gets the file. No message shows one, nor a part of it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from envls.document import Document
from envls.facts import Facts
from envls.formats.conda.environment import EnvironmentFile
from envls.rules.rule import Finding, Severity, rule
from envls.syntax import Mapping, Node, Scalar, resolve_alias
from envls.text import Span

_ADDRESS = re.compile(r"://[^\s\"'<>,]+")
_LOGIN = re.compile(r"://(?P<user>[^/@:]*:)?(?P<secret>[^/@]+)@")  # a password, or a token alone
_PARTS = (
    re.compile(r"/t/(?P<secret>[^/]+)/"),  # conda's own form
    re.compile(r"[?&](?:token|sig|password|api[-_]?key|access_token)=(?P<secret>[^&#]+)", re.IGNORECASE),
)
_TOKENS = {
    "ghp_": re.compile(r"ghp_[A-Za-z0-9]{36}"),
    "gho_": re.compile(r"gho_[A-Za-z0-9]{36}"),
    "ghs_": re.compile(r"ghs_[A-Za-z0-9]{36}"),
    "github_pat_": re.compile(r"github_pat_[A-Za-z0-9_]{36,}"),
    "glpat-": re.compile(r"glpat-[\w-]{20,}"),
    "pypi-AgE": re.compile(r"pypi-AgE[\w-]{40,}"),
    "hf_": re.compile(r"\bhf_[A-Za-z0-9]{30,}"),
    "AKIA": re.compile(r"\bAKIA[0-9A-Z]{16}\b"),
    "AccountKey=": re.compile(r"(?<=AccountKey=)[A-Za-z0-9+/=]{40,}"),
}
"""What the tokens of GitHub, GitLab, PyPI, Hugging Face, AWS and Azure look like, by how they begin."""
_SECRET_KEY = re.compile(
    r"(?:.*_)?(?:PASSWORD|PASSWD|SECRET|TOKEN|API_?KEY|ACCESS_?KEY|ACCOUNT_?KEY|STORAGE_?KEY|SECRET_?KEY|PRIVATE_?KEY)",
    re.IGNORECASE,
)
_FILLED_IN = re.compile(r"\$\{?\w+\}?|%\w+%|<[^>]*>|\{\{.*\}\}|\*+|x+", re.IGNORECASE)
_PLACEHOLDER = re.compile(
    r"redacted|x{4,}|\*{3}|<[^>]*>|…|\.\.\.|(?:your|my)[_-]|change[_-]?me|placeholder|example|dummy|secret$",
    re.IGNORECASE,
)
_TOKEN_LENGTH = 20
_SHORTEST = 8


@rule("ENV203", on=Document, severity=Severity.WARNING)
def secret(document: Document, facts: Facts) -> Iterator[Finding]:
    """A password or a token stands in the file.

    Whoever gets the file gets it, and so does every log: mamba 2 prints all lines of the `pip` section. conda 26.7 and mamba
    fill `$NAME` into the channels from the environment; pip fills `${NAME}` into its lines, in capitals only. A login can
    also stand in the keyring, in `.netrc`, or be made with `anaconda login`; a variable can be set where it is needed.
    A comment is no safer place.

    ```yaml
    channels:
      - https://me:hunter2@conda.example.com/team  # <- ENV203
      - https://conda.example.com/t/ab-1234/team   # <- ENV203
    dependencies:
      - python=3.11
      - pip
      - pip:
        - --index-url https://me:hunter2@pip.example.com/simple  # <- ENV203
    variables:
      API_TOKEN: 9c1185a5c5e9fc54612808977ee8f548  # <- ENV203
    ```

    ```yaml
    channels:
      - https://me:$TOKEN@conda.example.com/team
    dependencies:
      - python=3.11
      - pip
      - pip:
        - --index-url https://${PIP_USER}:${PIP_TOKEN}@pip.example.com/simple
        - git+ssh://git@example.com/team/tool.git
    variables:
      API_TOKEN_FILE: /run/secrets/api
    ```
    """
    del facts
    if not isinstance(document.content, EnvironmentFile):
        return
    message = "a secret stands in this address, for everybody who gets the file; put it into a variable"
    told: list[Span] = []
    for span in in_addresses(document.text):
        told.append(span)
        yield Finding(span, message)
    for span in tokens(document.text):
        if not any(span.overlaps(other) for other in told):
            told.append(span)
            yield Finding(span, "this is a secret token, for everybody who gets the file")
    variables = document.content.root.get("variables") if isinstance(document.content.root, Mapping) else None
    for name, span in of_variables(variables):
        if not any(span.overlaps(other) for other in told):
            yield Finding(
                span, f"the secret `{name}` stands here, for everybody who gets the file; set it where it is needed"
            )


def secrets_in(text: str, *variables: Node | None) -> Iterator[Span]:
    """Each secret of a text once: in its addresses, as tokens, and as the values of variables."""
    told: list[Span] = []
    named = (span for mapping in variables for _, span in of_variables(mapping))
    for span in (*in_addresses(text), *tokens(text), *named):
        if not any(span.overlaps(other) for other in told):
            told.append(span)
            yield span


def in_addresses(text: str) -> Iterator[Span]:
    """The first secret of each address."""
    if "://" not in text:
        return
    for address in _ADDRESS.finditer(text):
        written = address.group()
        login = _LOGIN.match(written)
        found = login if login and _is_login(login) else None
        if found is None:
            later = (part.search(written) for part in _PARTS)
            found = next((one for one in later if one and not is_filled_in(one["secret"])), None)
        if found:
            yield Span(address.start() + found.start("secret"), address.start() + found.end("secret"))


def _is_login(found: re.Match[str]) -> bool:
    return not is_filled_in(found["secret"]) and (bool(found["user"]) or len(found["secret"]) >= _TOKEN_LENGTH)


def is_filled_in(word: str) -> bool:
    """Whether a word only stands for a secret."""
    return bool(_FILLED_IN.fullmatch(word) or _PLACEHOLDER.search(word))


def tokens(text: str) -> Iterator[Span]:
    for beginning, token in _TOKENS.items():
        if beginning in text:
            yield from (Span(*found.span()) for found in token.finditer(text) if not _PLACEHOLDER.search(found.group()))


def of_variables(variables: Node | None) -> Iterator[tuple[str, Span]]:
    """The variables whose name says that their value is a secret, where that looks like one."""
    for entry in variables.entries if isinstance(variables, Mapping) else ():
        value = resolve_alias(entry.value)
        if not isinstance(value, Scalar) or not _SECRET_KEY.fullmatch(entry.key.value):
            continue
        word = value.value.strip()
        if len(word) >= _SHORTEST and not re.search(r"[\s/\\$]", word) and not is_filled_in(word):
            yield entry.key.value, value.span

"""ENV1: the comments that quieten envls."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches

from envls.document import Document
from envls.facts import Facts
from envls.ignoring import ignore_comments
from envls.rules.rule import Finding, Fix, Severity, rule
from envls.write import Replace


@rule("ENV114", on=Document, severity=Severity.HINT)
def unknown_code(document: Document, facts: Facts) -> Iterator[Finding]:
    """A comment quietens a rule that does not exist.

    envls has no rule whose code begins so, and the comment does nothing. A code stands without brackets, since conda-lock 4
    reads `# [...]` as a selector and drops the line.

    ```yaml
    dependencies:
      - python=3.11
      # <- ENV114
      - numpy=1.26  # envls: ignore ENV340
    ```

    ```yaml
    dependencies:
      - python=3.11
      - numpy  # envls: ignore ENV304, the tests run with every version
      - scipy  # envls: ignore
    ```
    """
    from envls.rules import rules  # noqa: PLC0415 (which imports this module)

    del facts
    for comment in ignore_comments(document):
        for code, span in comment.codes:
            if any(known.startswith(code) for known in rules()):
                continue
            by_name = {rule.name.upper(): rule.code for rule in rules().values()}
            near = by_name.get(code) or next(iter(get_close_matches(code, rules(), 1, 0.8)), "")
            fixes = (Fix(f"Write `{near}`", (Replace(span, near),)),) if near else ()
            hint = f"; did you mean `{near}`?" if near else ""
            yield Finding(span, f"envls has no rule `{document.text[span.start : span.end]}`{hint}", fixes)

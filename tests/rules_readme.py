"""Writes `envls/rules/README.md` from the rules' own pages; `make docs` runs it, and a test sees that it is fresh."""

from __future__ import annotations

from pathlib import Path

from envls.rules import families, rules
from envls.rules.rule import AnyRule

PLACE = Path(__file__).parents[1] / "envls" / "rules" / "README.md"
HEAD = """# Rules

Made from the docstrings of the rules by `make docs`; each page is a test too. `# <- CODE` marks what is found, a
block called *fixed* shows what the fix makes of it, a block of *facts* says what the indexes knew.

A rule is silenced on its line by `# envls: ignore CODE`, in a file by `# envls: ignore-file CODE`, in a project by
`ignore = ["CODE"]` in `.envls.toml` or under `[tool.envls]` in `pyproject.toml`; a beginning such as `ENV3` is enough.
A rule that is *off* is a matter of opinion: it speaks once its code is selected or given a severity.

"""


def readme() -> str:
    pages = {prefix: [rule for rule in rules().values() if rule.code.startswith(prefix)] for prefix in families()}
    parts = [HEAD]
    for prefix, (family, _) in families().items():
        parts.append(f"- [{prefix}: {family}](#{prefix.lower()}-{family.lower().replace(' ', '-')})\n")
    for prefix, (family, _) in families().items():
        parts.append(f"\n## {prefix}: {family}\n\n| code | | name | what it finds |\n|---|---|---|---|\n")
        parts += map(row, pages[prefix])
        parts += [f"\n### {one.code} {one.name}\n\n*{loudness(one)}*\n\n{one.doc.rstrip()}\n" for one in pages[prefix]]
    return "".join(parts)


def row(rule: AnyRule) -> str:
    loud = f"off ({rule.severity.value})" if rule.opt_in else rule.severity.value
    return f"| [{rule.code}](#{anchor(rule)}) | {loud} | {rule.name} | {rule.summary} |\n"


def loudness(rule: AnyRule) -> str:
    return rule.severity.value + (", off until its code is selected or given a severity" if rule.opt_in else "")


def anchor(rule: AnyRule) -> str:
    return f"{rule.code.lower()}-{rule.name}"


if __name__ == "__main__":
    PLACE.write_text(readme(), "utf-8")
    print(f"{PLACE.name} written: {len(rules())} rules")

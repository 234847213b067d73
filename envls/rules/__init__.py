"""All rules. A family of codes is a module, or a folder of them; `envls/rules/README.md` is made from their docstrings.

Adding a rule is writing one function in the module of its family, nothing else.
"""

from __future__ import annotations

from functools import lru_cache
from types import ModuleType

from envls.rules.rule import AnyRule, Rule


def families() -> dict[str, tuple[str, ModuleType]]:
    """The beginning of the codes of a family, what it knows, and the module that its rules stand in."""
    from envls.rules import channels, cli_v2, dependencies, packages, pip, project, sdk_v1, structure, workbench  # noqa: PLC0415

    return {
        "ENV1": ("structure", structure),
        "ENV2": ("channels", channels),
        "ENV3": ("dependencies", dependencies),
        "ENV4": ("pip", pip),
        "ENV5": ("packages", packages),
        "AML1": ("Workbench", workbench),
        "AML2": ("SDK v1", sdk_v1),
        "AML3": ("CLI v2", cli_v2),
        "AML4": ("projects", project),
    }


@lru_cache(maxsize=1)
def rules() -> dict[str, AnyRule]:
    """Every rule by its code, in the order of the codes."""
    found = [value for _, module in families().values() for value in vars(module).values() if isinstance(value, Rule)]
    return {rule.code: rule for rule in sorted(found, key=lambda rule: rule.code)}

"""Which packages have a module: of an import, the names under which it is installed, unless it comes with Python."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from envls.formats.conda.requirement import normalised
from envls.known import packages
from envls.known.modules import ALWAYS, NAMESPACES, NOT_ON_CONDA_FORGE, PROVIDERS, SAME
from envls.known.stdlib import BEFORE, EVERYWHERE, SINCE
from envls.known.twins import ON_CONDA
from envls.versions import numbers, possible_pythons


@dataclass(frozen=True, slots=True)
class Distributions:
    """The packages that have a module, the best first: by their normalised names on PyPI, and as conda-forge writes them."""

    pip: tuple[str, ...]
    conda: tuple[str, ...]

    @property
    def best(self) -> str:
        """The one to add: of PyPI, if it is there."""
        return (self.pip or self.conda)[0]


@lru_cache(maxsize=4096)
def distributions_of(module: str) -> Distributions | None:
    """The packages that have a module of a dotted name; None where that is not known."""
    parts = module.split(".")
    for length in range(len(parts), 0, -1):
        told = PROVIDERS.get(".".join(parts[:length]))
        if told is not None:
            pip, _, conda = told.partition("|")
            return Distributions(tuple(pip.split()), tuple(conda.split()))
    top = parts[0]
    name = top.replace("_", "-").lower()
    if top in SAME:
        return Distributions((name,), () if top in NOT_ON_CONDA_FORGE else (_on_conda(name),))
    if top in NAMESPACES or top != top.lower() or name not in well_known()[1]:
        return None
    return Distributions((name,), (_on_conda(name),) if is_on_conda(name) else ())


def is_on_conda(name: str) -> bool:
    """Whether conda-forge is known to have a package of PyPI."""
    return normalised(ON_CONDA.get(name, name)) in well_known()[0]


def _on_conda(name: str) -> str:
    """What conda-forge calls a package of PyPI."""
    other = ON_CONDA.get(name, name)
    return well_known()[0].get(normalised(other), other)


@lru_cache(maxsize=1)
def well_known() -> tuple[dict[str, str], frozenset[str]]:
    """The names on conda-forge that are shipped, by their normalised form, and those on PyPI."""
    return {normalised(name): name for name in packages.CONDA}, frozenset(map(normalised, packages.PIP))


@lru_cache(maxsize=1024)
def is_pythons_own(top: str, python: str) -> bool:
    """Whether a module comes with a Python that the version of a match spec lets in ("" for any)."""
    if top.startswith("_") or top in EVERYWHERE or top in ALWAYS:
        return True
    if top not in SINCE and top not in BEFORE:
        return False
    minors = {numbers(version)[1] for version in possible_pythons(python) if version.startswith("3.")} if python else ()
    return not minors or any(SINCE.get(top, 0) <= minor < BEFORE.get(top, 99) for minor in minors)

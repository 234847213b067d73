"""Where in a conda file a package for an imported module is added: to which list, by which name, in which version."""

from __future__ import annotations

from envls import target
from envls.facts import Absent, Facts, Known
from envls.formats.conda import matchspec, requirement
from envls.formats.conda.environment import Dependency, EnvironmentFile, Requirement
from envls.known.may_bring import MAY_BRING
from envls.known.modules import OF_SERIES, ON_DEFAULTS
from envls.known.required import Required
from envls.rules.project.additions import series_in, within_of
from envls.rules.project.distributions import Distributions, is_on_conda
from envls.syntax import Scalar, Text
from envls.versions import versions_of


def required_for(module: str, there: Distributions, file: EnvironmentFile, facts: Facts) -> Required:
    """The package to add for a module that certain packages have, in the list and the style of a file."""
    section, names = ("conda", there.conda) if _goes_to_conda(there, file, facts) else ("pip", there.pip)
    item = _item(names[0], section, file)
    return Required(names[0], section, f"`{module}` is imported", _in_style(names[0], item, file, facts))


def _goes_to_conda(there: Distributions, file: EnvironmentFile, facts: Facts) -> bool:
    """Whether a package belongs in the conda list: where a channel of the file has it, and pip has not what it needs."""
    if not there.pip or not there.conda:
        return not there.pip
    in_pip = set(file.pip_names) - set(file.conda_names)
    if not in_pip.isdisjoint(MAY_BRING.get(there.pip[0], "").split()):
        return False
    if all(name in _INSTALLERS for name in file.conda_names) and any(map(is_on_conda, file.pip_names)):
        return False  # whoever could have taken packages from conda took them from pip
    item = _item(there.conda[0], "conda", file)
    assert isinstance(item, Dependency)
    answers = [facts.ask(question) for question in target.conda_packages(item, facts)]
    if any(isinstance(answer, Absent) for answer in answers):
        return False
    if answers and all(isinstance(answer, Known) for answer in answers):
        return True
    return "conda-forge" in item.within.channels or there.conda[0] in ON_DEFAULTS


_INSTALLERS = frozenset(("python", "pip", "setuptools", "wheel"))


def _item(name: str, section: str, file: EnvironmentFile) -> Dependency | Requirement:
    """An item of a list as it would be without a version."""
    node, within = Scalar(0, Text(name, name)), within_of(file)
    if section == "conda":
        return Dependency(node, 0, matchspec.parse(name), within)
    return Requirement(node, 0, requirement.parse(name), within)


def _in_style(name: str, item: Dependency | Requirement, file: EnvironmentFile, facts: Facts) -> str:
    """With a version where most of the list have one, and the newest that fits is known; else the name alone. What is made for
    others of its own series is in theirs."""
    series = series_in(file) if name in OF_SERIES else None
    if series is not None:
        return f"{name}~={series[0]}.{series[1]}.0"
    if isinstance(item, Dependency):
        written = [other.spec.version for other in file.dependencies if other.spec.name not in _INSTALLERS]
    else:
        written = [other.line.version for other in file.requirements if other.line.kind == "requirement"]
    pins = [version.text.strip() for version in written if version]
    versions = versions_of(item, facts) if 2 * len(pins) > len(written) else None
    newest = versions.newest if versions else None
    if not newest:
        return name
    exactly = isinstance(item, Requirement) or 2 * sum(pin.startswith("==") for pin in pins) > len(pins)
    return f"{name}{'==' if exactly else '='}{newest}"

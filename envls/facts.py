"""What pure code may ask of the world, and what it may hear.

`facts` is the hinge of the house: those who ask (`rules`, `assist`) and the one who answers (`world`) never see
each other. A question is a frozen value; asking never waits. What was asked is remembered, so that whoever
asked can be run again when an answer changes. A fact that is not known is never treated as absent.

It is one long list on purpose: what may be asked at all can be read here from end to end.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, Generic, TypeAlias, TypeVar, cast

from envls.formats.conda.requirement import normalised

if TYPE_CHECKING:
    from envls.document import Document  # noqa: F401 (named in a quoted base)
    from envls.encoding import Encoding  # noqa: F401 (same)
    from envls.url import Url

A = TypeVar("A")
A_co = TypeVar("A_co", covariant=True)


@dataclass(frozen=True, slots=True)
class Known(Generic[A_co]):
    """The answer, who gave it, and when (None: just now, from this machine). `failing` says why it could not be asked for
    again, where it is old; a phrase for a person, without secrets."""

    value: A_co
    source: str = ""
    as_of: datetime | None = None
    failing: str = ""


@dataclass(frozen=True, slots=True)
class Absent:
    """Whoever must know was asked, and there is no such thing."""

    source: str = ""


@dataclass(frozen=True, slots=True)
class Unavailable:
    """It could not be found out; `reason` is a phrase for a person, without secrets.

    With `by_choice` the person has not asked for it, and need not be told so at every package.
    """

    reason: str
    by_choice: bool = False


@dataclass(frozen=True, slots=True)
class Pending:
    """Nobody has answered yet; `reason` is a phrase for a person that says why that takes long, if it does."""

    reason: str = ""


Answer: TypeAlias = "Known[A] | Absent | Unavailable | Pending"
PENDING = Pending()


class Question(Generic[A]):
    """Something to ask the world; what is known of it has type `A`."""

    __slots__ = ()


# -- packages -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Release:
    """One version of a package on an index. `date` is when it appeared there; `yanked` says why it was withdrawn.

    `builds` are conda's build strings (newest first), `pythons` what these ask of Python, each once, as the version part
    of a match spec ("" for a build that asks nothing); `requires_python` is a PEP 440 specifier set of a pip release.
    """

    version: str
    date: datetime | None = None
    builds: tuple[str, ...] = ()
    requires_python: str = ""
    yanked: str | None = None
    pythons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Package:
    """What an index says of a package. `releases` stand newest first, pre-releases in their order among them.

    `newest` is the newest version that is neither a pre-release nor yanked, or the newest at all. `where` names the
    channel or index. `links` are (label, address). `complete` says that every channel or index answered: only then is
    a version that is not here nowhere. `requires` (PEP 508) and `extras` are those of the newest release of a pip package
    whose metadata the index serves. `public` says that only hosts that serve everybody have it: others may be told of it.
    """

    name: str
    releases: tuple[Release, ...]
    newest: str = ""
    summary: str = ""
    licence: str = ""
    links: tuple[tuple[str, str], ...] = ()
    where: str = ""
    complete: bool = True
    requires: tuple[str, ...] = ()
    extras: tuple[str, ...] = ()
    public: bool = False

    @property
    def versions(self) -> tuple[str, ...]:
        return tuple(release.version for release in self.releases)


@dataclass(frozen=True, slots=True)
class Channels:
    """Where conda looks: the channels as the file writes them, in order, for one platform (a conda subdir).

    With `configured`, the channels of the user's own configuration follow.
    """

    listed: tuple[Url | str, ...]
    platform: str
    configured: bool = False


@dataclass(frozen=True, slots=True)
class Indexes:
    """Where pip looks: what the file itself names, beside or instead of pip's configuration (as pip has it).

    `links` are the addresses and paths of `--find-links`.
    """

    index: Url | None = None
    extra: tuple[Url, ...] = ()
    links: tuple[Url, ...] = ()
    no_index: bool = False


@dataclass(frozen=True, slots=True)
class CondaPackage(Question[Package]):
    """A package on conda channels; `name` is normalised (lower case). Absent only if every channel was asked."""

    name: str
    channels: Channels


@dataclass(frozen=True, slots=True)
class CondaNames(Question["tuple[str, ...]"]):
    """The names of all packages on the channels, sorted."""

    channels: Channels


@dataclass(frozen=True, slots=True)
class PipPackage(Question[Package]):
    """A package on pip's indexes; `name` is normalised as PEP 503 says."""

    name: str
    indexes: Indexes


@dataclass(frozen=True, slots=True)
class Satisfying(Question["tuple[str, ...]"]):
    """The versions of a conda package that satisfy the version and the build of a match spec, newest first.

    The parts are as conda reads them (`MatchSpec.wanted`); an empty one lets everything in. `python` is the version that
    the file wants of Python: with it only versions count that have a build for such a Python. Known(()) means that none
    does; Absent: no such package. It is worked out from what is known: whoever asks has asked for the package before.
    """

    package: CondaPackage
    version: str = ""
    build: str = ""
    python: str = ""


@dataclass(frozen=True, slots=True)
class Satisfies(Question[bool]):
    """Whether one version and build of a conda package satisfy the version and the build of a match spec.

    The spec's parts are as in `Satisfying`: an empty one lets everything in. Unavailable where the spec cannot be read.
    """

    version: str
    build: str
    found_version: str
    found_build: str = ""


@dataclass(frozen=True, slots=True)
class Vulnerability:
    """An advisory that concerns a version. `severity` is "critical", "high", "moderate", "low" or "". `fixed` are the
    versions it names as the first without it, any order."""

    id: str
    summary: str = ""
    severity: str = ""
    fixed: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Vulnerabilities(Question["tuple[Vulnerability, ...]"]):
    """The advisories for a version of a package, by the name that the public Python index has for it, the worst first;
    Known(()) means that none is known.

    Unavailable where nobody may be asked: the user has not opted in, what is known of the package does not show that it
    is public, or it is not certain which Python package it is. Whoever asks has asked for the package before.
    """

    package: PipPackage | CondaPackage
    version: str


@dataclass(frozen=True, slots=True)
class Twin(Question[str]):
    """The name under which conda channels have a package of the Python index (`of="pip"`), or the other way round
    (`of="conda"`, only where that is certain)."""

    name: str
    of: str


# -- this machine ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class InstalledPackage:
    """A package of an environment or a lock file; `name` is as its installer writes it, `build` is "" for one of pip's.

    `version` is "" where it is not known. `requested`: somebody is known to have asked for it by name, it did not only
    come along.
    """

    name: str
    version: str
    build: str = ""
    requested: bool = False


@dataclass(frozen=True, slots=True)
class Environment:
    """An environment on this machine: its folder, and what is in it, by normalised name (conda's in lower case).

    `brought` are the Python packages that came with conda's, by the names under which pip knows them. It is `sure` to be
    the one that was asked for unless others have as good a claim, as two of one name do. `folders` are those in which
    something changes when a package comes or goes.
    """

    prefix: PurePath
    conda: dict[str, InstalledPackage]
    pip: dict[str, InstalledPackage]
    brought: dict[str, InstalledPackage] = field(default_factory=dict)
    sure: bool = True
    folders: tuple[PurePath, ...] = ()

    def find(self, name: str, *, pip: bool = False) -> InstalledPackage | None:
        """The package that the conda list or (with `pip`) the pip section means by a name, whoever installed it.

        The two may mean different things by one name: conda's `graphviz` is the program, pip's its Python binding. But
        what pip put in the place of conda's Python package is what Python imports.
        """
        plain = normalised(name)
        of_conda = self.conda.get(name.lower()) or self.conda.get(plain)
        if pip or of_conda is None or "py" in of_conda.build:
            return self.pip.get(plain) or (self.brought.get(plain) if pip else None) or of_conda
        return of_conda

    def __hash__(self) -> int:
        return hash(self.prefix)


@dataclass(frozen=True, slots=True)
class Installed(Question[Environment]):
    """The environment that this interpreter belongs to, or at this prefix, or of this name: the first that is there."""

    name: str = ""
    prefix: PurePath | None = None
    interpreter: PurePath | None = None


@dataclass(frozen=True, slots=True)
class Unpacked(Question[Package]):
    """What of a conda package is unpacked on this machine, in the caches of conda, mamba and pixi: never all there is.

    Nobody need be asked for it, so it is what can be offered when no channel answers. Absent: nothing is.
    """

    name: str


@dataclass(frozen=True, slots=True)
class Locked:
    """What a lock file has for one platform, by normalised name (conda's in lower case)."""

    conda: dict[str, InstalledPackage]
    pip: dict[str, InstalledPackage]


@dataclass(frozen=True, slots=True)
class Lock:
    """A lock file of conda-lock: what it has for each platform (a conda subdir), and what it was made from.

    `channels` are as it writes them. Of `sources` the later ones win where two name the same package.
    """

    path: PurePath
    platforms: dict[str, Locked]
    channels: tuple[str, ...] = ()
    sources: tuple[PurePath, ...] = ()

    def __hash__(self) -> int:
        return hash(self.path)


@dataclass(frozen=True, slots=True)
class LockBeside(Question[Lock]):
    """The lock file that was made from the file at `path`, in its folder or one above; Absent: there is none."""

    path: PurePath


@dataclass(frozen=True, slots=True)
class FileAt(Question["Document"]):
    """A text file as the user has it now: the editor's buffer before the disk. Absent: no such file."""

    path: PurePath


@dataclass(frozen=True, slots=True)
class EncodingAt(Question["Encoding"]):
    """How the bytes of a file on disk are text, which the editor that shows it does not tell. Absent: no such file."""

    path: PurePath


@dataclass(frozen=True, slots=True)
class FolderAt(Question["tuple[str, ...]"]):
    """What stands in a folder, sorted; the name of a folder ends with a slash."""

    path: PurePath


@dataclass(frozen=True, slots=True)
class ProjectFiles(Question["tuple[PurePath, ...]"]):
    """The files envls knows by their name in the project that `near` belongs to, sorted; a bounded number."""

    near: PurePath


@dataclass(frozen=True, slots=True)
class ModuleNames(Question["frozenset[str]"]):
    """What may be imported in the project that `near` belongs to, from any folder: the names of its Python modules, and of
    the folders that one may stand in. Of a very large project, those near its root."""

    near: PurePath


# -- asking ---------------------------------------------------------------------------------------------------

Look: TypeAlias = Callable[[Question[Any]], "Answer[Any]"]


def nothing_known(question: Question[Any]) -> Answer[Any]:
    del question
    return PENDING


class Facts:
    """What is known at one moment. `asked` remembers every question and the answer it got.

    `moment` is a number that grows whenever any answer changes: equal moments, equal answers. `managed` says whether
    the document is judged for a managed run (linux-64, its own channels); None while that is not known. `platform` is
    the conda subdir that the user has set for it, "" for none.
    """

    def __init__(
        self, look: Look = nothing_known, moment: int = 0, *, managed: bool | None = False, platform: str = ""
    ) -> None:
        self.look = look
        self.moment = moment
        self.managed = managed
        self.platform = platform
        self.asked: dict[Question[Any], Answer[Any]] = {}

    def ask(self, question: Question[A]) -> Answer[A]:
        answer = self.asked.get(question)
        if answer is None:
            answer = self.asked[question] = self.look(question)
        return cast("Answer[A]", answer)

    def value(self, question: Question[A]) -> A | None:
        """The answer where it is known, else None: for those who treat every kind of not knowing alike."""
        answer = self.ask(question)
        return answer.value if isinstance(answer, Known) else None

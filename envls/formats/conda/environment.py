"""What a conda environment file says (CEP 24, and what conda, mamba and conda-lock make of it)."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from difflib import get_close_matches
from functools import cached_property, lru_cache

from envls.formats import Mention, keys
from envls.formats.conda import matchspec, requirement
from envls.formats.conda.environment_keys import KEYS, KNOWN_TO_OTHERS
from envls.formats.conda.matchspec import MatchSpec
from envls.formats.conda.requirement import PipLine
from envls.formats.keys import Key, Value
from envls.syntax import EMPTY, Entry, Kind, Mapping, Node, Scalar, Sequence, Style, Text, Tree, resolve_alias, resolved
from envls.text import Span
from envls.url import Url


@dataclass(frozen=True, eq=False, slots=True)
class Within:
    """What the file says that an item depends on, without any place: equal contents are the same object.

    `channels` are as the file writes them; `index`, `extra_indexes`, `find_links` (addresses, or paths as they are
    written) and `no_index` are the options of the `pip` section, and with `more_sources` another file may name further
    places where pip looks. `python` is the version that the file wants of Python, as conda reads it ("" for any). `name`
    and `prefix` say which environment it describes.
    """

    name: str
    prefix: str
    channels: tuple[str, ...]
    platforms: tuple[str, ...]
    index: Url | None
    extra_indexes: tuple[Url, ...]
    find_links: tuple[Url, ...]
    no_index: bool
    more_sources: bool
    python: str


_MORE_SOURCES = frozenset(("--requirement", "--constraint"))


@lru_cache(maxsize=256)
def _within(
    name: str,
    prefix: str,
    channels: tuple[str, ...],
    platforms: tuple[str, ...],
    index: Url | None,
    extra: tuple[Url, ...],
    find_links: tuple[Url, ...],
    no_index: bool,
    more_sources: bool,
    python: str,
) -> Within:
    return Within(name, prefix, channels, platforms, index, extra, find_links, no_index, more_sources, python)


@dataclass(frozen=True, slots=True)
class ChannelRef:
    """A channel of the file. `dash` is where the item begins."""

    node: Scalar
    dash: int

    @property
    def span(self) -> Span:
        return self.node.span


@dataclass(slots=True)
class Dependency:
    """An item of the conda list. `dash` is where the item begins."""

    node: Scalar
    dash: int
    spec: MatchSpec
    within: Within

    @property
    def span(self) -> Span:
        return self.node.span

    @property
    def name_span(self) -> Span:
        return self.node.within(self.spec.name_part.start, self.spec.name_part.end)

    def moved(self, by: int) -> Dependency:
        return Dependency(self.node._replace(start=self.node.start + by), self.dash + by, self.spec, self.within)


@dataclass(slots=True)
class Requirement:
    """A line of a `pip` section. `dash` is where the item begins."""

    node: Scalar
    dash: int
    line: PipLine
    within: Within

    @property
    def span(self) -> Span:
        return self.node.span

    @property
    def name_span(self) -> Span:
        return self.node.within(self.line.name_part.start, self.line.name_part.end)

    def moved(self, by: int) -> Requirement:
        return Requirement(self.node._replace(start=self.node.start + by), self.dash + by, self.line, self.within)


@dataclass(frozen=True, slots=True)
class PipSection:
    """An item `pip:` of the dependencies."""

    entry: Entry
    dash: int
    requirements: tuple[Requirement, ...] = ()

    @property
    def span(self) -> Span:
        return self.entry.key.span

    @property
    def node(self) -> Node:
        return resolve_alias(self.entry.value)


@dataclass(frozen=True, slots=True)
class OddItem:
    """An item of the dependencies or the pip section that is no text: a mapping, a number, a list, nothing."""

    node: Node
    dash: int
    section: str

    @property
    def span(self) -> Span:
        return self.node.span


def _begin(item: Dependency | Requirement) -> int:
    return item.dash


@dataclass(frozen=True)
class EnvironmentFile:
    """The whole file; what it lacks is None or empty. `keys` are those at the top."""

    root: Node | None
    keys: tuple[Key, ...] = ()
    values: tuple[Value, ...] = ()
    name: Scalar | None = None
    channels: tuple[ChannelRef, ...] = ()
    dependencies: tuple[Dependency, ...] = ()
    pip_sections: tuple[PipSection, ...] = ()
    odd: tuple[OddItem, ...] = ()

    @cached_property
    def requirements(self) -> tuple[Requirement, ...]:
        return tuple([line for section in self.pip_sections for line in section.requirements])

    @cached_property
    def conda_names(self) -> list[str]:
        """The names in the conda list, in lower case; "" for what has none, or cannot be read."""
        return [item.spec.name for item in self.dependencies]

    @cached_property
    def pip_names(self) -> list[str]:
        """The names in the `pip` sections, as PEP 503 compares them."""
        return [line.line.name for line in self.requirements if line.line.name]

    @property
    def packages(self) -> tuple[Dependency | Requirement, ...]:
        """What the conda list and the `pip` sections ask for."""
        return (*self.dependencies, *self.requirements)

    def packages_at(self, span: Span) -> list[Dependency | Requirement]:
        """Those of them that a place touches; costs what is there, however long the lists are."""
        lists: list[tuple[Dependency | Requirement, ...]] = [self.dependencies]
        lists += [section.requirements for section in self.pip_sections]
        found: list[Dependency | Requirement] = []
        for items in lists:
            first = max(bisect_left(items, span.start, key=_begin) - 1, 0)
            near = items[first : bisect_right(items, span.end, key=_begin)]
            found += [item for item in near if item.span.meets(span)]
        return found

    def key(self, name: str) -> Key | None:
        return next((key for key in self.keys if key.node.value == name), None)

    def mentions(self) -> Iterator[Mention]:
        yield from self.keys
        yield from self.values
        yield from self.channels
        yield from self.items()

    def items(self) -> Iterator[Mention]:
        """What stands in the list of packages."""
        yield from self.dependencies
        for section in self.pip_sections:
            yield section
            yield from section.requirements
        yield from self.odd


def read(tree: Tree) -> EnvironmentFile:
    root = tree.root
    if not isinstance(root, Mapping):
        return EnvironmentFile(root)
    top = tuple(keys.read(root, KEYS))
    channels = _channels(root.get("channels"))
    name = root.get("name")
    file = EnvironmentFile(
        root,
        keys=tuple(key for key in top if isinstance(key, Key)),
        values=tuple(value for value in top if isinstance(value, Value)),
        name=name if isinstance(name, Scalar) and not name.is_null else None,
        channels=channels,
    )
    listed = _listed(root)
    return _with_dependencies(file, listed) if isinstance(listed, Sequence) else file


def _listed(root: Mapping) -> Node | None:
    """The list of packages. Where its key is misspelt or half typed, what stands below is read all the same."""
    if root.entry("dependencies"):
        return root.get("dependencies")
    known = {info.name for info in KEYS} | KNOWN_TO_OTHERS | {"pip"}
    lists = {
        entry.key.value: resolve_alias(entry.value)
        for entry in root.entries
        if entry.key.value not in known and isinstance(resolve_alias(entry.value), Sequence)
    }
    near = get_close_matches("dependencies", lists, 1, 0.5)
    if near:
        return lists[near[0]]
    return next(iter(lists.values())) if len(lists) == 1 else None


def _channels(node: Node | None) -> tuple[ChannelRef, ...]:
    if not isinstance(node, Sequence):
        return ()
    pairs = zip(node.items, node.dashes, strict=True)
    return tuple(ChannelRef(item, dash) for item, dash in pairs if isinstance(item, Scalar) and item.value)


def _with_dependencies(file: EnvironmentFile, listed: Sequence) -> EnvironmentFile:
    sections: list[tuple[Entry, int]] = []
    odd: list[OddItem] = []
    plain: list[tuple[Scalar, int, MatchSpec]] = []
    for item, dash in zip(listed.items, listed.dashes, strict=True):
        node = item if type(item) is Scalar else resolve_alias(item)
        if type(node) is Scalar and _is_text(node):
            plain.append((node, dash, matchspec.parse(node.text.value)))
        elif isinstance(node, Sequence):
            odd.append(OddItem(node, dash, "dependencies"))
            sections.append((_section_in(node, dash), dash))
        elif isinstance(node, Mapping) and len(node.entries) == 1 and node.entries[0].key.value in ("pip:", "pi", "p"):
            sections.append((node.entries[0], dash))
        elif isinstance(node, Mapping) and node.entry("pip"):
            sections += [(entry, dash) for entry in node.entries if entry.key.value == "pip"]
            if len(sections) == 0 or len(node.entries) > 1:
                odd += [
                    OddItem(Mapping(entry.span, (entry,)), entry.key.start, "dependencies")
                    for entry in node.entries
                    if entry.key.value != "pip"
                ]
        else:
            odd.append(OddItem(node, dash, "dependencies"))
    lines = [_lines(entry, odd) for entry, _ in sections]
    python = next((spec for _, _, spec in plain if spec.name == "python" and not spec.problem), None)
    within = surroundings(file, python, [line for read in lines for _, _, line in read if line.option])
    return replace(
        file,
        dependencies=tuple([Dependency(node, dash, spec, within) for node, dash, spec in plain]),
        pip_sections=tuple(
            PipSection(entry, dash, tuple(Requirement(node, at, line, within) for node, at, line in read))
            for (entry, dash), read in zip(sections, lines, strict=True)
        ),
        odd=tuple(odd),
    )


def _section_in(node: Sequence, dash: int) -> Entry:
    """What a list in the list is: a `pip:` with a dash too many, or most often one that is being typed."""
    first = node.items[0] if node.items else None
    entry = first.entry("pip") if isinstance(first, Mapping) else None
    if entry is None:
        return Entry(Scalar(dash, EMPTY), node)
    if isinstance(entry.value, Sequence):
        return entry
    return Entry(entry.key, Sequence(node.span, node.items[1:], node.dashes[1:]))


def _is_text(node: Scalar) -> bool:
    """Whether conda, which reads YAML 1.2, takes a scalar for text. It refuses one with a tag, even with `!!str`."""
    if node.tag:
        return False
    text = node.text
    return text.style is not Style.PLAIN or _is_plain_text(text.value)


@lru_cache(maxsize=1 << 16)
def _is_plain_text(value: str) -> bool:
    return resolved(Scalar(0, Text(value, value))) is Kind.TEXT


def _lines(entry: Entry, odd: list[OddItem]) -> list[tuple[Scalar, int, PipLine]]:
    listed = resolve_alias(entry.value)
    if not isinstance(listed, Sequence):
        return []
    lines = []
    for item, dash in zip(listed.items, listed.dashes, strict=True):
        node = item if isinstance(item, Scalar) else resolve_alias(item)
        if isinstance(node, Scalar) and _is_text(node):
            lines.append((node, dash, requirement.parse(node.text.value)))
        else:
            odd.append(OddItem(node, dash, "pip"))
    return lines


def surroundings(file: EnvironmentFile, python: MatchSpec | None = None, options: Collection[PipLine] = ()) -> Within:
    """What the items of a file are within, given its Python and the options of its `pip` section; also before it has any."""
    root = file.root if isinstance(file.root, Mapping) else Mapping(Span(0, 0), ())
    platforms, prefix = root.get("platforms"), root.get("prefix")
    index, extra = requirement.indexes(options)
    return _within(
        file.name.value if file.name else "",
        prefix.value if isinstance(prefix, Scalar) else "",
        tuple(channel.node.value for channel in file.channels),
        tuple(item.value for item in platforms.items if isinstance(item, Scalar))
        if isinstance(platforms, Sequence)
        else (),
        index,
        extra,
        tuple(line.url or Url(line.value.text) for line in options if line.option == "--find-links" and line.value),
        any(line.option == "--no-index" for line in options),
        any(line.option in _MORE_SOURCES for line in options),
        python.wanted[0] if python else "",
    )

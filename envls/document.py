"""One file as the user has it now: its text, its tree, and what it says.

What a file is, its name and its content say; and the files that point to it. The last is for whoever knows the other
files to say (`told`): nobody here looks around.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from difflib import get_close_matches
from enum import Enum
from functools import cached_property
from pathlib import PurePath
from typing import TypeAlias

from envls import syntax
from envls.encoding import Encoding
from envls.formats import Mention
from envls.formats.azureml import inference, v1, v2, workbench
from envls.formats.conda import environment, environment_keys, evidence
from envls.formats.conda.environment import EnvironmentFile
from envls.formats.python import is_program
from envls.syntax import Entry, Mapping, Scalar, Sequence, Tree, outer_keys
from envls.text import Lines, Span

Content: TypeAlias = (
    "EnvironmentFile | workbench.RunConfiguration | workbench.Compute | workbench.SparkDependencies"
    " | v1.RunConfiguration | v1.EnvironmentSection | inference.InferenceConfiguration | v2.Definition"
)


class Format(Enum):
    """What kind of file it is, as a phrase for a person."""

    ENVIRONMENT = "conda environment"
    RUN_CONFIGURATION = "Azure ML Workbench run configuration"
    COMPUTE = "Azure ML Workbench compute target"
    SPARK = "Spark dependencies"
    V1 = "Azure ML SDK v1 run configuration"
    V1_ENVIRONMENT = "Azure ML SDK v1 environment section"
    V1_INFERENCE = "Azure ML SDK v1 inference configuration"
    V2 = "Azure ML definition"
    FOREIGN = "another file"


@dataclass(frozen=True)
class Document:
    """A file that was read. `content` is None for a file that is not ours.

    `template` is the first place that Jinja fills in later, None in a file that is no template. `told` is what another
    file says that this one is. `encoding` is None where the text comes from an editor, which shows no bytes.
    """

    path: PurePath
    text: str
    tree: Tree
    format: Format
    content: Content | None
    template: Span | None = None
    mentions: tuple[Mention, ...] = field(default=(), repr=False)
    told: Format | None = None
    encoding: Encoding | None = None
    _otherwise: dict[Format | None, Document] = field(default_factory=dict, init=False, repr=False, compare=False)

    @cached_property
    def lines(self) -> Lines:
        return Lines(self.text)

    def mentions_at(self, offset: int) -> list[Mention]:
        """What is said where the cursor stands, the narrowest first."""
        here = [mention for mention in self.mentions if mention.span.start <= offset <= mention.span.end]
        return sorted(here, key=lambda mention: mention.span.end - mention.span.start)

    def as_told(self, told: Format | None) -> Document:
        """The same file, read as what another one says that it is; the same object whenever it is asked for."""
        if told in (self.told, self.format):
            return self
        if told not in self._otherwise:
            self._otherwise[told] = read(self.path, self.text, told, self.encoding)
        return self._otherwise[told]

    def with_text(self, text: str, encoding: Encoding | None = None) -> Document:
        """The same file with another text, and in another encoding if one is given."""
        encoding = encoding or self.encoding
        return read(self.path, text, self.told, encoding and encoding.of(text))


_EXACT = re.compile(
    r"(?:conda[-_]?)?environment\.ya?ml|conda_dependencies\.yml|.*conda_dependencies.*\.ya?ml", re.IGNORECASE
)
_LIKELY = re.compile(
    r".*conda.*\.ya?ml|environment[-_.].*\.ya?ml|.*[-_.]environment\.ya?ml|(?:.*[-_])?env\.ya?ml|env[-_].*\.ya?ml",
    re.IGNORECASE,
)
_FOLDERS = frozenset(("conda-envs", "binder", ".binder", "envs"))
_NEVER = re.compile(
    r"(?:.*[-_.])?conda-lock\.ya?ml|(?:pixi|anaconda-project|meta|recipe|python_env|conda_build_config|chart|galaxy|mkdocs|_config)\.(?:ya?ml|lock)"
    r"|(?:docker-)?compose.*\.ya?ml|\.pre-commit-config\.yaml",
    re.IGNORECASE,
)
_AZUREML = re.compile(
    r".*\.(?:runconfig|compute)|spark_dependencies\.ya?ml|.*runconfig.*\.ya?ml|azureml_environment\.json|inference[-_]?config.*\.(?:json|ya?ml)",
    re.IGNORECASE,
)
_MAYBE = re.compile(r".*env.*\.ya?ml", re.IGNORECASE)
_KEYS = tuple(info.name for info in environment_keys.KEYS)
_EVIDENCE = re.compile(
    rf"\b(?:{'|'.join(('dependencies', *v2.TELLING, *v1.TELLING, *workbench.TELLING))})[\"']?\s*:|{re.escape(v2.SCHEMA_HOST)}"
)
"""Without any of these keys a content in brackets is no evidence of anything."""
_UNREAD = Tree(None)
_PLACEHOLDER = re.compile(r"\{%|(?<!\$)\{\{")
_STATEMENT = re.compile(r"^[ \t]*(\{[%#])(?:(?!\{[%#]).){0,2000}?[%#]\}[ \t]*(?=[\r\n]|\Z)", re.MULTILINE | re.DOTALL)
"""A statement or comment of Jinja that has its lines for itself."""


def known_name(path: PurePath) -> bool:
    """Whether a file of this name may be one of ours: cheap, and true for some that are not."""
    return not _NEVER.fullmatch(path.name) and (_is_suggestive(path) or v2.may_be_called(path))


def telling_beginning(path: PurePath, head: str) -> bool:
    """Whether a file whose name says nothing begins as one of ours does: a job is called what its author likes."""
    return may_be_listed(path) and v2.BEGINNING.search(head) is not None


def may_be_listed(path: PurePath) -> bool:
    """Whether the beginning of a file is worth a look, whatever its name."""
    return path.suffix.lower() in (".yml", ".yaml") and not _NEVER.fullmatch(path.name)


def _is_suggestive(path: PurePath) -> bool:
    """Whether the name alone is reason enough to read the content."""
    by_name = any(pattern.fullmatch(path.name) for pattern in (_EXACT, _AZUREML, _MAYBE))
    return by_name or v1.may_have_no_suffix(path) or _is_likely(path)


def _is_likely(path: PurePath) -> bool:
    """Whether the name makes an environment file likely, and content that suggests one enough."""
    in_folder = path.suffix.lower() in (".yml", ".yaml") and path.parent.name.lower() in _FOLDERS
    return in_folder or _LIKELY.fullmatch(path.name) is not None


def read(path: PurePath, text: str, told: Format | None = None, encoding: Encoding | None = None) -> Document:
    """The document of a text. Never fails: a file that is not ours has no content.

    Most files that are not ours cost a glance: an editor may show the server every YAML file there is. A program is
    never one of ours, whatever a file says that points to it.
    """
    if is_program(path):
        return Document(path, text, _UNREAD, Format.FOREIGN, None, told=told, encoding=encoding)
    if told is None and not _is_suggestive(path) and not _may_be_ours(text):
        return Document(path, text, _UNREAD, Format.FOREIGN, None, encoding=encoding)
    statements = list(_STATEMENT.finditer(text)) if "{%" in text or "{#" in text else []
    tree = syntax.parse(_blanked(text, statements), _KEYS, ("pip",))
    format_ = recognise(path, tree, told)
    content = _content(format_, path, tree)
    template = None if format_ is Format.FOREIGN else _first_of_jinja(text, tree, statements)
    mentions = tuple(content.mentions()) if content is not None else ()
    return Document(path, text, tree, format_, content, template, mentions, told, encoding)


def _may_be_ours(text: str) -> bool:
    """Whether the outermost keys are evidence enough to read the rest; of a file that is ours they always are."""
    names = outer_keys(text)
    if names is None:
        return _EVIDENCE.search(text) is not None
    return (
        evidence.may_be_one(names, text)
        or v2.may_be_definition(names, text)
        or v1.may_be_one(names, text)
        or inference.may_be_one(names)
        or workbench.may_be_run_configuration(names)
    )


def _blanked(text: str, statements: list[re.Match[str]]) -> str:
    """The text without the statements of Jinja: nothing is left of them when it is filled in. Offsets stay."""
    parts: list[str] = []
    end = 0
    for found in statements:
        parts += (text[end : found.start()], re.sub(r"[^\r\n]", " ", found.group()))
        end = found.end()
    return "".join((*parts, text[end:])) if parts else text


def _first_of_jinja(text: str, tree: Tree, statements: list[re.Match[str]]) -> Span | None:
    """The first place that is Jinja's; what a comment says in double braces is most often talk about one."""
    if "{" not in text:
        return None
    first = [Span(*found.span(1)) for found in statements[:1]]
    for found in _PLACEHOLDER.finditer(text):
        if found.group() == "{%" or not any(one.start < found.start() < one.end for one in tree.comments):
            first.append(Span(*found.span()))
            break
    return min(first, default=None)


def recognise(path: PurePath, tree: Tree, told: Format | None = None) -> Format:
    """What a file is, by its name and what it says; where these say nothing, by what another file says (`told`).

    To be pointed to is as good as an exact name: enough for a file that says nothing yet, and whatever else a name
    suggests. Content that plainly is something else still wins. The mistake is then the pointer's, and what a look-alike
    lacks of an environment file is none of its own.
    """
    format_ = _by_itself(path, tree)
    if format_ is Format.FOREIGN and told is not None and _may_become_one(tree):
        return told
    return format_


def _by_itself(path: PurePath, tree: Tree) -> Format:
    name = path.name.lower()
    if name.endswith(".compute"):
        return Format.COMPUTE
    if name.startswith("spark_dependencies."):
        return Format.SPARK
    if (run_configuration := _run_configuration(path, tree)) is not None:
        return run_configuration
    root = tree.root
    if _NEVER.fullmatch(path.name):
        return Format.FOREIGN
    if isinstance(root, Mapping) and inference.is_one(root):
        return Format.V1_INFERENCE
    if isinstance(root, Mapping) and v1.is_section(root):
        return Format.V1_ENVIRONMENT
    if isinstance(root, Mapping) and v2.is_definition(root):
        return Format.V2
    if evidence.is_surely_one(tree):
        return Format.ENVIRONMENT
    if _EXACT.fullmatch(path.name) and (evidence.looks_like_one(tree) or _may_become_one(tree)):
        return Format.ENVIRONMENT
    if _is_likely(path) and isinstance(root, Mapping):
        suggested = evidence.looks_like_one(tree) or (_may_become_one(tree) and _names_packages(root))
        return Format.ENVIRONMENT if suggested else Format.FOREIGN
    return Format.FOREIGN


def _run_configuration(path: PurePath, tree: Tree) -> Format | None:
    """Which of the dialects of run configurations a file is in: by the case of its keys, not by its folder."""
    root, by_name = tree.root, path.name.lower().endswith(".runconfig")
    if not isinstance(root, Mapping):
        if by_name:
            # nothing is said yet, or not as YAML; Workbench wrote nowhere else
            return Format.RUN_CONFIGURATION if path.parent.name == workbench.FOLDER else Format.V1
        return Format.V1 if root is None and v1.may_have_no_suffix(path) else None
    if not by_name and v2.has_schema(root):
        return None
    if workbench.is_run_configuration(root, by_name):
        return Format.RUN_CONFIGURATION
    in_folder = path.parent.name in v1.FOLDERS
    if v1.is_run_configuration(root, by_name or v1.may_have_no_suffix(path), in_folder=in_folder):
        return Format.V1
    return Format.FOREIGN if by_name else None


def _names_packages(root: Mapping) -> bool:
    """Whether a mapping has a list under `dependencies`, however that is misspelt."""
    lists = [entry.key.value.lower() for entry in root.entries if isinstance(entry.value, Sequence)]
    return bool(get_close_matches("dependencies", lists, 1, 0.7))


def _may_become_one(tree: Tree) -> bool:
    """Whether a file whose name is reason enough says nothing that is plainly something else."""
    root = tree.root
    if isinstance(root, Sequence):
        return not root.items or any(not isinstance(item, Mapping) or item.entry("pip") for item in root.items)
    if not isinstance(root, Mapping):
        return root is None or isinstance(root, Scalar)
    names = [entry.key.value for entry in root.entries[:50]]
    if any(name in evidence.NOT_OURS for name in names):
        return False
    # an application's settings or translations may have the same name: most of it is written out, and none of ours
    near = [bool(get_close_matches(name, _KEYS, 1)) for name in names]
    pairs = list(zip(root.entries, near, strict=False))
    if any(isinstance(entry.value, Sequence) and (ours or len(names) == 1) for entry, ours in pairs):
        return True
    return sum(not ours and not _is_begun(entry) for entry, ours in pairs) <= sum(near)


def _is_begun(entry: Entry) -> bool:
    """Whether a key has no value yet."""
    return entry.value.span.end <= entry.key.span.end + 1


def _content(format_: Format, path: PurePath, tree: Tree) -> Content | None:
    if format_ is Format.ENVIRONMENT:
        return environment.read(tree)
    if format_ is Format.RUN_CONFIGURATION:
        return workbench.read_run_configuration(path, tree)
    if format_ is Format.COMPUTE:
        return workbench.read_compute(path, tree)
    if format_ is Format.SPARK:
        return workbench.read_spark_dependencies(tree)
    if format_ is Format.V1:
        return v1.read_run_configuration(path, tree)
    if format_ is Format.V1_ENVIRONMENT:
        return v1.read_section(path, tree)
    if format_ is Format.V1_INFERENCE:
        return inference.read(path, tree)
    if format_ is Format.V2:
        return v2.read(path, tree)
    return None

"""Names that a value may have since the project has them elsewhere, or Azure ML has them for everybody.

Compute targets, images, environments and whatever else is registered: nobody asks the workspace, so what a project says
in its other files is the best that can be known of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from envls.assist.items import Here
from envls.document import Document, Format
from envls.facts import Pending, ProjectFiles
from envls.formats.azureml import v2
from envls.formats.keys import KeyInfo, Value
from envls.known.base_images import CURRENT, CURRENT_GPU, CURRENT_WORKBENCH, successor
from envls.known.curated import CURATED, REGISTRY, in_registry
from envls.runs import project_documents
from envls.syntax import Scalar
from envls.url import redact

_COMPUTES = ("compute", "default_compute", "target")
_IMAGES = ("image", "baseImage", "baseDockerImage")
_FAMILIES = (_COMPUTES, _IMAGES, ("component", "trial"), ("datastore", "default_datastore", "dataStoreName"))
"""Keys of all dialects that hold names of the same things."""
_FILES = (".runconfig", ".compute", ".yml", ".yaml", "")
_PREFIX = "azureml:"


def used_names(here: Here, info: KeyInfo) -> tuple[str, ...]:
    """The names that may stand at a key, as its dialect writes them, the project's own first."""
    if info.name in _COMPUTES:
        return _computes(here, info)
    if info.name in _IMAGES:
        today = CURRENT_WORKBENCH if here.document.format is Format.COMPUTE else (CURRENT, CURRENT_GPU)
        used = (image for image in _written(here, _IMAGES) if not successor(image) and _is_of(image, info))
        return _once(used, today)
    if info.path == "environment":
        curated = (in_registry(name) for name in CURATED)
        return _once(_defined(here), _registered(here, ("environment",)), (_PREFIX, REGISTRY, "file:"), curated)
    if info.path in ("registered", "component"):
        return _once(_registered(here, _family(info)), (_PREFIX,))
    return ()


def are_awaited(here: Here) -> bool:
    """Whether the files of the project are not known yet."""
    return isinstance(here.facts.ask(ProjectFiles(here.document.path)), Pending)


def _once(*names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for some in names for name in some))


def _computes(here: Here, info: KeyInfo) -> tuple[str, ...]:
    """Compute targets; CLI v2 writes `azureml:` before them."""
    names = _once(name.removeprefix(_PREFIX) for name in _written(here, _COMPUTES))
    everywhere = "serverless" if info.name == "default_compute" else "local"
    own = [name for name in names if name and ":" not in name and name not in ("local", "serverless")]
    if here.document.format is Format.V2:
        return _once((_PREFIX + name for name in own), (everywhere, _PREFIX))
    return _once(own, (everywhere,))


def _is_of(image: str, info: KeyInfo) -> bool:
    """Whether an image is one for the dialect of a key: those of Workbench have Spark in them."""
    return ("mmlspark" in image.lower()) == (info.name == "baseDockerImage")


def _family(info: KeyInfo) -> tuple[str, ...]:
    return next((family for family in _FAMILIES if info.name in family), (info.name,))


def _registered(here: Here, names: tuple[str, ...]) -> Iterator[str]:
    return (one for one in _written(here, names) if one.startswith(_PREFIX) and one != _PREFIX)


def _written(here: Here, names: tuple[str, ...]) -> Iterator[str]:
    """What stands at keys of some names in this file and in the others of the project."""
    for document in (here.document, *_others(here)):
        values: tuple[Value, ...] = getattr(document.content, "values", ())
        nodes = (value.node for value in values if value.info.name in names)
        for node in nodes:
            if isinstance(node, Scalar) and _can_be_copied(node) and not node.span.touches(_cursor(here, document)):
                yield node.value


def _can_be_copied(node: Scalar) -> bool:
    """Whether a value means the same elsewhere, and gives no secret away there."""
    value = node.value
    return bool(value) and not node.is_null and "{{" not in value and redact(value) == value


def _cursor(here: Here, document: Document) -> int:
    return here.cursor.offset if document is here.document else -1


def _defined(here: Here) -> Iterator[str]:
    """References to the environments that files of the project define."""
    for document in _others(here):
        content = document.content
        name = (
            content.root.get("name") if isinstance(content, v2.Definition) and content.kind == "environment" else None
        )
        if isinstance(content, v2.Definition) and isinstance(name, Scalar) and name.value:
            version = content.root.get("version")
            if isinstance(version, Scalar) and version.value:
                yield f"{_PREFIX}{name.value}:{version.value}"
            yield f"{_PREFIX}{name.value}@latest"


def _others(here: Here) -> list[Document]:
    found = project_documents(here.document.path, here.facts, *_FILES)
    return [document for document in found if document.path != here.document.path]

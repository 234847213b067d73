"""The requests that lead from one file to another, or change several: definitions, references, links, lenses, names."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from lsprotocol import types as lsp
from pygls.exceptions import JsonRpcException

from envls.server.uris import path_of

if TYPE_CHECKING:
    from envls.assist.project_symbols import PackageAt
    from envls.server.state import Server

FILES_WAIT = 0.5
"""Seconds for the other files of a project, which are read once."""
PAGE_WAITS = 3.0
"""Seconds for the index of a package that somebody wants to read about."""
RENAMING_WAITS = 3.0
"""Seconds for the other files where an answer that is not whole would lose something."""


async def definition(ls: Server, params: lsp.DefinitionParams) -> lsp.Location | list[lsp.LocationLink] | None:
    from envls.assist.references import definition as definition_at  # noqa: PLC0415

    document = await ls.session.current(params.text_document.uri)
    if document is None or document.content is None:
        return None
    offset = ls.border.places(document).offset(params.position)
    found = await ls.ask_now(document, lambda document, facts: definition_at(document, offset, facts), FILES_WAIT)
    return ls.border.definition(found, document) if found else None


async def references(ls: Server, params: lsp.ReferenceParams) -> list[lsp.Location] | None:
    from envls.assist.references import references as references_at  # noqa: PLC0415

    document = await ls.session.current(params.text_document.uri)
    if document is None or document.content is None:
        return None
    offset = ls.border.places(document).offset(params.position)
    found = await ls.ask_now(document, lambda document, facts: references_at(document, offset, facts), FILES_WAIT)
    return [ls.border.location(one) for one in found or ()] or None


async def document_link(ls: Server, params: lsp.DocumentLinkParams) -> list[lsp.DocumentLink] | None:
    from envls.assist.links import links  # noqa: PLC0415

    document = await ls.session.current(params.text_document.uri)
    if document is None or document.content is None:
        return None
    packages = ls.display.package_links
    found = await ls.ask_now(document, lambda document, facts: links(document, facts, packages=packages), FILES_WAIT)
    return ls.border.links(found, document) if found and not ls.session.is_stale(document) else None


async def document_link_resolve(ls: Server, params: lsp.DocumentLink) -> lsp.DocumentLink:
    """The page of a package, which its channel or index may have to be asked for; none where that is not known."""
    from envls.assist.links import page_of  # noqa: PLC0415

    data: Any = params.data
    document = await ls.session.current(data["uri"]) if isinstance(data, dict) else None
    if document is not None:
        offset = ls.border.places(document).offset(params.range.start)
        answer = await ls.ask(document, lambda document, facts: page_of(document, offset, facts), PAGE_WAITS)
        params.target = answer[0] if answer else None
    return params


async def code_lens(ls: Server, params: lsp.CodeLensParams) -> list[lsp.CodeLens] | None:
    from envls.assist.lenses import lenses  # noqa: PLC0415

    document = await ls.session.current(params.text_document.uri)
    if document is None or document.content is None:
        return None
    wanted = ls.display
    found = ls.at_once(
        params.text_document.uri,
        document,
        lambda document, facts: lenses(document, facts, used_by=wanted.used_by_lens, runs=wanted.run_lens),
        "lenses",
    )
    return ls.border.lenses(found, document) if found else None


async def prepare_rename(ls: Server, params: lsp.PrepareRenameParams) -> lsp.Range | None:
    from envls.assist.renaming import name_at  # noqa: PLC0415

    document = await ls.session.current(params.text_document.uri)
    if document is None or document.content is None:
        return None
    places = ls.border.places(document)
    span = name_at(document, places.offset(params.position))
    return places.range(span) if span else None


async def rename(ls: Server, params: lsp.RenameParams) -> lsp.WorkspaceEdit | None:
    from envls.assist import renaming  # noqa: PLC0415

    document = await ls.session.current(params.text_document.uri)
    if document is None or document.content is None:
        return None
    offset, new = ls.border.places(document).offset(params.position), params.new_name
    if reason := renaming.why_not(document, offset, new):
        raise JsonRpcException(reason, lsp.LSPErrorCodes.RequestFailed)
    changes = await ls.ask_now(
        document, lambda document, facts: renaming.rename(document, offset, new, facts), RENAMING_WAITS
    )
    return ls.border.workspace_edit(changes) if changes and not ls.session.is_stale(document) else None


async def workspace_symbol(ls: Server, params: lsp.WorkspaceSymbolParams) -> list[lsp.SymbolInformation] | None:
    """The packages of the files in each folder of the workspace."""
    from envls.assist.project_symbols import packages  # noqa: PLC0415

    found: list[PackageAt] = []
    for folder in ls.folders():
        near = folder / "environment.yml"
        found += await ls.across(near, partial(packages, near, params.query), RENAMING_WAITS) or ()
    return [ls.border.package(one) for one in found]


async def will_rename_files(ls: Server, params: lsp.RenameFilesParams) -> lsp.WorkspaceEdit | None:
    """The editor renames when it has this answer, so it is the texts as they are before."""
    from envls.assist.moves import Move, moved  # noqa: PLC0415

    moves = [Move(path_of(one.old_uri), path_of(one.new_uri)) for one in params.files]
    if not moves:
        return None
    changes = await ls.across(moves[0].old, lambda facts: moved(moves, facts), RENAMING_WAITS)
    return ls.border.workspace_edit(changes) if changes and not changes.empty else None


RENAMED = (lsp.FileOperationFilter(lsp.FileOperationPattern("**/*"), "file"),)
"""Any file or folder may be what a run points to."""
FEATURES: tuple[tuple[str, Any, Any], ...] = (
    (lsp.TEXT_DOCUMENT_DEFINITION, definition, None),
    (lsp.TEXT_DOCUMENT_REFERENCES, references, None),
    (lsp.TEXT_DOCUMENT_DOCUMENT_LINK, document_link, lsp.DocumentLinkOptions(resolve_provider=True)),
    (lsp.DOCUMENT_LINK_RESOLVE, document_link_resolve, None),
    (lsp.TEXT_DOCUMENT_CODE_LENS, code_lens, lsp.CodeLensOptions()),
    (lsp.TEXT_DOCUMENT_PREPARE_RENAME, prepare_rename, None),
    (lsp.TEXT_DOCUMENT_RENAME, rename, lsp.RenameOptions(prepare_provider=True)),
    (lsp.WORKSPACE_SYMBOL, workspace_symbol, None),
    (lsp.WORKSPACE_WILL_RENAME_FILES, will_rename_files, lsp.FileOperationRegistrationOptions(RENAMED)),
)

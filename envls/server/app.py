"""The language server: each handler converts, asks, and converts back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lsprotocol import types as lsp

from envls.server import between_files, structure
from envls.server.state import Server
from envls.server.texts import Text, split
from envls.server.uris import path_of
from envls.text import Span

if TYPE_CHECKING:
    from collections.abc import Iterable

    from envls.assist.actions import Action
    from envls.document import Document

HOVER_WAITS = 1.5
"""Seconds that a hover waits for facts; what is not known then, it says."""
COMPLETION_WAITS = 0.4
ACTIONS_WAIT = 0.3


def create() -> Server:
    """A server with all its handlers."""
    server = Server()
    _add(server, (*FEATURES, *between_files.FEATURES, *structure.FEATURES))
    return server


def _add(server: Server, features: Iterable[tuple[str, Any, Any]]) -> None:
    for method, handler, options in features:
        server.feature(method, options)(handler)


# -- the conversation -----------------------------------------------------------------------------------------


def initialize(ls: Server, params: lsp.InitializeParams) -> None:
    ls.introduce(params)
    if ls.display.formatting and not ls.client.registers_formatting:
        _add(ls, structure.ON_REQUEST)  # declared once and for all in the answer to this


def initialized(ls: Server, params: lsp.InitializedParams) -> None:
    del params
    if ls.client.registers_formatting:
        _add(ls, structure.ON_REQUEST)
    ls.background.do(ls.register())
    ls.background.do(ls.ask_for_settings(None))


def did_change_configuration(ls: Server, params: lsp.DidChangeConfigurationParams) -> None:
    ls.background.do(ls.ask_for_settings(params.settings))


def did_change_workspace_folders(ls: Server, params: lsp.DidChangeWorkspaceFoldersParams) -> None:
    del params  # pygls keeps the list
    ls.reconfigure()


def did_change_watched_files(ls: Server, params: lsp.DidChangeWatchedFilesParams) -> None:
    paths = [path_of(event.uri) for event in params.changes]
    if any(path.suffix == ".toml" for path in paths):
        ls.configurations.forget()
        ls.session.recheck()
    ls.look_again(ls.environments.others(paths))


# -- texts ----------------------------------------------------------------------------------------------------


def did_open(ls: Server, params: lsp.DidOpenTextDocumentParams) -> None:
    item = params.text_document
    if not ls.client.registers_watchers:
        ls.configurations.forget()  # nobody says when the project's file changes
    ls.session.did_open(item.uri, path_of(item.uri), item.version, Text(item.text, ls.encoding))


def did_change(ls: Server, params: lsp.DidChangeTextDocumentParams) -> None:
    open_ = ls.session.open.get(params.text_document.uri)
    if open_ is None:
        return
    for change in params.content_changes:
        if isinstance(change, lsp.TextDocumentContentChangePartial):
            open_.text.replace(change.range.start, change.range.end, change.text)
            open_.edited = change.range.start.line + len(split(change.text)) - 1
        else:
            open_.text.replace_all(change.text)
            open_.edited = None
    open_.version = params.text_document.version
    ls.session.did_change(open_)


def did_close(ls: Server, params: lsp.DidCloseTextDocumentParams) -> None:
    ls.session.did_close(params.text_document.uri)
    ls.withdraw(params.text_document.uri)
    ls.colours.forget(params.text_document.uri)


def did_save(ls: Server, params: lsp.DidSaveTextDocumentParams) -> None:
    ls.session.did_save(params.text_document.uri)


# -- answers --------------------------------------------------------------------------------------------------


async def hover(ls: Server, params: lsp.HoverParams) -> lsp.Hover | None:
    from envls.assist.hover import hover as card_at  # noqa: PLC0415 - the core is imported late

    document = await ls.session.current(params.text_document.uri)
    if document is None:
        return None
    offset = ls.border.places(document).offset(params.position)
    answer = await ls.ask(document, lambda document, facts: card_at(document, offset, facts), HOVER_WAITS)
    return ls.border.hover(answer[0], document) if answer and answer[0] else None


async def completion(ls: Server, params: lsp.CompletionParams) -> lsp.CompletionList | None:
    from envls.assist.completion import complete  # noqa: PLC0415

    document = await ls.session.current(params.text_document.uri)
    if document is None:
        return None
    offset = ls.border.places(document).offset(params.position)
    answer = await ls.ask(document, lambda document, facts: complete(document, offset, facts), COMPLETION_WAITS)
    if answer is None:
        return None
    found, facts = answer
    waiting = bool(ls.session.world.unsettled(facts.asked))
    return ls.border.completions(found, document, params.text_document.uri, incomplete=waiting)


async def completion_item_resolve(ls: Server, params: lsp.CompletionItem) -> lsp.CompletionItem:
    """The card of a package whose name is looked at in the list."""
    from envls.assist.complete_details import described  # noqa: PLC0415

    data: Any = params.data
    document = await ls.session.current(data["uri"]) if isinstance(data, dict) else None
    if document is not None:
        list_, name = data["list"], params.label
        answer = await ls.ask(document, lambda document, facts: described(document, list_, name, facts), HOVER_WAITS)
        params.documentation = ls.border.documentation(answer[0]) if answer and answer[0] else None
    return params


async def code_action(ls: Server, params: lsp.CodeActionParams) -> list[lsp.CodeAction] | None:
    document = await ls.session.current(params.text_document.uri)
    if document is None or not ls.client.action_objects:
        return None
    span = ls.border.places(document).span(params.range)
    kinds = tuple(str(getattr(kind, "value", kind)) for kind in params.context.only or ())
    uri, place = params.text_document.uri, params.range
    ls.session.cursor_in(uri, range(place.start.line, place.end.line + 1))
    automatic = params.context.trigger_kind is lsp.CodeActionTriggerKind.Automatic
    offered = await _actions(ls, document, uri, span, kinds, automatic=automatic)
    if offered is None or ls.session.is_stale(document):
        return None
    data = {"uri": uri, "version": ls.version_of(uri), "span": [*span], "kinds": kinds}
    return ls.border.actions(offered, document, params.context.diagnostics, data)


async def code_action_resolve(ls: Server, params: lsp.CodeAction) -> lsp.CodeAction:
    """The edit of an action that was offered without; none where the text has changed meanwhile."""
    data: Any = params.data
    document = await ls.session.current(data["uri"]) if isinstance(data, dict) else None
    if document is not None and ls.version_of(data["uri"]) == data["version"]:
        offered = await _actions(ls, document, data["uri"], Span(*data["span"]), tuple(data["kinds"]))
        chosen = next((action for action in offered or () if action.title == params.title), None)
        params.edit = ls.border.workspace_edit(chosen.changes) if chosen else None
    return params


async def _actions(
    ls: Server, document: Document, uri: str, span: Span, kinds: tuple[str, ...], *, automatic: bool = False
) -> list[Action] | None:
    from envls.assist.actions import actions  # noqa: PLC0415

    configuration, found = ls.configurations.of(document.path), ls.session.shown(uri, document)
    return await ls.ask_now(
        document,
        lambda document, facts: actions(document, span, facts, configuration, kinds, found, automatic=automatic),
        ACTIONS_WAIT,
    )


async def inlay_hint(ls: Server, params: lsp.InlayHintParams) -> list[lsp.InlayHint] | None:
    from envls.assist.inlay_hints import inlay_hints  # noqa: PLC0415

    document = await ls.session.current(params.text_document.uri)
    wanted = ls.display
    if document is None or not (wanted.installed_hints or wanted.locked_hints):
        return None
    span = ls.border.places(document).span(params.range)
    uri = params.text_document.uri
    found = ls.at_once(
        uri,
        document,
        lambda document, facts: inlay_hints(
            document, span, facts, installed=wanted.installed_hints, locked=wanted.locked_hints
        ),
        "hints",
    )
    return ls.border.hints(found, document) if found is not None else None


TRIGGERS = ("=", ">", "<", "~", "!", ":", " ", "/", "[", ",", '"', "'", ".", ";")
KINDS = (
    *(lsp.CodeActionKind.QuickFix, lsp.CodeActionKind.Refactor),
    *(lsp.CodeActionKind.RefactorRewrite, lsp.CodeActionKind.RefactorExtract),
    *(lsp.CodeActionKind.RefactorInline, lsp.CodeActionKind.RefactorMove, "source.fixAll.envls", "source.sort.envls"),
)
FEATURES: tuple[tuple[str, Any, Any], ...] = (
    (lsp.INITIALIZE, initialize, None),
    (lsp.INITIALIZED, initialized, None),
    (lsp.WORKSPACE_DID_CHANGE_CONFIGURATION, did_change_configuration, None),
    (lsp.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS, did_change_workspace_folders, None),
    (lsp.WORKSPACE_DID_CHANGE_WATCHED_FILES, did_change_watched_files, None),
    (lsp.TEXT_DOCUMENT_DID_OPEN, did_open, None),
    (lsp.TEXT_DOCUMENT_DID_CHANGE, did_change, None),
    (lsp.TEXT_DOCUMENT_DID_CLOSE, did_close, None),
    (lsp.TEXT_DOCUMENT_DID_SAVE, did_save, lsp.SaveOptions(include_text=False)),
    (lsp.TEXT_DOCUMENT_HOVER, hover, None),
    (
        lsp.TEXT_DOCUMENT_COMPLETION,
        completion,
        lsp.CompletionOptions(
            trigger_characters=TRIGGERS,
            resolve_provider=True,
            completion_item=lsp.ServerCompletionItemOptions(label_details_support=True),
        ),
    ),
    (lsp.COMPLETION_ITEM_RESOLVE, completion_item_resolve, None),
    (lsp.TEXT_DOCUMENT_INLAY_HINT, inlay_hint, None),
    (lsp.TEXT_DOCUMENT_CODE_ACTION, code_action, lsp.CodeActionOptions(code_action_kinds=KINDS, resolve_provider=True)),
    (lsp.CODE_ACTION_RESOLVE, code_action_resolve, None),
)

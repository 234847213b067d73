"""What the handlers share, put together once the editor has introduced itself.

The core is imported after `initialize` has been answered: an editor waits for that answer, and reads its files
meanwhile. So nothing above the protocol is imported at the top of this module, nor of those it imports.
"""

from __future__ import annotations

import asyncio
import gc
import logging
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, TypeVar

from lsprotocol import types as lsp
from pygls.exceptions import FeatureRequestError
from pygls.lsp.server import LanguageServer

from envls import __version__
from envls.server import stdio
from envls.server.background import Background
from envls.server.client import Client, client_of
from envls.server.colours import Colours
from envls.server.convert import Border, Encoding
from envls.server.environments import Environments
from envls.server.faults import report
from envls.server.programs import Programs
from envls.server.progress import Progress
from envls.server.settings import SECTION, Configurations, Display, Wishes, place_of
from envls.server.settings import read as read_settings
from envls.server.uris import path_of, uri_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from envls.check import Found
    from envls.document import Document
    from envls.facts import Facts, Question
    from envls.server.opened import Open
    from envls.server.session import Session, View

T = TypeVar("T")
WATCHED = (
    *(
        "**/*.{yml,yaml,runconfig,compute}",
        "**/{aml_config,.azureml}/*",
        "**/{azureml_environment,inference*config*}.json",
    ),
    *("**/.envls.toml", "**/pyproject.toml"),
)
LOG = logging.getLogger(__name__)


class Server(LanguageServer):
    """The server: the editor's abilities and settings, the session, and what has been published."""

    protocol: stdio.Protocol

    def __init__(self) -> None:
        super().__init__("envls", __version__, protocol_cls=stdio.Protocol)
        self.client = Client()
        self.encoding = Encoding.of(None)
        self.configurations = Configurations(self._complain)
        self._wishes = [Wishes()]
        self._session: Session | None = None
        self._published: dict[str, tuple[int | None, list[dict[str, Any]]]] = {}
        self.background = Background()
        self.environments = Environments(lambda one: self._register_late([one]), self.look_again)
        self.programs = Programs(self._register_late)
        self._said: set[tuple[str, str]] = set()
        self.colours = Colours()
        self._formats = False

    def report_server_error(self, error: Exception, source: object) -> None:
        """pygls would show a message box; what a request was answered with it has logged, or the editor has."""
        if source is not FeatureRequestError:
            report("a notification", error)

    # -- beginning and end ------------------------------------------------------------------------------------

    def introduce(self, params: lsp.InitializeParams) -> None:
        """The editor says who it is."""
        self.client = client_of(params)
        encoding = self.workspace.position_encoding
        self.encoding = Encoding.of(getattr(encoding, "value", encoding))
        options = params.initialization_options
        self._wishes = [read_settings(options.get("settings") if isinstance(options, dict) else None)]
        asyncio.get_running_loop().call_soon(self._load)

    @property
    def session(self) -> Session:
        return self._session or self._load()

    def _load(self) -> Session:
        """Import the core, unless a message that needs it has come first."""
        if self._session is not None:
            return self._session
        from envls.server.session import Session  # noqa: PLC0415 - see above
        from envls.world import World  # noqa: PLC0415

        world = World(self._wishes[0].for_world(), folders=self.folders())
        self.programs.watches = self.client.registers_watchers and self.client.watches_elsewhere
        self.programs.sends = self.client.sends_more
        world.hear(self._follow)
        if self.client.shows_progress:
            world.watch(Progress(self, self.background).show)
        self.border = Border(self.client, self.encoding, self._look, self._uri, self._version)
        self.configurations.wish([(None, self._wishes[0])])
        self._session = Session(world, self.configurations.of, self.publish, self._say_failing, self._ask_anew)
        gc.freeze()  # what is imported stays: no collection need look through it again
        return self._session

    async def register(self) -> None:
        """Ask to hear of what no document says."""
        registrations = []
        if self.client.registers_watchers:
            watchers = [lsp.FileSystemWatcher(pattern) for pattern in WATCHED]
            options: Any = lsp.DidChangeWatchedFilesRegistrationOptions(watchers)
            registrations.append(lsp.Registration("files", lsp.WORKSPACE_DID_CHANGE_WATCHED_FILES, options))
        if self.client.registers_configuration:
            options = lsp.DidChangeConfigurationRegistrationOptions(SECTION)
            registrations.append(lsp.Registration("settings", lsp.WORKSPACE_DID_CHANGE_CONFIGURATION, options))
        if registrations:
            await self.client_register_capability_async(lsp.RegistrationParams(registrations))
        await self._offer_formatting()

    def _follow(self, questions: Iterable[Question[Any]]) -> None:
        """Hear of what is installed in the environments, and of what changes in the programs, that have been found."""
        from envls.facts import FileAt, Installed, Known  # noqa: PLC0415 - see above
        from envls.formats.python import is_program  # noqa: PLC0415

        for question in questions:
            if isinstance(question, FileAt) and is_program(question.path):
                self.programs.follow((question.path.parent,))
            elif isinstance(question, Installed) and self.programs.watches:
                answer = self.session.world.look(question)
                if isinstance(answer, Known):
                    self.environments.watch(answer.value.folders)

    def _register_late(self, registrations: list[lsp.Registration]) -> None:
        self.background.do(self.client_register_capability_async(lsp.RegistrationParams(registrations)))

    def look_again(self, paths: Iterable[PurePath]) -> None:
        """Files or folders have changed on disk."""
        self.session.doubt(self.session.world.touched(paths))

    async def end(self) -> None:
        self.environments.cancel()
        self.programs.cancel()
        self.background.cancel()
        if self._session is not None:
            await self._session.aclose()

    # -- the workspace and its settings -----------------------------------------------------------------------

    def folders(self) -> tuple[PurePath, ...]:
        uris = [folder.uri for folder in self.workspace.folders.values()]
        if not uris and self.workspace.root_uri:
            uris = [self.workspace.root_uri]
        return tuple(path_of(uri) for uri in uris if uri.startswith("file:"))

    async def ask_for_settings(self, said: object) -> None:
        """Read the settings anew: from an editor that can be asked, else from what it `said` unasked."""
        uris = [folder.uri for folder in self.workspace.folders.values()]
        answers: Sequence[object] = [said.get(SECTION, said) if isinstance(said, dict) else None]
        if self.client.configuration:
            items = [lsp.ConfigurationItem(section=SECTION)]
            items += [lsp.ConfigurationItem(scope_uri=uri, section=SECTION) for uri in uris]
            answers = await self.workspace_configuration_async(lsp.ConfigurationParams(items))
        if not answers or not isinstance(answers[0], dict):
            return
        before = self._wishes
        said = [answer if isinstance(answer, dict) else answers[0] for answer in answers]
        self._wishes = [read_settings(one, trusted=before[0].trusted) for one in said]
        folders: list[PurePath | None] = [None, *map(path_of, uris)]
        self.configurations.wish(list(zip(folders, self._wishes, strict=False)))
        if self._wishes[0].for_world() != before[0].for_world():
            self.reconfigure()
        if self.display != before[0].display:
            self.background.do(self._show_otherwise(before[0].display))
        before += before[:1] * (len(self._wishes) - len(before))  # a folder without settings of its own
        if [wishes.rules for wishes in self._wishes] != [wishes.rules for wishes in before]:
            self.session.recheck()

    def reconfigure(self) -> None:
        """Other settings or folders of the workspace: what was answered under the old ones is in doubt."""
        self.session.doubt(self.session.world.configure(self._wishes[0].for_world(), self.folders()))

    def _complain(self, path: Path | None, text: str, wrong: tuple[str, ...]) -> None:
        """Something is wrong with a configuration: said once, and shown in its file."""
        for message in wrong:
            LOG.warning("%s", message)
        if wrong:
            shown = f"envls: {wrong[0]}" + (f" (and {len(wrong) - 1} more)" if len(wrong) > 1 else "")
            self.window_show_message(lsp.ShowMessageParams(lsp.MessageType.Warning, shown))
        if path is not None:
            self._send(uri_of(path), None, self.border.complaints(text, [(place_of(one, text), one) for one in wrong]))

    def _say_failing(self, failing: Sequence[tuple[str, str]]) -> None:
        for source, reason in failing:
            if (source, reason) not in self._said:
                self._said.add((source, reason))
                message = f"{source}: {reason}"
                self.window_log_message(lsp.LogMessageParams(lsp.MessageType.Warning, message))

    # -- answering --------------------------------------------------------------------------------------------

    async def ask(self, document: Document, view: View[T], patience: float) -> tuple[T, Facts] | None:
        """What `view` makes of the facts after at most `patience` seconds; None where it fails."""
        try:
            return await self.session.settled(document, view, patience)
        except Exception as error:  # noqa: BLE001 - a fault of an assist must not end the server
            report("an answer", error)
            return None

    async def ask_now(self, document: Document, view: View[T], patience: float) -> T | None:
        """The same, asking no index."""
        try:
            return await self.session.soon(document, view, patience)
        except Exception as error:  # noqa: BLE001 - as above
            report("an answer", error)
            return None

    async def across(self, near: PurePath, view: Callable[[Facts], T], patience: float) -> T | None:
        """The same of a project, whichever of its files are open."""
        try:
            return await self.session.across(near, view, patience)
        except Exception as error:  # noqa: BLE001 - as above
            report("an answer", error)
            return None

    def at_once(self, uri: str, document: Document, view: View[T], what: str) -> T | None:
        """What `view` makes of what is known, without waiting, for `what` the editor shows; None where it fails."""
        try:
            return self.session.at_once(uri, document, view, what)
        except Exception as error:  # noqa: BLE001 - as above
            report("an answer", error)
            return None

    @property
    def display(self) -> Display:
        """What the user wants to see."""
        return self._wishes[0].display

    def _ask_anew(self) -> None:
        """The editor asks again for the hints and lenses that it shows, if it can be told to."""
        self.background.do(self._refresh())

    async def _show_otherwise(self, before: Display) -> None:
        """The user wants to see something else than `before`."""
        await self._refresh()
        if self.client.refreshes_tokens and before.semantic_highlighting != self.display.semantic_highlighting:
            await self.workspace_semantic_tokens_refresh_async(None)
        await self._offer_formatting()

    async def _offer_formatting(self) -> None:
        """Offer to format, or do not any more, where the editor can be told."""
        if not self.client.registers_formatting or self._formats == self.display.formatting:
            return
        self._formats = self.display.formatting
        methods = (lsp.TEXT_DOCUMENT_FORMATTING, lsp.TEXT_DOCUMENT_RANGE_FORMATTING)
        if self._formats:
            wanted = [lsp.Registration(method, method) for method in methods]
            await self.client_register_capability_async(lsp.RegistrationParams(wanted))
        else:
            gone = [lsp.Unregistration(method, method) for method in methods]
            await self.client_unregister_capability_async(lsp.UnregistrationParams(gone))

    async def _refresh(self) -> None:
        if self.client.refreshes_hints:
            await self.workspace_inlay_hint_refresh_async(None)
        if self.client.refreshes_lenses:
            await self.workspace_code_lens_refresh_async(None)

    # -- publishing -------------------------------------------------------------------------------------------

    def publish(self, open_: Open, document: Document, found: list[Found]) -> None:
        """Show what was found in an open document, unless it is shown already or the file is none of ours."""
        if document.content is not None:
            self._send(open_.uri, open_.version, self.border.diagnostics(found, document))
        elif open_.uri in self._published:
            self.withdraw(open_.uri)

    def withdraw(self, uri: str) -> None:
        """Show no findings any more."""
        if self._published.get(uri, (None, []))[1]:
            self._send(uri, None, [])
        self._published.pop(uri, None)

    def _send(self, uri: str, version: int | None, diagnostics: list[dict[str, Any]]) -> None:
        if self._published.get(uri, (None, [])) == (version, diagnostics):
            return
        self._published[uri] = version, diagnostics
        params: dict[str, Any] = {"uri": uri, "diagnostics": diagnostics}
        if version is not None:
            params["version"] = version
        self.protocol.publish(params)

    def _look(self, path: PurePath) -> Document | None:
        from envls.facts import FileAt, Known  # noqa: PLC0415 - see above

        answer = self.session.world.look(FileAt(path))
        return answer.value if isinstance(answer, Known) else None

    def version_of(self, uri: str) -> int | None:
        open_ = self.session.open.get(uri)
        return open_.version if open_ else None

    def _version(self, path: PurePath) -> int | None:
        open_ = self.session.find(path)
        return open_.version if open_ else None

    def _uri(self, path: PurePath) -> str:
        open_ = self.session.find(path)
        return open_.uri if open_ else uri_of(path)

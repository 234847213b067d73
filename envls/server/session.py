"""What the server keeps between messages: the open documents, when each is analysed, and what is asked of the world.

An analysis starts after a few milliseconds of quiet, once for a burst, on the newest text; whoever asks in between
reads the newest text too. When an answer of the world changes, those documents are analysed again that asked.
Everything runs on the event loop, except the work on very large texts. Nothing here knows the protocol.
"""

from __future__ import annotations

import asyncio
import logging
from functools import partial
from time import perf_counter
from typing import TYPE_CHECKING, Any, TypeVar

from envls import check as checking
from envls.document import Document, Format, read
from envls.facts import PENDING, Facts, FileAt, Installed, LockBeside, Twin, Unavailable
from envls.runs import told
from envls.server.again import Again
from envls.server.background import Background
from envls.server.faults import report
from envls.server.learning import Learner, near
from envls.server.opened import Open
from envls.server.shown import Shown
from envls.syntax import parse
from envls.world import settle
from envls.world.lanes import Lane

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import PurePath

    from envls.check import Found
    from envls.config import Configuration
    from envls.facts import Question
    from envls.server.texts import Text
    from envls.world import World

    View = Callable[[Document, Facts], "T"]

T = TypeVar("T")
LOG = logging.getLogger(__name__)
QUIET = 0.004
"""Seconds without a change before an analysis starts."""
SLOW = 0.1
"""Seconds of an analysis from which the next one waits longer, so that typing stays smooth."""
GATHER = 0.05
"""Seconds in which changed answers are gathered before those who asked are analysed again."""
PAUSE = 1.0
"""Seconds after the last change before indexes are asked about what was written."""
AFTER_OPENING = 0.7
"""Seconds after an analysis before indexes are asked: who opens a file to type at once is not held up by imports."""
AGAIN = 61.0
"""Seconds after which what could not be found out for an open document is asked again, though nobody edits it: a little
more than the world waits itself."""
LARGE = 1_000_000
"""Characters from which a text is read and judged in a thread: on the loop it would hold up everything."""


class Session:
    """The open documents. `publish` hears what was found in the newest text of one, each time it was analysed.

    `failing` hears the sources that fail and why, whenever answers have come in, `outdated` that hints and lenses
    which were given out may not be true any more: once, until they are asked for again.
    """

    def __init__(
        self,
        world: World,
        configuration: Callable[[PurePath], Configuration],
        publish: Callable[[Open, Document, list[Found]], None],
        failing: Callable[[Sequence[tuple[str, str]]], None],
        outdated: Callable[[], None] | None = None,
    ) -> None:
        self.world = world
        self.open: dict[str, Open] = {}
        self._moment = 1
        self._configuration = configuration
        self._publish = publish
        self._failing = failing
        self._shown = Shown(self.open, outdated)
        self._dirty: dict[str, Open] = {}
        self._news: set[Question[Any]] = set()
        self._spreading: asyncio.TimerHandle | None = None
        self._again = Again(self._analyse_again)
        self._lane = Lane("analysis", 1)
        self._background = Background()
        self._learner = Learner(world, self._background)
        self._loop = asyncio.get_running_loop()
        world.hear(self._heard)

    # -- what the editor does ---------------------------------------------------------------------------------

    def did_open(self, uri: str, path: PurePath, version: int, text: Text) -> None:
        self.did_close(uri)
        document = self.open[uri] = self._dirty[uri] = Open(uri, path, version, text)
        self._analyse_in(0, document)

    def did_change(self, document: Open) -> None:
        """The text or the version of an open document has changed."""
        for other in self.open.values():
            if other is not document:
                self._typed(other)
        document.document = None
        document.changed = self._loop.time()
        self._dirty[document.uri] = document
        if document.analysis is not None:
            document.analysis.cancel()
            document.analysis = None
        if document.learning is not None:
            document.learning.cancel()
        self._analyse_in(QUIET if document.cost < SLOW else min(2 * document.cost, PAUSE), document)

    def did_save(self, uri: str) -> None:
        """Typing has paused, and what stands on the disk is new."""
        document = self.open.get(uri)
        if document is not None:
            self._typed(document)
            self.doubt(self.world.touched([document.path]))
            if document.learning is not None:
                document.learning.cancel()
                self._learn_all(document)

    def did_close(self, uri: str) -> None:
        document = self.open.pop(uri, None)
        if document is not None:
            document.cancel()
            self._dirty.pop(uri, None)
            self.doubt(self.world.close(document.path))

    def cursor_in(self, uri: str, lines: range) -> None:
        """The cursor is known to be in these lines: what was typed elsewhere is no word half way any more."""
        document = self.open.get(uri)
        if document is not None and document.edited not in lines:
            self._typed(document)

    def _typed(self, document: Open) -> None:
        if document.edited is not None:
            document.edited = None
            self._show(document)

    def recheck(self) -> None:
        """Something that all findings depend on has changed."""
        self._again.now(self.open.values())

    def doubt(self, questions: Iterable[Question[Any]]) -> None:
        """The answers to these questions may not be true any more. What nobody asks just now can wait."""
        self._learner.ask(one for one in questions if any(one in document.asked for document in self.open.values()))

    def find(self, path: PurePath) -> Open | None:
        return next((document for document in self.open.values() if document.path == path), None)

    async def aclose(self) -> None:
        for document in self.open.values():
            document.cancel()
        self._again.cancel()
        self._shown.cancel()
        if self._spreading is not None:
            self._spreading.cancel()
        self._background.cancel()
        self._lane.close()
        await self.world.aclose()

    # -- answering --------------------------------------------------------------------------------------------

    async def current(self, uri: str) -> Document | None:
        """The newest text of an open document, read."""
        document = self.open.get(uri)
        if document is None:
            return None
        while document.document is None and len(str(document.text)) >= LARGE and self.open.get(uri) is document:
            if document.reading is None:
                document.reading = self._background.do(self._read_large(document))
            await asyncio.wait((document.reading,))
        self._read_all()
        return document.document

    async def settled(self, document: Document, view: View[T], patience: float) -> tuple[T, Facts]:
        """What `view` makes of the facts, those that it asks for now included, after at most `patience` seconds."""

        def now(facts: Facts) -> T:
            facts.moment, facts.platform = self._moment, self._configuration(document.path).platform
            return view(document, facts)

        return await settle(now, self.world, patience, patient=False)

    async def soon(self, document: Document, view: View[T], patience: float) -> T:
        """The same, but no index is asked: for what an editor wants to know at every move of the cursor."""
        return await self.across(document.path, lambda facts: view(document, facts), patience)

    async def across(self, near_: PurePath, view: Callable[[Facts], T], patience: float) -> T:
        """The same for what is about the files of a project, none of which need be open."""
        end = self._loop.time() + patience
        self._read_all()
        while True:
            facts = self._facts(near_)
            result = view(facts)
            wanted = self.world.unsettled(near(facts.asked))
            left = end - self._loop.time()
            if not wanted or left <= 0:
                # the list of twins is fetched as a whole and tells nobody what it is asked for: the next answer has it
                self._learner.ask(self.world.unsettled([one for one in facts.asked if isinstance(one, Twin)]))
                return result
            learning = self._background.do(self.world.learn(wanted, lambda _: None))
            await asyncio.wait((learning,), timeout=left)

    def at_once(self, uri: str, document: Document, view: View[T], what: str) -> T:
        """What `view` makes of what is known at this moment. Nobody is waited for; who has asked hears of news.

        `what` tells apart the things that an editor shows, each of which takes the place of the former.
        An environment and a lock change behind the editor's back: they are looked at again, if that is due.
        """
        facts = self._facts(document.path)
        result = view(document, facts)
        open_ = self.open.get(uri)
        if open_ is not None:
            open_.shown[what] = facts.asked
        self._learner.ask(self.world.unsettled(near(facts.asked)))
        self._learner.ask(question for question in facts.asked if isinstance(question, Installed | LockBeside))
        return result

    def _facts(self, path: PurePath) -> Facts:
        return Facts(self.world.look, self._moment, platform=self._configuration(path).platform)

    def shown(self, uri: str, document: Document) -> list[Found] | None:
        """What the editor shows of a document; None where that is of another text, or what it rests on here is not known yet.

        The fixes of what was found before the project's files were read lack those that lead to them.
        """
        open_ = self.open.get(uri)
        if open_ is None or open_.found is None or open_.found[0] is not document:
            return None
        look = self.world.look
        if any(
            open_.asked[question] is PENDING or look(question) is not open_.asked[question]
            for question in near(open_.asked)
        ):
            return None
        return _finished(open_, document, open_.found[1])

    def is_stale(self, document: Document) -> bool:
        """Whether the editor has a newer text than this, or none any more."""
        open_ = self.find(document.path)
        return open_ is None or open_.document is not document

    # -- reading and judging ----------------------------------------------------------------------------------

    def _analyse_in(self, seconds: float, document: Open) -> None:
        if document.analysis is None:
            document.analysis = self._loop.call_later(seconds, self._analyse, document)

    def _analyse(self, document: Open) -> None:
        document.analysis = None
        if len(str(document.text)) >= LARGE:
            if document.reading is None:
                self._background.do(self._analyse_large(document))
            else:
                self._analyse_in(SLOW, document)
            return
        began = perf_counter()
        self._read_all()
        made = document.document
        if made is not None:
            facts = Facts(self.world.look, self._moment)
            self._done(document, facts, *self._judged(made, facts))
        document.cost = perf_counter() - began

    def _analyse_again(self, document: Open) -> None:
        """Unless it is closed by now, or its text has changed and will be analysed anyway."""
        if self.open.get(document.uri) is document and document.analysis is None:
            self._analyse(document)

    async def _analyse_large(self, document: Open) -> None:
        began = perf_counter()
        made = await self.current(document.uri)
        if made is not None:
            facts = Facts(self.world.look, self._moment)
            judged, found = await self._lane.run(lambda: self._judged(made, facts))
            if made is document.document and self.open.get(document.uri) is document:
                self._done(document, facts, judged, found)
        document.cost = perf_counter() - began

    def _judged(self, document: Document, facts: Facts) -> tuple[Document, list[Found]]:
        """The document as what the other files say that it is, and what is found in it."""
        try:
            if document.content is None or document.told is not None:
                document = document.as_told(told(document.path, facts))
            return document, checking.check(document, facts, self._configuration(document.path))
        except Exception as error:  # noqa: BLE001 - a fault of a rule must not end the server
            report("check", error)
            return document, []

    def _done(self, document: Open, facts: Facts, made: Document, found: list[Found]) -> None:
        document.asked = facts.asked
        document.told = made.told
        if made is not document.document:
            self._install(document, made)
        document.found = made, found
        self._show(document)
        self._learner.ask(self.world.unsettled(near(facts.asked)))
        if document.learning is not None:
            document.learning.cancel()
        pause = max(AFTER_OPENING, document.changed + PAUSE - self._loop.time())
        document.learning = self._loop.call_later(pause, self._learn_all, document) if facts.asked else None

    def _show(self, document: Open) -> None:
        """Publish what was found in the newest text that was analysed."""
        if document.found is not None:
            made, found = document.found
            self._publish(document, made, _finished(document, made, found))

    def _read_all(self) -> None:
        """Read the texts that have changed, so that every view sees all files as they are now."""
        for document in [one for one in self._dirty.values() if len(str(one.text)) < LARGE]:
            self._install(document, _read(document.path, str(document.text), document.told))

    async def _read_large(self, document: Open) -> None:
        version = document.version
        made = await self._lane.run(partial(_read, document.path, str(document.text), document.told))
        document.reading = None
        if document.version == version and self.open.get(document.uri) is document:
            self._install(document, made)

    def _install(self, document: Open, made: Document) -> None:
        document.document = made
        self._dirty.pop(document.uri, None)
        itself: Question[Any] = FileAt(document.path)
        doubted = self.world.open(document.path, made) - {itself}
        self._grow({itself})
        self._again.when_quiet(one for one in self.open.values() if one is not document and itself in one.asked)
        self._shown.edited(document, itself)
        self.doubt(doubted)

    # -- the world --------------------------------------------------------------------------------------------

    def _learn_all(self, document: Open) -> None:
        document.learning = None
        version = document.version

        def wanted() -> bool:
            return document.version == version and self.open.get(document.uri) is document

        questions = {*document.asked, *self._foreseen(document)}
        document.under_way = [task for task in document.under_way if not task.done()]
        document.under_way += self._learner.ask_by_and_by(questions, wanted)
        if any(isinstance(answer, Unavailable) for answer in document.asked.values()):
            document.learning = self._loop.call_later(AGAIN, self._learn_all, document)

    def _foreseen(self, document: Open) -> list[Question[Any]]:
        """What completion will ask first, so that it need not wait then."""
        from envls.assist.completion import foreseen  # noqa: PLC0415 - 20 ms that can wait until typing has paused

        made = document.document
        return [] if made is None else foreseen(made, Facts(self.world.look, self._moment))

    def _heard(self, questions: frozenset[Question[Any]]) -> None:
        """Answers have changed. Those who asked are analysed again soon, once for all that comes in meanwhile."""
        self._grow(questions)
        self._news |= questions
        if self._spreading is None:
            dearest = max((document.cost for document in self.open.values()), default=0.0)
            self._spreading = self._loop.call_later(max(GATHER, 3 * dearest), self._spread)

    def _spread(self) -> None:
        self._spreading = None
        news, self._news = self._news, set()
        self._failing(self.world.status())
        self._shown.heard(news)
        self._again.now(one for one in self.open.values() if any(question in one.asked for question in news))

    def _grow(self, questions: Iterable[Question[Any]]) -> None:
        """What is remembered of items is looked through only when it may have changed: it costs as much as they."""
        if not checking.asked_by_items.isdisjoint(questions):
            self._moment += 1


def _finished(document: Open, made: Document, found: Sequence[Found]) -> list[Found]:
    """What was found, without what may only be the beginning of a word."""
    return list(found) if document.edited is None else checking.without_unfinished(found, made, document.edited)


def _read(path: PurePath, text: str, told: Format | None) -> Document:
    try:
        return read(path, text, told)
    except Exception as error:  # noqa: BLE001 - reading never fails; should it, the file counts as none of ours
        report("reading", error)
        return Document(path, text, parse(""), Format.FOREIGN, None)

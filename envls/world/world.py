"""The world as its users see it: look (never waits), learn (asks), and what happens to files meanwhile.

Everything here runs on the event loop and only keeps books: which answers are known, which questions are on
their way, when each is due again. Those who answer are sources; they do their work in lanes.
"""

from __future__ import annotations

import asyncio
import logging
import time
import traceback
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from envls.facts import (
    PENDING,
    Absent,
    EncodingAt,
    FileAt,
    FolderAt,
    Installed,
    Known,
    LockBeside,
    ModuleNames,
    Pending,
    ProjectFiles,
    Satisfying,
    Twin,
    Unavailable,
    Vulnerabilities,
)
from envls.world.disk import Disk
from envls.world.doubt import doubted_by, listings_without
from envls.world.lanes import Lane
from envls.world.settings import NOTHING, Settings
from envls.world.source import Source
from envls.world.trust import refusal_of_path

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import PurePath

    from envls.document import Document
    from envls.facts import Answer, Question
    from envls.world.far import Far

    Questions = frozenset[Question[Any]]
    Changed = Callable[[Questions], None]
    Progress = Callable[[str, float | None], None]

LOG = logging.getLogger(__name__)
AGAIN = 60.0
"""Seconds after which something that could not be found out is asked again."""
RENEW = 600.0
"""The same for what is known, but old, and could not be renewed."""
LINGER = 1.0
"""Seconds after which a question that has no answer, and that nobody waits for any more, is not asked."""
AHEAD = 300.0
"""Seconds by which the time of an answer may lie in the future: clocks differ."""


class _Flight:
    """A question on its way: who wants to hear, how many wait, whether there is a first answer yet, and whether that is
    in doubt already."""

    def __init__(self) -> None:
        self.waiting = 0
        self.listeners: dict[Changed, None] = {}
        self.first: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.task: asyncio.Task[None] | None = None
        self.again = False

    def land(self) -> None:
        if not self.first.done():
            self.first.set_result(None)

    @property
    def unwanted(self) -> bool:
        return not self.waiting and not self.first.done()


class World:
    """Answers the questions of `facts`. Used from one thread; `folders` are those of the workspace."""

    def __init__(self, settings: Settings | None = None, *, folders: Sequence[PurePath] = ()) -> None:
        self.settings = settings or Settings()
        self.moment = 0  # grows with every answer that differs from the former (see `facts.Facts`)
        self._answers: dict[Question[Any], Answer[Any]] = {}
        self._due: dict[Question[Any], float] = {}
        self._dirty: set[Question[Any]] = set()
        self._flights: dict[Question[Any], _Flight] = {}
        self._resting: defaultdict[Question[Any], set[Question[Any]]] = defaultdict(set)  # what rests on an answer
        self._meanwhile: set[Question[Any]] = set()  # whose answer is only part of one, or why it takes long
        self._always: list[Changed] = []
        self._watching: list[Progress] = []
        self._lane = Lane("disk", 4)
        self._disk = Disk(self._lane, folders)
        self._far: Far | None = None
        self._sources: dict[type[Question[Any]], Source] = {
            FileAt: Source(self._disk.file, 5),
            EncodingAt: Source(self._disk.encoding, 5),
            FolderAt: Source(self._disk.folder, 5),
            ProjectFiles: Source(self._disk.project, 60),
            ModuleNames: Source(self._disk.modules, 60),
        }

    def _source(self, kind: type[Question[Any]]) -> Source | None:
        if kind not in self._sources and self._far is None:
            from envls.world.far import Far  # noqa: PLC0415 - a look at files does without

            folders = lambda: self._disk.folders  # noqa: E731 - they may change
            self._far = Far(self.settings, self._lane, folders, self.look, self._take_meanwhile, self._show)
            self._sources.update(self._far.sources)
        return self._sources.get(kind)

    def hear(self, listener: Changed) -> None:
        """Tell `listener` of every answer that differs from the former, whoever has asked."""
        self._always.append(listener)

    def watch(self, listener: Progress) -> None:
        """Tell `listener` what takes long (a name for a person) and which part of it is done (None: it has ended)."""
        self._watching.append(listener)

    # -- asking -----------------------------------------------------------------------------------------------

    def look(self, question: Question[Any]) -> Answer[Any]:
        """What is known at this moment. One dict lookup; Pending where nobody has answered."""
        return self._answers.get(question, PENDING)

    def unsettled(self, questions: Iterable[Question[Any]], *, patient: bool = True) -> Questions:
        """Those of `questions` that have no answer, or one that a change on disk has put in doubt.

        With `patient` also those whose source takes long, and has said only part of the answer meanwhile, or why.
        """
        answers, dirty, meanwhile = self._answers, self._dirty, self._meanwhile if patient else ()
        return frozenset(one for one in questions if one not in answers or one in dirty or one in meanwhile)

    async def learn(self, questions: Iterable[Question[Any]], changed: Changed, *, fresh: bool = False) -> None:
        """Ask whatever of `questions` is unsettled or due again; returns when none is unsettled.

        Give it everything a view has asked: what is known and young costs a dict lookup. `changed` hears of each
        answer that differs from the former, as soon as it is in; what is known but old is asked behind, without
        waiting (with `fresh`: waited for). Cancelling stops the waiting; a question that has no answer and that nobody
        waits for a second later is not asked at all, or, if it was, what comes is kept for whoever asks next.
        """
        waits: dict[_Flight, asyncio.Future[None]] = {}
        for question in questions:
            flight = self._flight(question)
            if flight is None or flight.task is None:
                continue
            flight.listeners[changed] = None
            if fresh or self.unsettled((question,)):
                waits[flight] = flight.task if fresh or flight.first.done() else flight.first
                flight.waiting += 1
        if waits:
            try:
                await asyncio.wait(waits.values())
            finally:
                for flight in waits:
                    flight.waiting -= 1
                unwanted = [flight for flight in waits if flight.unwanted]
                if unwanted:
                    asyncio.get_running_loop().call_later(LINGER, _drop, unwanted)

    def _flight(self, question: Question[Any]) -> _Flight | None:
        flight = self._flights.get(question)
        if flight is None and (
            question not in self._answers or question in self._dirty or self._due.get(question, 0) <= time.monotonic()
        ):
            flight = self._flights[question] = _Flight()
            flight.task = asyncio.create_task(self._fly(question, flight))
            flight.task.add_done_callback(lambda _: self._landed(question, flight))  # also if it never began
        return flight

    async def _fly(self, question: Question[Any], flight: _Flight) -> None:
        """Ask the source; once more when a change came in between; and behind the first answer when that is old."""
        source = self._source(type(question))
        while True:
            former = None if question in self._meanwhile else self._answers.get(question)
            flight.again = False
            answer = self._refused(question) or await _ask(source, question, fresh=former is not None)
            if flight.again:
                continue
            self._dirty.discard(question)
            old = _is_old(answer, source)
            self._due[question] = time.monotonic() + _again(answer, source, old=old)
            self._take(question, answer, flight)
            if former is not None or not old:
                return

    def _refused(self, question: Question[Any]) -> Unavailable | None:
        """A path that a file names may stand on a host that only the file names."""
        match question:
            case (
                FileAt(path)
                | EncodingAt(path)
                | FolderAt(path)
                | ProjectFiles(path)
                | ModuleNames(path)
                | LockBeside(path)
            ):
                paths = [path]
            case Installed():
                paths = [path for path in (question.prefix, question.interpreter) if path is not None]
            case _:
                return None
        refusals = (refusal_of_path(path, self.settings, self._disk.folders) for path in paths)
        return next((Unavailable(reason) for reason in refusals if reason), None)

    def _landed(self, question: Question[Any], flight: _Flight) -> None:
        self._flights.pop(question, None)
        if question in self._meanwhile:  # and there will be no answer
            self._meanwhile.discard(question)
            del self._answers[question]
        flight.land()

    def _take_meanwhile(self, question: Question[Any], answer: Answer[Any]) -> None:
        """What a source says before it has the answer: it counts until then, unless there is an older answer."""
        flight = self._flights.get(question)
        if flight is not None and (question not in self._answers or question in self._meanwhile):
            self._meanwhile.add(question)
            self._put(question, answer, flight)

    def _show(self, what: str, part: float | None) -> None:
        for listener in self._watching:
            listener(what, part)

    def _take(self, question: Question[Any], answer: Answer[Any], flight: _Flight) -> None:
        self._meanwhile.discard(question)
        self._put(question, answer, flight)
        flight.land()

    def _put(self, question: Question[Any], answer: Answer[Any], flight: _Flight) -> None:
        former = self._answers.get(question, PENDING)
        is_news = _differ(former, answer)
        if is_news or answer != former:  # else who holds the former sees at a glance that it still is the answer
            self._answers[question] = answer
        if isinstance(question, Satisfying | Vulnerabilities):
            self._resting[question.package].add(question)
        if is_news:
            self.moment += 1
            self._doubt(set(self._resting.get(question, ())))
            for listener in (*self._always, *flight.listeners):
                _tell(listener, question)

    # -- what happens meanwhile -------------------------------------------------------------------------------

    def open(self, path: PurePath, document: Document | str) -> Questions:
        """The editor shows this at `path` from now on. Returns the questions whose answers have changed.

        Give the document where it is read already; a text is read here, at once.
        """
        if isinstance(document, str):
            from envls.document import read  # noqa: PLC0415 - its readers cost time that a look must not pay

            document = read(path, document)
        new = path not in self._disk.buffers
        self._disk.buffers[path] = document
        changed: set[Question[Any]] = {FileAt(path)}
        self._answers[FileAt(path)] = Known(document, "editor")
        self.moment += 1
        self._dirty.discard(FileAt(path))
        if new:
            changed |= self._doubt(listings_without(path, self._answers, self._disk.folders))
        return frozenset(changed)

    def close(self, path: PurePath) -> Questions:
        """The editor shows `path` no more: the disk counts again. Returns the questions that are in doubt."""
        if self._disk.buffers.pop(path, None) is None:
            return frozenset()
        return self.touched([path])

    def touched(self, paths: Iterable[PurePath]) -> Questions:
        """Files or folders have changed on disk. Returns the questions whose answers are in doubt.

        Their answers stand until `learn` has asked again, so that no finding flickers.
        """
        paths = list(paths)
        for path in paths:
            self._disk.forget(path)
        return self._doubt(doubted_by(paths, self._answers, self._disk.folders) - set(map(FileAt, self._disk.buffers)))

    def _doubt(self, questions: set[Question[Any]]) -> Questions:
        """Have those of `questions` that anybody has asked asked again."""
        questions &= self._answers.keys() | self._flights.keys()
        self._dirty |= questions
        for question in questions & self._flights.keys():
            self._flights[question].again = True
        return frozenset(questions)

    def configure(self, settings: Settings, folders: Sequence[PurePath]) -> Questions:
        """Other settings or workspace folders. Returns the questions whose answers are in doubt."""
        self.settings = settings
        if self._far is not None:
            self._far.configure(settings)
        self._disk.folders = tuple(folders)
        doubted = {
            question
            for question, answer in self._answers.items()
            if isinstance(question, ProjectFiles | ModuleNames | Installed | Twin | Vulnerabilities)
            or not isinstance(answer, Known)
        }
        return self._doubt(doubted)

    def status(self) -> Sequence[tuple[str, str]]:
        """The sources that fail at present, and why: for the status, never for a finding."""
        return () if self._far is None else self._far.status()

    async def aclose(self) -> None:
        """Stop asking. What still runs in a thread is not waited for."""
        tasks = [flight.task for flight in self._flights.values() if flight.task is not None]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)
        if self._far is not None:
            await self._far.aclose()
        self._lane.close()


def _drop(flights: Iterable[_Flight]) -> None:
    """Unless somebody waits by now: a view is often run again, and asks the same again."""
    for flight in flights:
        if flight.unwanted and flight.task is not None:
            flight.task.cancel()


def _tell(listener: Changed, question: Question[Any]) -> None:
    try:
        listener(frozenset((question,)))
    except Exception:
        LOG.exception("a listener failed")  # the others still hear


async def _ask(source: Source | None, question: Question[Any], *, fresh: bool) -> Answer[Any]:
    if source is None:
        return Unavailable(f"nobody answers {type(question).__name__}")
    try:
        return await source.ask(question, fresh=fresh)
    except ModuleNotFoundError as error:
        # what asks channels and indexes is compiled, and the editor's extension brings only plain Python along
        return Unavailable(f"the Python that runs envls lacks {error.name}; `pip install envls` there brings it")
    except Exception as error:  # noqa: BLE001 - a mistake of ours in one source must not end the others
        where = "".join(traceback.format_tb(error.__traceback__))  # without its message, which may hold an address
        LOG.error("no answer to %s: %s\n%s", type(question).__name__, type(error).__name__, where)  # noqa: TRY400
        return Unavailable(f"an internal error: {type(error).__name__}")


def _again(answer: Answer[Any], source: Source | None, *, old: bool) -> float:
    """Seconds after which the question is asked again."""
    if source is None or isinstance(answer, Unavailable):
        return AGAIN
    if old:
        return RENEW
    return min(source.age, NOTHING) if isinstance(answer, Absent) else source.age


def _is_old(answer: Answer[Any], source: Source | None) -> bool:
    if source is None or not isinstance(answer, Known) or answer.as_of is None:
        return False
    return not -AHEAD <= time.time() - answer.as_of.timestamp() <= source.age


def _differ(former: Answer[Any], answer: Answer[Any]) -> bool:
    """Whether there is news: who says it, and when, is none."""
    if isinstance(answer, Pending):
        return False
    if isinstance(former, Known) and isinstance(answer, Known):
        return former.value is not answer.value and bool(former.value != answer.value)
    if isinstance(former, Unavailable):
        return former != answer
    return isinstance(former, Pending) or type(former) is not type(answer)

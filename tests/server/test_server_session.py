"""When documents are analysed and what is asked when, with a world that answers as the test says."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from pathlib import PurePath
from typing import Any, cast

import pytest

from envls.assist.inlay_hints import inlay_hints
from envls.check import Found
from envls.config import Configuration
from envls.document import Document
from envls.facts import (
    PENDING,
    Absent,
    CondaNames,
    CondaPackage,
    EncodingAt,
    Environment,
    FileAt,
    Installed,
    InstalledPackage,
    Known,
    Package,
    Pending,
    ProjectFiles,
    Question,
    Release,
    Satisfies,
    Satisfying,
    Unavailable,
)
from envls.server import faults
from envls.server import session as sessions
from envls.server.convert import Encoding
from envls.server.learning import near
from envls.server.opened import Open
from envls.server.session import Session
from envls.server.texts import Text
from envls.text import Span
from envls.world import World

PATH = PurePath("/project/environment.yml")
TEXT = "name: x\nchannels:\n  - conda-forge\ndependencies:\n  - nmpy=1\n"


class ToyWorld:
    """Knows nothing until the test says so."""

    def __init__(self) -> None:
        self.moment = 0
        self.answers: dict[Question[Any], Any] = {}
        self.asked: asyncio.Queue[Question[Any]] = asyncio.Queue()
        self.flying: set[Question[Any]] = set()
        self.listeners: list[Callable[[frozenset[Question[Any]]], None]] = []

    def hear(self, listener: Callable[[frozenset[Question[Any]]], None]) -> None:
        self.listeners.append(listener)

    def look(self, question: Question[Any]) -> Any:
        return self.answers.get(question, PENDING)

    def unsettled(self, questions: Iterable[Question[Any]], *, patient: bool = True) -> frozenset[Question[Any]]:
        del patient
        return frozenset(questions) - self.answers.keys()

    async def learn(self, questions: Iterable[Question[Any]], changed: Any, *, fresh: bool = False) -> None:
        del changed, fresh
        for question in questions:
            if question not in self.flying and question not in self.answers:
                self.flying.add(question)
                self.asked.put_nowait(question)

    def answer(self, question: Question[Any], answer: Any) -> None:
        self.answers[question] = answer
        for listener in self.listeners:
            listener(frozenset({question}))

    def open(self, path: PurePath, document: Document) -> frozenset[Question[Any]]:
        self.answers[FileAt(path)] = Known(document)
        return frozenset({FileAt(path)})

    def close(self, path: PurePath) -> frozenset[Question[Any]]:
        self.answers.pop(FileAt(path), None)
        return frozenset({FileAt(path)})

    def touched(self, paths: Iterable[PurePath]) -> frozenset[Question[Any]]:
        return frozenset(map(EncodingAt, paths))

    def status(self) -> list[tuple[str, str]]:
        return [("index", "does not answer")]

    async def aclose(self) -> None:
        pass


class Desk:
    """A session, and what it publishes."""

    def __init__(self) -> None:
        self.world = ToyWorld()
        self.published: asyncio.Queue[tuple[Open, int, Document, list[str]]] = asyncio.Queue()
        self.failing: list[tuple[str, str]] = []
        self.configuration: Callable[[PurePath], Configuration] = lambda _: Configuration()
        self.outdated = 0
        world = cast("World", self.world)
        self.session = Session(world, self.configured, self.publish, self.failing.extend, self.tell_outdated)

    def tell_outdated(self) -> None:
        self.outdated += 1

    def configured(self, path: PurePath) -> Configuration:
        return self.configuration(path)

    def publish(self, open_: Open, document: Document, found: list[Found]) -> None:
        self.published.put_nowait((open_, open_.version, document, [one.rule.code for one in found]))

    def open(self, path: PurePath = PATH, text: str = TEXT) -> Open:
        self.session.did_open(str(path), path, 1, Text(text, Encoding.of(None)))
        return self.session.open[str(path)]

    def change(self, open_: Open, text: str) -> None:
        open_.text.replace_all(text)
        open_.version += 1
        self.session.did_change(open_)

    async def next(self) -> tuple[Open, int, Document, list[str]]:
        return await asyncio.wait_for(self.published.get(), 10)

    async def next_asked(self, kind: type) -> Any:
        """The next question of a kind that the world is asked; those of other kinds before it are passed by."""
        while True:
            question = await asyncio.wait_for(self.world.asked.get(), 10)
            if isinstance(question, kind):
                return question


def run(test: Callable[[Desk], Awaitable[None]]) -> None:
    async def main() -> None:
        desk = Desk()
        await test(desk)
        await desk.session.aclose()

    asyncio.run(main())


def test_many_changes_are_analysed_once_on_the_newest_text() -> None:
    async def test(desk: Desk) -> None:
        open_ = desk.open()
        assert (await desk.next())[1] == 1
        for number in range(500):
            desk.change(open_, f"{TEXT}# {number}\n")
        _, version, document, _ = await desk.next()
        assert version == 501
        assert document.text.endswith("# 499\n")
        assert desk.published.empty()

    run(test)


def test_who_asks_reads_the_newest_text_without_an_analysis() -> None:
    async def test(desk: Desk) -> None:
        open_ = desk.open()
        desk.change(open_, TEXT + "# new\n")
        document = await desk.session.current(str(PATH))
        assert document is not None
        assert document.text.endswith("# new\n")
        assert desk.published.empty()
        assert await desk.session.current(str(PATH)) is document
        await desk.next()
        assert await desk.session.current(str(PATH)) is document
        assert not desk.session.is_stale(document)
        desk.change(open_, TEXT)
        assert desk.session.is_stale(document)

    run(test)


def test_the_names_of_the_channels_are_asked_for_before_anybody_completes_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sessions, "AFTER_OPENING", 0.0)

    async def test(desk: Desk) -> None:
        desk.world.answers[ProjectFiles(PATH)] = Known(())
        open_ = desk.open()
        assert (await desk.next_asked(CondaNames)).channels.listed == ("conda-forge",)
        desk.change(open_, TEXT.replace("conda-forge", "bioconda"))
        assert (await desk.next_asked(CondaNames)).channels.listed == ("bioconda",)

    monkeypatch.setattr(sessions, "PAUSE", 0.0)
    run(test)


def test_nobody_waits_for_what_a_closed_file_has_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sessions, "AFTER_OPENING", 0.0)
    waiting, given_up = asyncio.Event(), asyncio.Event()

    async def test(desk: Desk) -> None:
        async def learn(questions: Iterable[Question[Any]], changed: Any) -> None:
            del changed
            if any(isinstance(question, CondaPackage) for question in questions):
                waiting.set()
                try:
                    await asyncio.Event().wait()
                finally:
                    given_up.set()

        desk.world.answers[ProjectFiles(PATH)] = Known(())
        monkeypatch.setattr(desk.world, "learn", learn)
        desk.open()
        await asyncio.wait_for(waiting.wait(), 10)
        desk.session.did_close(str(PATH))
        await asyncio.wait_for(given_up.wait(), 10)

    run(test)


def test_files_are_asked_about_at_once_and_packages_when_typing_has_paused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sessions, "PAUSE", 0.2)

    async def test(desk: Desk) -> None:
        open_ = desk.open()
        await desk.next()
        assert (await desk.next_asked(ProjectFiles)).near == PATH
        desk.world.answer(ProjectFiles(PATH), Known(()))
        await desk.next()
        assert (await desk.next_asked(CondaPackage)).name == "nmpy"
        for name in ("s", "sc", "scipy"):
            desk.change(open_, TEXT.replace("nmpy", name))
            await desk.next()
        assert (await desk.next_asked(CondaPackage)).name == "scipy"

    run(test)


def test_what_could_not_be_found_out_is_asked_again_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    for pause in ("PAUSE", "AFTER_OPENING", "AGAIN"):
        monkeypatch.setattr(sessions, pause, 0.0)

    async def test(desk: Desk) -> None:
        asked: asyncio.Queue[bool] = asyncio.Queue()
        learn = desk.world.learn

        async def learn_and_count(questions: Iterable[Question[Any]], changed: Any, *, fresh: bool = False) -> None:
            questions = list(questions)
            if any(isinstance(question, CondaPackage) for question in questions):
                asked.put_nowait(True)
            await learn(questions, changed, fresh=fresh)

        monkeypatch.setattr(desk.world, "learn", learn_and_count)
        desk.world.answers[ProjectFiles(PATH)] = Known(())
        desk.open()
        package = await desk.next_asked(CondaPackage)
        desk.world.answer(package, Unavailable("does not answer"))
        for _ in range(5):
            await asyncio.wait_for(asked.get(), 10)

    run(test)


def test_saving_is_a_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sessions, "PAUSE", 3600)

    async def test(desk: Desk) -> None:
        desk.world.answers[ProjectFiles(PATH)] = Known(())
        open_ = desk.open()
        desk.change(open_, TEXT)
        await desk.next()
        desk.session.did_save(str(PATH))
        assert (await desk.next_asked(CondaPackage)).name == "nmpy"

    run(test)


def test_hints_are_given_at_once_and_told_to_be_outdated_once() -> None:
    async def test(desk: Desk) -> None:
        desk.world.answers[ProjectFiles(PATH)] = Known(())
        desk.open()
        await desk.next()
        document = await desk.session.current(str(PATH))
        assert document is not None

        def hints() -> list[str]:
            found = desk.session.at_once(
                str(PATH), document, lambda document, facts: inlay_hints(document, Span(0, len(TEXT)), facts), "hints"
            )
            return [hint.label for hint in found]

        async def installed(version: str) -> int:
            there = {"nmpy": InstalledPackage("nmpy", version, "0")}
            desk.world.answer(Installed("x"), Known(Environment(PurePath("/envs/x"), there, {})))
            await desk.next()
            return desk.outdated

        assert hints() == []
        assert await desk.next_asked(Installed) == Installed("x")
        assert await installed("1.5") == 1
        assert await installed("1.6") == 1, "the editor has been told, and has not asked again yet"
        assert hints() == [], "1.6 is what the line asks for"
        assert await installed("2.0rc1") == 2
        question = await desk.next_asked(Satisfies)
        assert question.found_version == "2.0rc1"
        desk.world.answer(question, Known(value=False))
        assert hints() == ["installed 2.0rc1"]

    run(test)


def test_an_answer_is_seen_by_those_who_asked_and_only_by_them() -> None:
    async def test(desk: Desk) -> None:
        elsewhere = PurePath("/other/environment.yml")
        for path in (PATH, elsewhere):
            desk.world.answers[ProjectFiles(path)] = Known(())
        first = desk.open()
        other = desk.open(elsewhere, TEXT.replace("nmpy", "scipy"))
        assert {(await desk.next())[0] for _ in range(2)} == {first, other}
        question = next(one for one in first.asked if isinstance(one, CondaPackage))
        desk.world.answers[CondaNames(question.channels)] = Unavailable("only the well-known names")
        desk.world.answer(question, Absent("conda-forge"))
        open_, version, _, codes = await desk.next()
        assert (open_, version) == (first, 1)
        assert "ENV501" in codes
        assert desk.published.empty()
        assert desk.failing == [("index", "does not answer")]
        # what was remembered of the package is looked at again, wherever it stands
        desk.world.answer(question, Pending())
        assert "ENV501" not in (await desk.next())[3]

    run(test)


PYTHON = TEXT.replace("- nmpy=1", "- python=3.1\n  - numpy=1.19")
LEFT: list[Callable[[Desk, Open], None]] = [
    lambda desk, open_: desk.session.did_save(open_.uri),
    lambda desk, open_: desk.session.cursor_in(open_.uri, range(1)),
    lambda desk, _: desk.change(desk.open(PurePath("/other/environment.yml")), "name: y\n"),
]


@pytest.mark.parametrize("leave", LEFT, ids=["saved", "cursor elsewhere", "typed in another file"])
def test_a_word_that_is_being_typed_is_not_said_to_be_unknown(leave: Callable[[Desk, Open], None]) -> None:
    async def test(desk: Desk) -> None:
        desk.world.answers[ProjectFiles(PATH)] = Known(())
        open_ = desk.open()
        await desk.next()
        question = next(one for one in open_.asked if isinstance(one, CondaPackage))
        desk.world.answers[CondaNames(question.channels)] = Unavailable("only the well-known names")
        open_.edited = 4
        desk.change(open_, TEXT + "\n")
        await desk.next()
        desk.world.answer(question, Absent("conda-forge"))
        assert "ENV501" not in (await desk.next())[3]
        desk.session.cursor_in(open_.uri, range(4, 5))
        assert desk.published.empty()
        leave(desk, open_)
        while "ENV501" not in (await desk.next())[3]:
            pass
        document = await desk.session.current(open_.uri)
        assert document is not None
        assert desk.session.shown(open_.uri, document) is None, "this machine has not answered yet"
        for one in near(open_.asked):
            if open_.asked[one] is PENDING:
                desk.world.answers[one] = open_.asked[one] = Absent()
        assert "ENV501" in [one.rule.code for one in desk.session.shown(open_.uri, document) or ()]

    run(test)


def test_what_rests_on_the_python_that_is_being_typed_is_not_said() -> None:
    async def test(desk: Desk) -> None:
        desk.world.answers[ProjectFiles(PATH)] = Known(())
        open_ = desk.open(PATH, PYTHON)
        await desk.next()
        python, numpy = [one for one in open_.asked if isinstance(one, CondaPackage)]
        release = Release("1.19.0", pythons=(">=3.9,<3.10.0a0",))
        desk.world.answers[python] = Unavailable("not now")
        desk.world.answers[numpy] = Known(Package("numpy", (release,), newest="1.19.0"))
        desk.world.answers[Satisfying(numpy, "1.19*", "", "3.1*")] = Known(())
        desk.world.answers[Satisfying(numpy, "1.19*")] = Known(("1.19.0",))
        open_.edited = 4
        desk.change(open_, PYTHON + "\n")
        desk.world.answer(numpy, desk.world.answers[numpy])
        assert "ENV508" not in (await desk.next())[3]
        desk.session.cursor_in(open_.uri, range(1))
        while "ENV508" not in (await desk.next())[3]:
            pass

    run(test)


def test_a_change_of_one_document_is_seen_in_another_that_asked() -> None:
    async def test(desk: Desk) -> None:
        run_ = PurePath("/project/aml_config/local.runconfig")
        conda = PurePath("/project/aml_config/x.yml")
        desk.world.answers[FileAt(conda)] = Absent("disk")
        first = desk.open(run_, "Target: local\nCondaDependenciesFile: aml_config/x.yml\nArgumentVector: [a.py]\n")
        assert "AML401" in (await desk.next())[3]
        desk.open(conda, TEXT)
        seen = [await desk.next() for _ in range(2)]
        assert [codes for open_, _, _, codes in seen if open_ is first and "AML401" not in codes]

    run(test)


def test_a_fault_is_logged_once_and_ends_nothing(caplog: pytest.LogCaptureFixture) -> None:
    def broken(path: PurePath) -> Configuration:
        raise ValueError(path)

    async def test(desk: Desk) -> None:
        desk.configuration = broken
        open_ = desk.open()
        assert (await desk.next())[3] == []
        desk.change(open_, TEXT + "\n")
        assert (await desk.next())[3] == []
        desk.configuration = lambda _: Configuration(select=("ENV301",))
        desk.change(open_, TEXT.replace("=1", "=="))
        assert (await desk.next())[3] == ["ENV301"]

    faults._said.clear()  # noqa: SLF001 - other tests may have had the same fault
    with caplog.at_level(logging.ERROR):
        run(test)
    (record,) = caplog.records
    assert "ValueError" in record.getMessage()
    assert "broken" in record.getMessage()
    assert "environment.yml" not in caplog.text


def test_a_very_large_text_is_read_and_judged_in_a_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sessions, "LARGE", 50)

    async def test(desk: Desk) -> None:
        open_ = desk.open()
        document = await desk.session.current(str(PATH))
        assert document is not None
        for number in range(5):
            desk.change(open_, f"{TEXT}# {number}\n")
            await asyncio.sleep(0)
        while True:
            _, version, document, _ = await desk.next()
            assert document.text == (TEXT if version == 1 else f"{TEXT}# {version - 2}\n")
            if version == 6:
                break
        newest = await desk.session.current(str(PATH))
        assert newest is document

    run(test)


def test_a_closed_document_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sessions, "LARGE", 50)

    async def test(desk: Desk) -> None:
        desk.open()
        asking = asyncio.create_task(desk.session.current(str(PATH)))
        await asyncio.sleep(0)
        desk.session.did_close(str(PATH))
        assert await asyncio.wait_for(asking, 10) is None
        desk.open(PurePath("/other/environment.yml"))
        assert (await desk.next())[0].path != PATH
        assert desk.published.empty()
        assert await desk.session.current(str(PATH)) is None
        assert FileAt(PATH) not in desk.world.answers

    run(test)

"""Asking and remembering: look never waits, learn asks once, changes are told, doubt does not flicker."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

from envls.facts import PENDING, Absent, Answer, Facts, FileAt, FolderAt, Known, ProjectFiles, Question, Unavailable
from envls.world import World, settle
from envls.world.source import Source
from world.doubles import Heard, document, run

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True)
class Number(Question[int]):
    of: str


class Oracle:
    """A source that answers when it is told to, and counts."""

    def __init__(self, *answers: Answer[int]) -> None:
        self.answers = list(answers)
        self.asked: list[tuple[str, bool]] = []
        self.gate = asyncio.Event()
        self.gate_behind = asyncio.Event()

    async def __call__(self, question: Number, /, *, fresh: bool) -> Answer[int]:
        self.asked.append((question.of, fresh))
        await (self.gate_behind if fresh else self.gate).wait()
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


def with_oracle(oracle: Oracle, age: float = 1000) -> World:
    world = World()
    world._sources[Number] = Source(oracle, age)  # noqa: SLF001
    return world


def test_one_question_in_flight_is_asked_once_and_all_hear() -> None:
    async def go() -> None:
        oracle = Oracle(Known(7))
        world = with_oracle(oracle)
        one, other = Heard(), Heard()
        tasks = [asyncio.create_task(world.learn([Number("a")], heard)) for heard in (one, other, one)]
        await asyncio.sleep(0)
        assert world.look(Number("a")) is PENDING
        oracle.gate.set()
        await asyncio.gather(*tasks)
        assert world.look(Number("a")) == Known(7)
        assert oracle.asked == [("a", False)]
        assert one.all == other.all == [frozenset({Number("a")})]
        await world.learn([Number("a")], one)
        assert len(oracle.asked) == 1
        await world.aclose()

    run(go)


def test_cancelling_one_who_waits_does_not_cancel_the_question() -> None:
    async def go() -> None:
        oracle = Oracle(Known(7))
        world = with_oracle(oracle)
        heard = Heard()
        first = asyncio.create_task(world.learn([Number("a")], heard))
        second = asyncio.create_task(world.learn([Number("a")], heard))
        await asyncio.sleep(0)
        first.cancel()
        await asyncio.gather(first, return_exceptions=True)
        oracle.gate.set()
        await second
        assert world.look(Number("a")) == Known(7)
        assert len(oracle.asked) == 1
        await world.aclose()

    run(go)


def test_each_answer_is_told_as_it_comes() -> None:
    async def go() -> None:
        quick, slow = Oracle(Known(1)), Oracle(Known(2))
        world = with_oracle(quick)
        world._sources[Number] = Source(  # noqa: SLF001
            lambda question, *, fresh: (slow if question.of == "slow" else quick)(question, fresh=fresh), 1000
        )
        heard = Heard()
        learning = asyncio.create_task(world.learn([Number("slow"), Number("quick")], heard))
        quick.gate.set()
        await heard.news.wait()
        assert world.look(Number("quick")) == Known(1)
        assert world.look(Number("slow")) is PENDING
        assert not learning.done()
        slow.gate.set()
        await learning
        await world.aclose()

    run(go)


def test_an_old_answer_is_served_at_once_and_renewed_behind_it() -> None:
    async def go() -> None:
        old = datetime.now(timezone.utc) - timedelta(hours=7)
        oracle = Oracle(Known(1, "store", old), Known(2, "index", datetime.now(timezone.utc)))
        oracle.gate.set()
        world = with_oracle(oracle, age=6 * 3600)
        heard = Heard()
        await world.learn([Number("a")], heard)
        assert world.look(Number("a")) == Known(1, "store", old)
        oracle.gate_behind.set()
        await world.learn([Number("a")], heard, fresh=True)
        assert oracle.asked == [("a", False), ("a", True)]
        assert len(heard.all) == 2
        await world.learn([Number("a")], heard, fresh=True)
        assert len(oracle.asked) == 2
        await world.aclose()

    run(go)


def test_the_same_answer_again_is_no_news() -> None:
    async def go() -> None:
        oracle = Oracle(Known(1, "here", datetime.fromtimestamp(1, timezone.utc)))
        oracle.gate.set()
        oracle.gate_behind.set()
        world = with_oracle(oracle)
        heard = Heard()
        await world.learn([Number("a")], heard, fresh=True)
        assert len(oracle.asked) == 2
        assert len(heard.all) == 1
        await world.aclose()

    run(go)


def test_a_source_that_fails_by_mistake_is_unavailable_not_silent() -> None:
    class Broken:
        async def __call__(self, _: Any, /, *, fresh: bool) -> Answer[int]:
            raise ZeroDivisionError(f"https://user:secret@example.com {fresh}")

    async def go() -> None:
        world = World()
        world._sources[Number] = Source(Broken(), 10)  # noqa: SLF001
        await world.learn([Number("a")], Heard())
        answer = world.look(Number("a"))
        assert isinstance(answer, Unavailable)
        assert "secret" not in answer.reason
        await world.aclose()

    run(go)


def test_a_world_closes_while_questions_are_on_their_way() -> None:
    async def go() -> None:
        world = with_oracle(Oracle(Known(1)))
        learning = asyncio.create_task(world.learn([Number("a")], Heard()))
        await asyncio.sleep(0)
        await world.aclose()
        await learning
        assert world.look(Number("a")) is PENDING

    run(go)


def test_settle_runs_a_view_until_it_has_what_it_asks_for() -> None:
    async def go() -> None:
        oracle = Oracle(Known(1))
        oracle.gate.set()
        world = with_oracle(oracle)

        def view(facts: Facts) -> int | None:
            return facts.value(Number("b")) if facts.value(Number("a")) else None

        result, facts = await settle(view, world, 10)
        assert result == 1
        assert set(facts.asked) == {Number("a"), Number("b")}
        await world.aclose()

    run(go)


def test_settle_gives_what_it_has_when_time_is_up() -> None:
    async def go() -> None:
        world = with_oracle(Oracle(Known(1)))
        result, facts = await settle(lambda facts: facts.ask(Number("a")), world, 0.01)
        assert result is PENDING
        assert facts.asked == {Number("a"): PENDING}
        await world.aclose()

    run(go)


# -- files ----------------------------------------------------------------------------------------------------


def text_of(world: World, path: Path) -> str | None:
    answer = world.look(FileAt(path))
    return answer.value.text if isinstance(answer, Known) else None


def test_a_file_is_the_buffer_before_the_disk(tmp_path: Path) -> None:
    async def go() -> None:
        world = World()
        path = tmp_path / "environment.yml"
        path.write_text("disk")
        heard = Heard()
        await world.learn([FileAt(path), FolderAt(tmp_path)], heard)
        assert text_of(world, path) == "disk"
        assert world.open(path, document(path, "buffer")) == {FileAt(path)}
        assert text_of(world, path) == "buffer"
        world.open(path, "typed")
        assert text_of(world, path) == "typed"
        world.open(path, document(path, "buffer"))
        path.write_text("disk, later")
        assert world.touched([path]) == {FolderAt(tmp_path)}
        assert text_of(world, path) == "buffer"
        assert FileAt(path) in world.close(path)
        assert text_of(world, path) == "buffer", "stands until it is asked again, so that no finding flickers"
        assert FileAt(path) in world.unsettled([FileAt(path)])
        await world.learn([FileAt(path)], heard)
        assert text_of(world, path) == "disk, later"
        assert not world.unsettled([FileAt(path)])
        await world.aclose()

    run(go)


def test_a_new_buffer_belongs_to_its_folder_and_project(tmp_path: Path) -> None:
    async def go() -> None:
        world = World(folders=[tmp_path])
        (tmp_path / "a.yml").write_text("")
        new = tmp_path / "b.yml"
        near = ProjectFiles(tmp_path / "a.yml")
        await world.learn([FileAt(new), FolderAt(tmp_path), near], Heard())
        assert world.look(FileAt(new)) == Absent("disk")
        doubted = world.open(new, document(new, ""))
        assert doubted == {FileAt(new), FolderAt(tmp_path), near}
        await world.learn(doubted, Heard())
        assert world.look(near) == Known((tmp_path / "a.yml", new), "disk")
        assert world.look(FolderAt(tmp_path)) == Known(("a.yml", "b.yml"), "disk")
        await world.aclose()

    run(go)


def test_a_change_on_disk_tells_who_asked(tmp_path: Path) -> None:
    async def go() -> None:
        world = World()
        path = tmp_path / "x.yml"
        heard = Heard()
        await world.learn([FileAt(path), FolderAt(tmp_path)], heard)
        path.write_text("there")
        doubted = world.touched([path])
        assert doubted == {FileAt(path), FolderAt(tmp_path)}
        await world.learn(doubted, heard)
        assert text_of(world, path) == "there"
        assert heard.all[-1] | heard.all[-2] == doubted
        await world.aclose()

    run(go)

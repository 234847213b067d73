"""How the server fares on a channel of conda-forge's size: run by `make world`, never as a test.

A real server process over stdio, the channel on loopback in a process of its own. Memory is read from Linux's /proc.
"""

from __future__ import annotations

import sys
import threading
import time
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from server.editor import Editor

from world.large_channel import NAMES, default_folder, make, names_by_subdir, serving

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from world.large_channel import Served

PATIENCE = 120.0
DEPENDENCIES = 50
TYPED = ("num", "sci", "py", "ma", "ge", "data-c", "z", "op", "te", "a")
FORMS = ("sharded", "zst", "json")


class Measured:
    """One home and one channel; servers come and go."""

    def __init__(self, served: Served, form: str, home: Path) -> None:
        self.served = served
        self.channel = served.channel(form)
        self.home = home
        self.folder = home / "project"
        self.folder.mkdir()
        (home / ".condarc").write_text("channels: []\n")

    @contextmanager
    def editor(self) -> Iterator[Editor]:
        editor = Editor(self.folder, home=self.home, settings={"offline": False})
        try:
            yield editor
            editor.end()
        finally:
            editor.kill()

    def text(self, dependencies: list[str]) -> str:
        return "\n".join(
            [
                "name: large",
                f"channels: [{self.channel}]",
                "dependencies:",
                *(f"  - {name}" for name in dependencies),
                "",
            ]
        )

    def opened(self, editor: Editor, dependencies: list[str]) -> str:
        return editor.open("environment.yml", self.text(dependencies))

    def has_names(self, editor: Editor, uri: str, word: str) -> bool:
        items = editor.request("textDocument/completion", editor.at(uri, word, behind=True))["items"]
        return any(self.channel in item.get("detail", "") for item in items)

    def has_card(self, editor: Editor, uri: str, number: int) -> bool:
        return "newest" in str(editor.request("textDocument/hover", dependency(uri, number)))


def dependency(uri: str, number: int) -> dict[str, Any]:
    """The place of a dependency, counted from 0, in a text as `text` writes it."""
    return {"textDocument": {"uri": uri}, "position": {"line": 3 + number, "character": 5}}


def _until(sign: Callable[[], bool], pause: float = 0.02) -> float:
    """Seconds until `sign`; asks again after each pause."""
    began = time.perf_counter()
    while not sign():
        if time.perf_counter() - began > PATIENCE:
            raise TimeoutError("it does not come")
        time.sleep(pause)
    return time.perf_counter() - began


def _each(ask: Callable[[Any], object], values: list[Any]) -> list[float]:
    """Milliseconds for each."""
    took = []
    for value in values:
        began = time.perf_counter()
        ask(value)
        took.append(1000 * (time.perf_counter() - began))
    return took


def _p95(took: list[float]) -> str:
    return f"p95 {quantiles(took, n=20)[-1]:.1f} ms, median {median(took):.1f}, most {max(took):.1f}"


def first_names(measured: Measured, kind: str) -> None:
    with measured.editor() as editor:
        began = time.perf_counter()
        uri = measured.opened(editor, ["data-c"])
        _until(lambda: measured.has_names(editor, uri, "data-c"))
        _print(f"first names after didOpen, {kind}", f"{1000 * (time.perf_counter() - began):.0f} ms")


def fifty(measured: Measured, names: list[str], kind: str) -> None:
    """Open a file of fifty dependencies and let everything come in."""
    measured.served.requests()
    with measured.editor() as editor:
        uri = measured.opened(editor, names)
        took = _until(lambda: measured.has_card(editor, uri, len(names) - 1))
        for number in range(len(names)):
            _until(partial(measured.has_card, editor, uri, number))
        paths = measured.served.requests()
        _print(f"{len(names)} dependencies, {kind}", f"{len(paths)} requests, {len(paths) - len(set(paths))} twice")
        _print("    the last one's card after didOpen", f"{1000 * took:.0f} ms")


def warm(measured: Measured, names: list[str]) -> None:
    with measured.editor() as editor:
        uri = measured.opened(editor, [*names, "net"])
        _until(lambda: measured.has_card(editor, uri, 0))
        places = [dependency(uri, number) for number in range(len(names))] * 4
        _print("hover, warm", _p95(_each(lambda place: editor.request("textDocument/hover", place), places)))
        _until(lambda: measured.has_names(editor, uri, "- net"))

        place = dependency(uri, len(names))

        def typed(word: str) -> None:
            editor.change(uri, editor.shown[uri].text.splitlines()[-1], f"  - {word}")
            place["position"]["character"] = 4 + len(word)
            editor.request("textDocument/completion", place)

        letters = [word[: 1 + end] for word in TYPED for end in range(len(word))]
        _print("completion of a name while typing, warm", _p95(_each(typed, letters * 5)))
        _print("memory of the server (anonymous)", f"{_anonymous(editor.process.pid):.0f} MiB")


def loading(measured: Measured) -> None:
    """While the whole repodata comes in."""
    peak, ended = [0.0, 0.0, 0.0], threading.Event()

    def watch(pid: int) -> None:
        while not ended.wait(0.05):
            server, children = _anonymous(pid), sum(map(_anonymous, _children(pid)))
            for place, value in enumerate((server, children, server + children)):
                peak[place] = max(peak[place], value)

    measured.served.requests()
    with measured.editor() as editor:
        threading.Thread(target=watch, args=(editor.process.pid,), daemon=True).start()
        began = time.perf_counter()
        uri = measured.opened(editor, ["numpy", "data-c"])
        took: list[float] = []
        seen: dict[str, float] = {}

        def note(what: str, sign: bool) -> None:
            if sign and what not in seen:
                seen[what] = time.perf_counter() - began

        def done() -> bool:
            took.extend(_each(lambda _: editor.request("textDocument/hover", editor.at(uri, "dependencies")), [0] * 5))
            note("the first names after didOpen, cold store", measured.has_names(editor, uri, "data-c"))
            note("the first card", measured.has_card(editor, uri, 0))
            return len(seen) == 2 and not _children(editor.process.pid)

        _until(done, 0.25)  # asking takes its turn of the two processes
        for what, seconds in seen.items():
            _print(what, f"{seconds:.1f} s")
        _print("the whole", f"{time.perf_counter() - began:.1f} s")
        _print("hover of a key meanwhile", _p95(took))
        ended.set()
        server, children, both = peak
        _print("most memory (anonymous)", f"{both:.0f} MiB together: server {server:.0f}, child {children:.0f}")
        _print("requests", f"{len(measured.served.requests())}")


def _anonymous(pid: int) -> float:
    """MiB; 0 where the process has ended."""
    try:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Anonymous:"):
                return int(line.split()[1]) / 1024
    except OSError:
        pass
    return 0.0


def _children(pid: int) -> list[int]:
    try:
        return [
            int(child) for file in Path(f"/proc/{pid}/task").glob("*/children") for child in file.read_text().split()
        ]
    except OSError:
        return []


def _print(what: str, figure: str) -> None:
    print(f"  {what:<46} {figure}", flush=True)


def main(forms: list[str]) -> None:
    folder = default_folder()
    print(f"the channel in {folder}", flush=True)
    make(folder)
    packages = names_by_subdir(NAMES)["linux-64"]
    names = packages[:: len(packages) // DEPENDENCIES][:DEPENDENCIES]
    with serving(folder) as served:
        for form in forms:
            print(form)
            with TemporaryDirectory(prefix="envls-home-") as home:
                measured = Measured(served, form, Path(home))
                if form == "sharded":
                    first_names(measured, "cold store")
                    first_names(measured, "warm store")
                    fifty(measured, names, "cold store")
                else:
                    loading(measured)
                    first_names(measured, "warm store")
                fifty(measured, names, "warm store")
                warm(measured, names)


if __name__ == "__main__":
    main(sys.argv[1:] or list(FORMS))

"""A real server and a channel on loopback that is read as a whole: what a person sees meanwhile, and then."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from world.large_channel import make, names_by_subdir
from world.loopback import Reply, Request, folder, serving

from server.editor import FULL, Editor

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SHARDS = "repodata_shards.msgpack.zst"
TEXT = "name: x\nchannels: [large, nodefaults]\ndependencies:\n  - numpy\n  - data\n"
NAMES = 200


def test_a_channel_is_shown_to_be_read_and_then_known(start: Callable[..., Editor], tmp_path: Path) -> None:
    made = make(tmp_path / "channels" / "large", NAMES, 1000).parent
    serve, wanted = folder(made, without=(SHARDS,)), threading.Event()

    def slowly(request: Request) -> Reply:
        if not request.path.endswith(SHARDS):
            wanted.wait(30)
        return serve(request)

    with serving(slowly) as server:
        (tmp_path / "home" / ".condarc").write_text(f"channel_alias: {server.url}\n")
        editor = start(capabilities={**FULL, "window": {"workDoneProgress": True}}, settings={"offline": False})
        uri = editor.open("environment.yml", TEXT)

        def card() -> str:
            return str(editor.request("textDocument/hover", editor.at(uri, "numpy")))

        def progress(kind: str) -> dict[str, str]:
            heard = editor.wait(
                lambda message: message.get("method") == "$/progress" and message["params"]["value"]["kind"] == kind
            )
            value: dict[str, str] = heard["params"]["value"]
            return value

        while "Reading large" not in card():
            assert "newest" not in card()
        assert progress("begin")["title"] == "Reading large (linux-64)"
        wanted.set()
        progress("end")
        while "newest" not in card():
            assert "not known" not in card()
        items = editor.request("textDocument/completion", editor.at(uri, "- data", behind=True))["items"]
        everything = {name for names in names_by_subdir(NAMES).values() for name in names}
        offered = {item["label"] for item in items if item.get("detail") == "large"}
        assert offered >= {name for name in everything if name.startswith("data")}
        assert editor.end() == 0

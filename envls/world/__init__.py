"""The only room with a network and a disk: it answers the questions of `facts`.

It knows no rules and no protocol. `World.look` never waits; `World.learn` asks, and tells what has changed.
Nothing heavy (rattler, requests, sqlite3, yaml) is imported before the first question that needs it, and then
in a thread. No secret leaves this room: reasons, logs and the store show addresses redacted.
"""

from __future__ import annotations

from envls.world.settings import Settings
from envls.world.settle import settle
from envls.world.world import World

__all__ = ["Settings", "World", "settle"]

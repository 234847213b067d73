"""A conda channel in shards and a pip index that have a few packages under their real names, with real versions.

Small enough to be read here, large enough to write an environment with: builds for several Pythons, extras, dates.
"""

from __future__ import annotations

from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from world.loopback import Reply
from world.shards import Sharded, shard_of
from world.simple_index import File, Index

if TYPE_CHECKING:
    from collections.abc import Callable

    from world.loopback import Request

PYTHONS = ("3.11", "3.12", "3.13")
CHANNEL = {
    "python": "3.13.9 2025-10-14, 3.12.12 2025-10-10, 3.11.14 2025-10-10, 3.10.19 2025-10-10, 3.9.24 2025-10-10",
    "numpy": "2.3.4 2025-10-15, 2.2.6 2025-05-17, 2.1.3 2024-11-02, 2.0.2 2024-08-26, 1.26.4 2024-02-06",
    "pandas": "2.3.3 2025-09-29, 2.2.3 2024-09-20, 2.1.4 2023-12-08",
    "scikit-learn": "1.7.2 2025-09-09, 1.7.1 2025-07-18, 1.6.1 2025-01-10, 1.5.2 2024-09-11",
    "scikit-image": "0.25.2 2025-02-18, 0.24.0 2024-06-18",
    "scipy": "1.16.3 2025-10-28, 1.15.3 2025-05-08",
    "xgboost": "3.1.1 2025-10-22, 3.0.5 2025-09-05",
    "pip": "25.3 2025-10-25, 25.2 2025-07-30",
    "pyarrow": "22.0.0 2025-10-24, 21.0.0 2025-07-18",
    "matplotlib": "3.10.7 2025-10-09, 3.9.4 2024-12-13",
    "jupyterlab": "4.4.10 2025-10-22",
    "pytest": "8.4.2 2025-09-04",
    "polars": "1.34.0 2025-10-02",
    "numba": "0.62.1 2025-09-30",
    "pandoc": "3.8.2 2025-10-15",
    "pandera": "0.26.1 2025-08-26",
    "sqlalchemy": "2.0.44 2025-10-10",
    "setuptools": "80.9.0 2025-05-27",
}
"""What the channel has: versions, newest first, each with its day."""
_PURE = ("python", "pip", "pandoc", "jupyterlab", "pytest", "pandera", "setuptools", "matplotlib")
INDEX = {
    "fastapi": ("0.120.4 2025-10-31, 0.119.1 2025-10-20", "standard all", "A web framework for building APIs"),
    "uvicorn": ("0.38.0 2025-10-18, 0.37.0 2025-09-23, 0.35.0 2025-06-28", "standard", "An ASGI web server"),
    "mlflow": ("3.5.1 2025-10-22, 3.4.0 2025-09-17", "extras sqlserver", "Tracks experiments and models"),
}
"""What the index has: versions as above, extras, and a summary."""


def conda_channel() -> Sharded:
    """Answers for a channel, whatever its name is."""
    return Sharded({name: shard_of(*_records(name, listed)) for name, listed in CHANNEL.items()})


def pip_index() -> Callable[[Request], Reply]:
    """Answers for a simple index below `/simple/`."""
    projects = {name: _project(name, *entry) for name, entry in INDEX.items()}
    nobody = Index([], name="")

    def answer(request: Request) -> Reply:
        name = request.path.split("/")[2].partition("-")[0]
        return projects.get(name, nobody)(request)

    return answer


def _releases(listed: str) -> list[tuple[str, datetime]]:
    releases = (one.split() for one in listed.split(", "))
    return [(version, datetime.fromisoformat(day).replace(tzinfo=timezone.utc)) for version, day in releases]


def _records(name: str, listed: str) -> list[dict[str, Any]]:
    return [
        {
            "name": name,
            "version": version,
            "build": f"py{python.replace('.', '')}h1a2b3c4_0" if python else "h1a2b3c4_0",
            "depends": _python(python),
            "license": "BSD-3-Clause",
            "timestamp": int(day.timestamp() * 1000),
        }
        for version, day in _releases(listed)
        for python in (PYTHONS if name not in _PURE else ("",))
    ]


def _python(version: str) -> list[str]:
    if not version:
        return []
    following = f"3.{int(version.partition('.')[2]) + 1}"
    return [f"python >={version},<{following}.0a0", f"python_abi {version}.* *_cp{version.replace('.', '')}"]


def _project(name: str, listed: str, extras: str, summary: str) -> Index:
    releases = _releases(listed)
    lines = (
        *("Metadata-Version: 2.1", f"Name: {name}", "Version: {version}", f"Summary: {summary}", "License: MIT"),
        *(f"Provides-Extra: {extra}" for extra in extras.split()),
    )
    return Index(
        [
            File(version, f"{day.date()}T00:00:00Z", ">=3.10", advertised=True, project=name)
            for version, day in releases
        ],
        described=tuple(version for version, _ in releases),
        name=name,
        metadata="\n".join(lines) + "\n",
    )

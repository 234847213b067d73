"""What conda is configured for on this machine: the chain of `.condarc` files, then the `CONDA_*` variables.

Only the keys that tell where packages are and where environments stand. A file that cannot be read is left out
and named as a problem; the others count.
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

T = TypeVar("T")
CHANNEL_ALIAS = "https://conda.anaconda.org"
LARGEST = 100_000
"""Bytes of the largest file that is read."""
_YES = frozenset({"1", "true", "yes", "on", "y"})


@dataclass(frozen=True, slots=True)
class Condarc:
    """The configuration. Channels are as written; `default_channels` is None where conda's own count."""

    channels: tuple[str, ...] = ()
    default_channels: tuple[str, ...] | None = None
    channel_alias: str = CHANNEL_ALIAS
    custom_channels: Mapping[str, str] = field(default_factory=dict)
    custom_multichannels: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    channel_priority: str = "flexible"
    offline: bool = False
    ssl_verify: bool | str = True
    client_cert: str | tuple[str, str] | None = None
    proxy_servers: Mapping[str, str] = field(default_factory=dict)
    envs_dirs: tuple[Path, ...] = ()
    pkgs_dirs: tuple[Path, ...] = ()
    problems: tuple[str, ...] = ()


def read_condarc(environment: Mapping[str, str], files: Sequence[Path] | None = None) -> Condarc:
    """The configuration in this environment. `files` replace conda's own list, the weakest first."""
    found = Condarc()
    for file in configuration_files(environment) if files is None else files:
        content = _load(file)
        if isinstance(content, str):
            found = replace(found, problems=(*found.problems, f"{file} is not read: {content}"))
        else:
            found = _merged(found, _expanded(content, environment))
    return _merged(found, _variables(environment))


def configuration_files(environment: Mapping[str, str]) -> list[Path]:
    """Where conda looks for its configuration, the weakest first; those that exist."""
    home = Path(os.path.expanduser("~"))  # noqa: PTH111 - Path.expanduser raises where there is no home
    shared = [Path("C:/ProgramData/conda")] if sys.platform == "win32" else [Path("/etc/conda"), Path("/var/lib/conda")]
    places = [*shared]
    if root := _root(environment):
        places.append(root)
    if xdg := environment.get("XDG_CONFIG_HOME"):
        places.append(Path(xdg, "conda"))
    places += [home / ".config" / "conda", home / ".conda"]
    files = [file for place in places for file in _in_place(place)]
    files.append(home / ".condarc")
    if prefix := environment.get("CONDA_PREFIX"):
        files += _in_place(Path(prefix))
    if own := environment.get("CONDARC"):
        files.append(Path(own))
    return [file for file in dict.fromkeys(files) if file.is_file()]


def _in_place(place: Path) -> Iterator[Path]:
    yield place / ".condarc"
    yield place / "condarc"
    try:
        yield from sorted(file for file in (place / "condarc.d").iterdir() if file.suffix in (".yml", ".yaml"))
    except OSError:
        return


def _root(environment: Mapping[str, str]) -> Path | None:
    if root := environment.get("CONDA_ROOT"):
        return Path(root)
    if conda := environment.get("CONDA_EXE"):
        return Path(conda).parent.parent
    return None


def _load(file: Path) -> dict[str, Any] | str:
    """The content of a file, or why there is none."""
    import yaml  # noqa: PLC0415 - 10 ms, in a thread

    try:
        if file.stat().st_size > LARGEST:
            return f"it is larger than {LARGEST // 1000} kB"
        content = yaml.safe_load(file.read_text("utf-8"))  # not libyaml, where deep nesting ends the process
    except OSError as error:
        return error.strerror or "it cannot be opened"
    except (ValueError, yaml.YAMLError, RecursionError):
        return "it is no YAML"
    if content is None:
        return {}
    return {str(key): value for key, value in content.items()} if isinstance(content, dict) else "it is no mapping"


def _variables(environment: Mapping[str, str]) -> dict[str, Any]:
    """The variables as a file would say it. Of lists the items are divided as conda divides them."""
    found: dict[str, Any] = {}
    for key in ("CHANNEL_ALIAS", "CHANNEL_PRIORITY", "OFFLINE"):
        if value := environment.get(f"CONDA_{key}"):
            found[key.lower()] = value
    for key, divider in (
        ("CHANNELS", ","),
        ("DEFAULT_CHANNELS", ","),
        ("ENVS_DIRS", os.pathsep),
        ("PKGS_DIRS", os.pathsep),
    ):
        value = environment.get(f"CONDA_{key}") or (environment.get("CONDA_ENVS_PATH") if key == "ENVS_DIRS" else None)
        if value:
            found[key.lower()] = [item.strip() for item in value.split(divider) if item.strip()]
    return found


def _merged(found: Condarc, content: Mapping[str, Any]) -> Condarc:
    """`found` with what a stronger file says: its lists come first, its mappings and plain values win."""
    multi = {
        name: tuple(map(str, items))
        for name, items in _mapping(content, "custom_multichannels")
        if isinstance(items, list)
    }
    default = _texts(content, "default_channels")
    return replace(
        found,
        channels=_joined(_texts(content, "channels") or (), found.channels),
        default_channels=found.default_channels if default is None else _joined(default, found.default_channels or ()),
        channel_alias=str(content.get("channel_alias") or found.channel_alias).rstrip("/"),
        custom_channels={
            **found.custom_channels,
            **{name: str(url) for name, url in _mapping(content, "custom_channels")},
        },
        custom_multichannels={**found.custom_multichannels, **multi},
        channel_priority=_priority(content.get("channel_priority"), found.channel_priority),
        offline=_flag(content.get("offline"), found.offline),
        envs_dirs=_joined(_folders(content, "envs_dirs"), found.envs_dirs),
        pkgs_dirs=_joined(_folders(content, "pkgs_dirs"), found.pkgs_dirs),
    )


def _texts(content: Mapping[str, Any], key: str) -> tuple[str, ...] | None:
    value = content.get(key)
    if isinstance(value, str):
        return (value,)
    return tuple(str(item) for item in value if item is not None) if isinstance(value, list) else None


def _mapping(content: Mapping[str, Any], key: str) -> list[tuple[str, Any]]:
    value = content.get(key)
    return [(str(name), item) for name, item in value.items()] if isinstance(value, dict) else []


def _folders(content: Mapping[str, Any], key: str) -> tuple[Path, ...]:
    return tuple(Path(os.path.expanduser(text)) for text in _texts(content, key) or ())  # noqa: PTH111


def _expanded(value: Any, environment: Mapping[str, str]) -> Any:
    """The user's own file may name variables anywhere; those that are not set stay as they are."""
    from string import Template  # noqa: PLC0415 - only here

    match value:
        case str():
            return Template(value).safe_substitute(environment) if "$" in value else value
        case list():
            return [_expanded(item, environment) for item in value]
        case dict():
            return {key: _expanded(item, environment) for key, item in value.items()}
        case _:
            return value


def _priority(value: object, former: str) -> str:
    if isinstance(value, bool):  # conda < 4.6: true and false
        return "flexible" if value else "disabled"
    text = str(value or former).lower()
    return {"true": "flexible", "false": "disabled"}.get(text, text)


def _flag(value: object, former: bool) -> bool:
    return former if value is None else str(value).lower() in _YES


def _joined(stronger: tuple[T, ...], weaker: tuple[T, ...]) -> tuple[T, ...]:
    return tuple(dict.fromkeys((*stronger, *weaker)))

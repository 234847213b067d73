"""What conda is configured for on this machine: the chain of `.condarc` files, then the `CONDA_*` variables.

Only the keys that tell where packages are, how they are reached, and where environments stand. A file that cannot be
read is left out and named as a problem; the others count.
"""

from __future__ import annotations

import os
import re
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from envls.world import layers
from envls.world.environments import home_folder, installations
from envls.world.layers import Said

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

T = TypeVar("T")
CHANNEL_ALIAS = "https://conda.anaconda.org"
LARGEST = 100_000
"""Bytes of the largest file that is read."""
_YES = frozenset({"1", "true", "yes", "on", "y"})
_NO = frozenset({"0", "false", "no", "off", "n", "none", "non", ""})
_SYSTEM_CERTIFICATES = "truststore"
_FLAG = re.compile(r"#!(final|top|bottom)\s*$")
_VARIABLE = re.compile(r"\$(?:(\w+)|\{([^}]*)\})" + (r"|%(\w+)%" if sys.platform == "win32" else ""))
_ALIASES = {
    "channel": "channels",
    "verify_ssl": "ssl_verify",
    "client_cert": "client_ssl_cert",
    "client_cert_key": "client_ssl_cert_key",
    "add_binstar_token": "add_anaconda_token",
    "whitelist_channels": "allowlist_channels",
    "envs_path": "envs_dirs",
}
_LISTS_BY_VARIABLE = {
    "channels": ",",
    "default_channels": ",",
    "migrated_channel_aliases": ",",
    "allowlist_channels": ",",
    "denylist_channels": ",",
    "envs_dirs": os.pathsep,
    "pkgs_dirs": ",",
}
"""The lists that a variable may say, and what conda divides them by."""
_PLAIN_BY_VARIABLE = (
    *("channel_alias", "channel_priority", "offline", "ssl_verify", "client_ssl_cert", "client_ssl_cert_key"),
    "add_anaconda_token",
)


@dataclass(frozen=True, slots=True, repr=False)
class Condarc:
    """The configuration. Channels are as written, with their secrets; `default_channels` is None where conda's own
    count. `ssl_verify` is a path, or whether certificates are looked at."""

    channels: tuple[str, ...] = ()
    default_channels: tuple[str, ...] | None = None
    channel_alias: str = CHANNEL_ALIAS
    custom_channels: Mapping[str, str] = field(default_factory=dict)
    custom_multichannels: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    migrated_channel_aliases: tuple[str, ...] = ()
    migrated_custom_channels: Mapping[str, str] = field(default_factory=dict)
    allowlist_channels: tuple[str, ...] = ()
    denylist_channels: tuple[str, ...] = ()
    channel_priority: str = "flexible"
    add_anaconda_token: bool = True
    offline: bool = False
    ssl_verify: bool | str = True
    client_cert: str | tuple[str, str] | None = None
    proxy_servers: Mapping[str, str] = field(default_factory=dict)
    envs_dirs: tuple[Path, ...] = ()
    pkgs_dirs: tuple[Path, ...] = ()
    problems: tuple[str, ...] = ()


def read_condarc(environment: Mapping[str, str], files: Sequence[Path] | None = None) -> Condarc:
    """The configuration in this environment. `files` replace conda's own list, the weakest first."""
    problems: list[str] = []
    by_key: dict[str, list[Said]] = {}
    for file in configuration_files(environment) if files is None else files:
        found = _load(file)
        if isinstance(found, str):
            problems.append(f"{file} is not read: {found}")
        else:
            for key, said in found.items():
                expanded = said._replace(value=_expanded(said.value, environment))
                by_key.setdefault(_ALIASES.get(key, key), []).append(expanded)
    for key, value in _variables(environment):
        by_key.setdefault(key, []).append(Said(value))
    return _merged(by_key, tuple(problems))


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
    """Where conda itself stands: its installer leaves a `.condarc` there, and an editor knows no variable of it."""
    roots = installations(environment, home_folder())
    return next((root for root in roots if (root / "conda-meta").is_dir()), roots[0] if roots else None)


# -- one file -------------------------------------------------------------------------------------------------


def _load(file: Path) -> dict[str, Said] | str:
    """What a file says, or why nothing."""
    import yaml  # noqa: PLC0415 - 10 ms, in a thread

    try:
        if file.stat().st_size > LARGEST:
            return f"it is larger than {LARGEST // 1000} kB"
        text = file.read_text("utf-8")
        content = yaml.safe_load(text)  # not libyaml, where deep nesting ends the process
        if content is None:
            return {}
        if not isinstance(content, dict):
            return "it is no mapping"
        flags = _flags(yaml.compose(text, yaml.SafeLoader), text.splitlines()) if "#!" in text else {}
    except OSError as error:
        return error.strerror or "it cannot be opened"
    except (ValueError, yaml.YAMLError, RecursionError):
        return "it is no YAML"
    return {str(key): Said(value, *flags.get(str(key), ())) for key, value in content.items()}


def _flags(root: Any, lines: Sequence[str]) -> dict[str, tuple[str, dict[int | str, str]]]:
    """The marks of each key, and of what is in it; `root` is a node of PyYAML."""

    def flag(node: Any) -> str:
        line = lines[node.start_mark.line] if node.start_mark.line < len(lines) else ""
        return found[1] if (found := _FLAG.search(line)) else ""

    marked: dict[str, tuple[str, dict[int | str, str]]] = {}
    for key, value in root.value:
        within: dict[int | str, str] = {}
        if value.id == "sequence":
            within = {at: flag(item) for at, item in enumerate(value.value)}
        elif value.id == "mapping":
            within = {str(name.value): flag(name) for name, _ in value.value}
        marked[str(key.value)] = flag(key), within
    return marked


def _variables(environment: Mapping[str, str]) -> Iterator[tuple[str, Any]]:
    """The variables as a file would say it."""
    names = {**{alias: alias for alias in _ALIASES}, **{key: key for key in (*_LISTS_BY_VARIABLE, *_PLAIN_BY_VARIABLE)}}
    for name in names:
        key, value = _ALIASES.get(name, name), environment.get(f"CONDA_{name.upper()}")
        if not value:
            continue
        if divider := _LISTS_BY_VARIABLE.get(key):
            yield key, [item.strip() for item in value.split(divider) if item.strip()]
        else:
            yield key, value


def _expanded(value: Any, environment: Mapping[str, str]) -> Any:
    """The user's own file may name variables anywhere; those that are not set stay as they are."""
    match value:
        case str():
            return _VARIABLE.sub(lambda found: environment.get(next(filter(None, found.groups()), ""), found[0]), value)
        case list():
            return [_expanded(item, environment) for item in value]
        case dict():
            return {key: _expanded(item, environment) for key, item in value.items()}
        case _:
            return value


# -- all of them ----------------------------------------------------------------------------------------------


def _merged(by_key: Mapping[str, Sequence[Said]], problems: tuple[str, ...]) -> Condarc:
    def texts(key: str) -> tuple[str, ...]:
        return layers.texts(by_key.get(key, ()))

    def plain(key: str) -> Any:
        return layers.plain(by_key.get(key, ()))

    def texts_by_name(key: str) -> dict[str, str]:
        found = layers.mapping(by_key.get(key, ()))
        return {name: str(value) for name, value in found.items() if not isinstance(value, dict | list | None)}

    several = layers.mapping(by_key.get("custom_multichannels", ()))
    certificate, its_key = _user_path(plain("client_ssl_cert")), _user_path(plain("client_ssl_cert_key"))
    return Condarc(
        channels=texts("channels"),
        default_channels=texts("default_channels") if "default_channels" in by_key else None,
        channel_alias=str(plain("channel_alias") or CHANNEL_ALIAS).rstrip("/"),
        custom_channels=texts_by_name("custom_channels"),
        custom_multichannels={
            name: tuple(map(str, items)) for name, items in several.items() if isinstance(items, list)
        },
        migrated_channel_aliases=texts("migrated_channel_aliases"),
        migrated_custom_channels=texts_by_name("migrated_custom_channels"),
        allowlist_channels=texts("allowlist_channels"),
        denylist_channels=texts("denylist_channels"),
        channel_priority=_priority(plain("channel_priority")),
        add_anaconda_token=_flag(plain("add_anaconda_token"), True),
        offline=_flag(plain("offline"), False),
        ssl_verify=_verify(plain("ssl_verify")),
        client_cert=(certificate, its_key) if certificate and its_key else certificate,
        proxy_servers=texts_by_name("proxy_servers"),
        envs_dirs=tuple(Path(_user_path(text)) for text in texts("envs_dirs")),
        pkgs_dirs=tuple(Path(_user_path(text)) for text in texts("pkgs_dirs")),
        problems=problems,
    )


def _priority(value: object) -> str:
    text = str("flexible" if value is None else value).lower()  # conda < 4.6: true and false
    return {"true": "flexible", "false": "disabled"}.get(text, text)


def _flag(value: object, default: bool) -> bool:
    return default if value is None else str(value).lower() in _YES


def _verify(value: object) -> bool | str:
    text = str(True if value is None else value).strip()
    if text.lower() in _NO:
        return False
    return True if text.lower() in (*_YES, _SYSTEM_CERTIFICATES) else str(_user_path(text))


def _user_path(text: T) -> T | str:
    return os.path.expanduser(text) if isinstance(text, str) else text  # noqa: PTH111 - as above

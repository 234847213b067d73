"""What pip is configured for on this machine, read as pip reads it: its files in its order, then its variables.

pip's own code is not used: it may be of any version, in an environment that is only looked at.
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from envls.url import Url

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

_NAME = "pip.ini" if sys.platform == "win32" else "pip.conf"
_SECTIONS = ("global", "install")
"""Those that `pip install` reads, the weaker first, whichever file they stand in."""
_YES = frozenset({"1", "true", "yes", "on", "y", "t"})


@dataclass(frozen=True, slots=True)
class PipConfig:
    """`index` is None where pip uses its default; `links` are the addresses and paths of `find-links`; `cert` is a file of
    certificates; `problems` name files that are not read."""

    index: Url | None = None
    extra: tuple[Url, ...] = ()
    links: tuple[Url, ...] = ()
    no_index: bool = False
    cert: str = ""
    client_cert: str = ""
    trusted_hosts: tuple[str, ...] = ()
    proxy: str = ""
    problems: tuple[str, ...] = ()

    @property
    def hosts(self) -> frozenset[str]:
        """Those that the user vouches for."""
        return frozenset(url.host for url in (self.index, *self.extra, *self.links) if url is not None and url.host)


def read_pip_config(environment: Mapping[str, str], files: Iterable[Path] | None = None) -> PipConfig:
    """The configuration that `pip install` has with this environment. `files` replace pip's own list, in its order."""
    if files is None:
        files = configuration_files(environment)
    by_section: dict[str, dict[str, str]] = {section: {} for section in _SECTIONS}
    problems: list[str] = []
    for file in files:
        found = _values(file)
        if isinstance(found, str):
            problems.append(found)
        else:
            for section, values in found.items():
                by_section[section].update(values)
    variables = {_key(name[len("PIP_") :]): value for name, value in environment.items() if name.startswith("PIP_")}
    values = {}
    for weaker in (*by_section.values(), variables):
        values.update({name: value for name, value in weaker.items() if value})
    index = values.get("index-url", "").strip()
    return PipConfig(
        index=Url(index) if index else None,
        extra=tuple(Url(url) for url in values.get("extra-index-url", "").split()),
        links=tuple(Url(place) for place in values.get("find-links", "").split()),
        no_index=values.get("no-index", "").strip().lower() in _YES,
        cert=_path(values.get("cert", "")),
        client_cert=_path(values.get("client-cert", "")),
        trusted_hosts=tuple(host.partition(":")[0].lower() for host in values.get("trusted-host", "").split()),
        proxy=values.get("proxy", "").strip(),
        problems=tuple(problems),
    )


def configuration_files(environment: Mapping[str, str]) -> Sequence[Path]:
    """Where pip looks, the weakest first. PIP_CONFIG_FILE comes last, and nothing is read when it is the null device."""
    own = environment.get("PIP_CONFIG_FILE", "")
    if own == os.devnull:
        return []
    files = list(_site_wide())
    if not (own and Path(own).exists()):
        files += _user()
    prefix = environment.get("VIRTUAL_ENV") or environment.get("CONDA_PREFIX") or sys.prefix
    files.append(Path(prefix, _NAME))
    return [*files, Path(own)] if own else files


def _site_wide() -> Iterator[Path]:
    import platformdirs  # noqa: PLC0415 - only when pip is asked for

    if sys.platform == "darwin":
        folders = platformdirs.site_data_dir("pip", appauthor=False, multipath=True)
    else:
        folders = platformdirs.site_config_dir("pip", appauthor=False, multipath=True)
    yield from (Path(folder, _NAME) for folder in folders.split(os.pathsep))
    if sys.platform not in ("darwin", "win32"):
        yield Path("/etc", _NAME)


def _user() -> Iterator[Path]:
    import platformdirs  # noqa: PLC0415 - only when pip is asked for

    home = Path(os.path.expanduser("~"))  # noqa: PTH111 - Path.expanduser raises where there is no home
    yield home / ("pip" if sys.platform == "win32" else ".pip") / _NAME
    if sys.platform == "darwin" and not (home / "Library/Application Support/pip").is_dir():
        yield home / ".config" / "pip" / _NAME
    else:
        yield Path(platformdirs.user_config_dir("pip", appauthor=False, roaming=True), _NAME)


def _values(file: Path) -> dict[str, dict[str, str]] | str:
    """What a file sets for `pip install`, by section, or why it cannot be read."""
    import configparser  # noqa: PLC0415 - only when pip is asked for

    parser = configparser.RawConfigParser()
    try:
        parser.read_string(file.read_text("utf-8-sig"))
        return {
            section: {_key(name): value for name, value in parser.items(section)}
            for section in _SECTIONS
            if parser.has_section(section)
        }
    except OSError:
        return {}
    except (ValueError, configparser.Error) as error:
        return f"{file} is not read: {type(error).__name__}"


def _key(name: str) -> str:
    return name.lower().replace("_", "-").removeprefix("--")


def _path(value: str) -> str:
    return os.path.expanduser(value.strip()) if value.strip() else ""  # noqa: PTH111 - as above

"""Reads one package from one simple index (PEP 503, 658, 691, 700), or what `--find-links` names, as JSON for the shelf.

Imports requests and pypi-simple: only ever imported in a thread, by `index`.
"""

from __future__ import annotations

import time
from datetime import datetime, timezone
from threading import Lock
from typing import TYPE_CHECKING
from urllib.parse import quote

import requests
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version
from pypi_simple import ACCEPT_JSON_PREFERRED, PYPI_SIMPLE_ENDPOINT, NoMetadataError, PyPISimple

from envls.url import Url
from envls.world.core_metadata import NOTHING, describe, line
from envls.world.index_auth import IndexAuth
from envls.world.pages import INSTALLABLE, NO_INDEX, file_of, read_page
from envls.world.responses import condition, in_our_words, validator, young
from envls.world.session import CONNECT, local_path, make_session
from envls.world.shelf import FailedError, Said

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from pypi_simple import DistributionPackage

    from envls.world.configuration import Configuration
    from envls.world.pip_config import PipConfig
    from envls.world.pip_places import Place
    from envls.world.shelf import Json, Piece

MOST_TRIES = 5
"""Requests for metadata of one package: the newest release's, and older ones' where that is not served."""
PATIENCE = 15.0
"""Seconds after which no further ones are made."""
MOST_FILES = 20_000
"""Files of a folder that is looked at."""
_NONE = (404, 410)


class Reader:
    """Reads packages from indexes, through one session. Used in several threads.

    `configuration` is asked before each request, with the hosts that the user's own indexes vouch for.
    """

    def __init__(self, config: PipConfig, configuration: Configuration) -> None:
        self._session = make_session(config, lambda url: configuration.refusal(url, self._vouched))
        self._auth = self._session.auth = IndexAuth(configuration.may_see_credentials)
        self._keyring = configuration.settings.keyring
        self._vouched: frozenset[str] = frozenset()
        self._there: set[str] = set()
        self._looking: dict[str, Lock] = {}

    def read(self, place: Place, name: str, former: Piece | None, timeout: float) -> Said:
        """What an index says of `name`; None where it has no such package. Raises FailedError.

        `former` is what it said before: it is asked whether that has changed, and metadata of a release that is still
        the newest is not asked for again.
        """
        patience = (min(CONNECT, timeout), timeout)
        self._vouch(place, place.url.host)
        with in_our_words():
            index = self._auth.remember(place.url).rstrip("/") + "/"
            if place.is_local and not local_path(index).is_dir():
                raise FailedError("there is no such folder")
            response = self._get(f"{index}{name}/", index, former, patience)
            if response.status_code in _NONE:
                if former is not None and former.value is not None:
                    self._there.discard(index)  # what it had a while ago it hardly lacks now
                self._sure_of(index, patience)
                return Said(None)
            self._there.add(index)
            if response.status_code == 304 and former is not None:
                return Said(former.value, young(response), former.validator)
            page = read_page(response.content, response.headers.get("Content-Type", ""), response.url, name)
        if not page.files and not page.sure:
            raise FailedError(NO_INDEX)  # who stands between, such as the login page of a hotel, answers with some HTML
        by_version = files_by_version(page.files)
        self._vouch(place, *(Url(file.url).host for files in by_version.values() for file in files))
        described, complete = self._described(by_version, former.value if former else None, patience)
        links = list(described["links"])
        if index.rstrip("/") == PYPI_SIMPLE_ENDPOINT.rstrip("/") and all(label != "PyPI" for label, _ in links):
            links.append(["PyPI", f"{index.rstrip('/').removesuffix('/simple')}/project/{name}/"])
        value = {**described, "links": links, **releases(by_version)}
        return Said(value, young(response), validator(response) if complete else "")

    def links(self, place: Place, former: Piece | None, timeout: float) -> Said:
        """What a page or a folder of files has: {packages: {name: what `releases` gives}}. Raises FailedError."""
        with in_our_words():
            address = self._auth.remember(place.url)
            if place.is_local and local_path(address).is_dir():
                return Said(_packages(_files_in(address)))
            response = self._get(address, address, former, (min(CONNECT, timeout), timeout))
            if response.status_code in _NONE:
                raise FailedError("there is no such page (404)")
            if response.status_code == 304 and former is not None:
                return Said(former.value, young(response), former.validator)
            page = read_page(response.content, response.headers.get("Content-Type", ""), response.url)
        return Said(_packages(page.files), young(response), validator(response))

    # -- requests ---------------------------------------------------------------------------------------------

    def _get(self, url: str, index: str, former: Piece | None, patience: tuple[float, float]) -> requests.Response:
        """The answer, whose status is 200, 304, 404 or 410."""
        headers = {
            "Accept": ACCEPT_JSON_PREFERRED,
            **condition(former.validator if former and former.value is not None else ""),
        }
        response = self._session.get(url, headers=headers, timeout=patience)
        if response.status_code == 401 and self._keyring and self._auth.ask_keyring(response.url, index):
            response = self._session.get(url, headers=headers, timeout=patience)
        if response.status_code not in _NONE:
            response.raise_for_status()
        return response

    def _sure_of(self, index: str, patience: tuple[float, float]) -> None:
        """That an index lacks a package says nothing where there is no index, as with a wrong address."""
        with self._looking.setdefault(index, Lock()):
            if index in self._there or index.startswith("file:"):
                return
            try:
                status = self._session.head(index, timeout=patience, allow_redirects=True).status_code
            except (requests.RequestException, FailedError):
                status = 0  # many do not show all they have, and some take long for it
            if status in _NONE:
                raise FailedError(f"there is no such index ({status})", everything=True)
            self._there.add(index)

    def _vouch(self, place: Place, *hosts: str) -> None:
        if place.own and not self._vouched.issuperset(hosts):
            self._vouched |= frozenset(hosts)

    # -- metadata ---------------------------------------------------------------------------------------------

    def _described(
        self, by_version: Mapping[Version, Sequence[DistributionPackage]], former: Json, patience: tuple[float, float]
    ) -> tuple[Json, bool]:
        """What the metadata say of the newest release that has some, and whether all that were asked for have come.

        `described` is the version that was the newest then, `of` the one that the metadata are of.
        """
        likely = _likely_first(by_version)
        newest = str(next(iter(by_version), ""))
        if former and former["described"] == newest:
            better = bool(likely) and any(file.has_metadata for file in likely[0])
            if not better or former["of"] == likely[0][0].version:
                return {key: former[key] for key in ("described", "of", *NOTHING)}, True
        wheels = [wheel for files in likely if (wheel := _with_metadata(files)) is not None]
        complete = True
        end = time.monotonic() + PATIENCE
        for tries, wheel in enumerate(_further_apart(wheels)):
            if tries == MOST_TRIES or time.monotonic() > end:
                break
            try:
                found = describe(self._metadata(wheel, patience))
            except NoMetadataError:
                continue
            except Exception:  # noqa: BLE001 - what describes a package is worth less than its versions
                complete = False
                continue
            if wheel not in likely[0] and found["licence"]:  # licences do change between releases
                found["licence"] += f" (in {wheel.version})"
            return {"described": newest, "of": wheel.version, **found}, complete
        if not complete and former:
            return {key: former[key] for key in ("described", "of", *NOTHING)}, False
        return {"described": newest if complete else "", "of": "", **NOTHING}, complete

    def _metadata(self, wheel: DistributionPackage, patience: tuple[float, float]) -> bytes:
        client = PyPISimple(session=self._session)
        return client.get_package_metadata_bytes(wheel, verify=bool(wheel.metadata_digests), timeout=patience)


# -- what a page says -----------------------------------------------------------------------------------------


def releases(by_version: Mapping[Version, Sequence[DistributionPackage]]) -> Json:
    """{releases: [what `release` gives], newest}; of versions that stand newest first."""
    found = [release(version, files) for version, files in by_version.items()]
    settled = (
        written[0]
        for version, written in zip(by_version, found, strict=True)
        if not version.is_prerelease and written[3] is None
    )
    return {"releases": found, "newest": next(settled, found[0][0] if found else "")}


def files_by_version(files: Iterable[DistributionPackage]) -> dict[Version, list[DistributionPackage]]:
    """The files of each version, newest first. A file whose name pip does not understand counts for none."""
    found: dict[Version, list[DistributionPackage]] = {}
    read: dict[str, Version | None] = {}
    for file in files:
        if not file.version:
            continue
        if file.version not in read:
            read[file.version] = _version(file.version)
        version = read[file.version]
        if version is not None:
            found.setdefault(version, []).append(file)
    return dict(sorted(found.items(), key=lambda item: item[0], reverse=True))


def release(version: Version, files: Sequence[DistributionPackage]) -> Json:
    """[version, date of the first upload, requires-python, why yanked]; yanked only if every file is.

    What is required of Python is said only where all files say the same: else pip may find one that fits.
    """
    dates = [_utc(file.upload_time) for file in files if file.upload_time and 1980 < file.upload_time.year < 9000]
    yanked = None
    if all(file.is_yanked for file in files):
        yanked = line(next((file.yanked_reason for file in files if file.yanked_reason), ""))
    requires = {line(file.requires_python or "") for file in files}
    return [
        str(version),
        min(dates).isoformat() if dates else None,
        requires.pop() if len(requires) == 1 else "",
        yanked,
    ]


def _packages(files: Iterable[DistributionPackage]) -> Json:
    by_name: dict[str, list[DistributionPackage]] = {}
    for file in files:
        by_name.setdefault(canonicalize_name(file.project or ""), []).append(file)
    return {"packages": {name: releases(files_by_version(found)) for name, found in by_name.items()}}


def _files_in(address: str) -> list[DistributionPackage]:
    """The files of a folder that pip would install from there."""
    names = sorted(path.name for path, _ in zip(local_path(address).iterdir(), range(MOST_FILES), strict=False))
    files = [file_of(f"{address.rstrip('/')}/{quote(name)}") for name in names]
    return [file for file in files if file.package_type in INSTALLABLE]


# -- which file to ask for metadata ---------------------------------------------------------------------------


def _likely_first(by_version: Mapping[Version, Sequence[DistributionPackage]]) -> list[Sequence[DistributionPackage]]:
    """The files of releases before those of pre-releases and yanked ones, each newest first."""

    def unlikely(item: tuple[Version, Sequence[DistributionPackage]]) -> bool:
        return item[0].is_prerelease or all(file.is_yanked for file in item[1])

    return [files for _, files in sorted(by_version.items(), key=unlikely)]


def _further_apart(wheels: Sequence[DistributionPackage]) -> Iterable[DistributionPackage]:
    """The first, second, fourth, eighth ...: a mirror that lags has the metadata of older releases."""
    step = 1
    while step <= len(wheels):
        yield wheels[step - 1]
        step *= 2


def _with_metadata(files: Sequence[DistributionPackage]) -> DistributionPackage | None:
    """The file to ask for metadata: one that advertises it, else any wheel."""
    advertised = next((file for file in files if file.has_metadata), None)
    return advertised or next((file for file in files if file.package_type == "wheel"), None)


def _utc(time_: datetime) -> datetime:
    return time_.replace(tzinfo=time_.tzinfo or timezone.utc).astimezone(timezone.utc)


def _version(text: str) -> Version | None:
    try:
        return Version(text)
    except InvalidVersion:
        return None

"""Reads one package from one simple index (PEP 503, 658, 691, 700) as JSON for the shelf.

Imports requests and pypi-simple: only ever imported in a thread, by `index`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import requests
from packaging.metadata import parse_email
from packaging.version import InvalidVersion, Version
from pypi_simple import (
    ACCEPT_JSON_PREFERRED,
    PYPI_SIMPLE_ENDPOINT,
    DistributionPackage,
    NoMetadataError,
    ProjectPage,
    PyPISimple,
    UnsupportedContentTypeError,
    UnsupportedRepoVersionError,
)

from envls.world.session import local_path, make_session
from envls.world.shelf import FailedError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from packaging.metadata import RawMetadata

    from envls.url import Url
    from envls.world.pip_config import PipConfig
    from envls.world.shelf import Json

CONNECT = 5.0
"""Seconds that a connection may take."""
NO_INDEX = "its answer is no package index"
MOST_TRIES = 5
"""Requests for metadata of one package: the newest release's, and older ones' where that is not served."""
_LONGEST_TEXT = 500
_MOST_LINKS = 12


class Reader:
    """Reads packages from indexes, through one session."""

    def __init__(self, config: PipConfig, refusal: Callable[[Url], str | None]) -> None:
        self._session = make_session(config, refusal)

    def read(self, index: Url, name: str, former: Json, timeout: float) -> Json:
        """What `index` says of `name`; None where it has no such package. Raises FailedError.

        `former` is what it said before: metadata of a release that is still the newest is not asked for again.
        """
        client = PyPISimple(endpoint=index.revealed, session=self._session)
        patience = (min(CONNECT, timeout), timeout)
        page = self._page(client, index, name, patience)
        if page is None:
            return None
        by_version = files_by_version(page.packages)
        newest = str(next(iter(by_version), ""))
        described: Json = former if former and former.get("described") == newest else None
        if described is None:
            described = self._describe(client, by_version, patience)
        links = list(described["links"])
        if index.revealed.rstrip("/") == PYPI_SIMPLE_ENDPOINT.rstrip("/") and all(
            label != "PyPI" for label, _ in links
        ):
            links.append(["PyPI", f"{PYPI_SIMPLE_ENDPOINT.rstrip('/').removesuffix('/simple')}/project/{name}/"])
        return {
            "releases": [release(version, files) for version, files in by_version.items()],
            "described": newest,
            "summary": described["summary"],
            "licence": described["licence"],
            "links": links,
        }

    def _page(self, client: PyPISimple, index: Url, name: str, patience: tuple[float, float]) -> ProjectPage | None:
        """As `client.get_project_page`, but a page in HTML without any file is not taken for a package without files.

        Whoever stands between (a login page of a hotel) answers everything with some HTML.
        """
        if index.scheme == "file" and not local_path(index.revealed).is_dir():
            raise FailedError("there is no such folder")
        try:
            url, accept = client.get_project_url(name), {"Accept": ACCEPT_JSON_PREFERRED}
            response = self._session.get(url, headers=accept, timeout=patience)
            if response.status_code == 404:
                return None
            response.raise_for_status()
            page = ProjectPage.from_response(response, name)
        except Exception as error:
            raise failed(error) from error
        if not page.packages and "json" not in response.headers.get("Content-Type", ""):
            raise FailedError(NO_INDEX)
        return page

    def _describe(
        self,
        client: PyPISimple,
        by_version: Mapping[Version, Sequence[DistributionPackage]],
        patience: tuple[float, float],
    ) -> Json:
        """Summary, licence and links: the newest release's whose metadata the index serves."""
        likely = _likely_first(by_version)
        wheels = [wheel for files in likely if (wheel := _with_metadata(files)) is not None]
        for tries, wheel in enumerate(_further_apart(wheels)):
            if tries == MOST_TRIES:
                break
            metadata = self._metadata(client, wheel, patience)
            if metadata is not None:
                described = describe(metadata)
                if wheel not in likely[0] and described["licence"]:  # licences do change between releases
                    described["licence"] += f" (in {wheel.version})"
                return described
        return {"summary": "", "licence": "", "links": []}

    def _metadata(
        self, client: PyPISimple, wheel: DistributionPackage, patience: tuple[float, float]
    ) -> RawMetadata | None:
        try:
            text = client.get_package_metadata(wheel, verify=bool(wheel.metadata_digests), timeout=patience)
        except NoMetadataError:
            return None
        except Exception:  # noqa: BLE001 - what describes a package is worth less than its versions
            return None
        return parse_email(text)[0]


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
    """[version, date of the first upload, requires-python, why yanked]; yanked only if every file is."""
    dates = [file.upload_time for file in files if file.upload_time is not None]
    yanked = None
    if all(file.is_yanked for file in files):
        yanked = next((file.yanked_reason for file in files if file.yanked_reason), "")
    requires = next((file.requires_python for file in files if file.requires_python), "")
    return [str(version), min(dates).isoformat() if dates else None, requires, yanked and yanked[:_LONGEST_TEXT]]


def describe(metadata: RawMetadata) -> Json:
    """Summary, licence and links of core metadata."""
    links: list[list[str]] = []
    for label, address in (metadata.get("project_urls") or {}).items():
        links.append([label, address])
    home = metadata.get("home_page", "")
    if home and all(address.rstrip("/") != home.rstrip("/") for _, address in links):
        links.insert(0, ["Homepage", home])
    kept = [[label, address] for label, address in links if address.startswith(("https://", "http://"))]
    return {
        "summary": _line(metadata.get("summary", "")),
        "licence": licence(metadata),
        "links": [[label[:60], address[:_LONGEST_TEXT]] for label, address in kept[:_MOST_LINKS]],
    }


def licence(metadata: RawMetadata) -> str:
    """The expression, else a short licence field, else what the classifiers say."""
    if expression := metadata.get("license_expression", ""):
        return _line(expression)
    field = metadata.get("license", "").strip()
    if field and len(field) <= 60 and "\n" not in field and field.upper() != "UNKNOWN":
        return field
    classifiers = [text.split(" :: ")[-1] for text in metadata.get("classifiers", []) if text.startswith("License ::")]
    named = [text for text in classifiers if text != "OSI Approved"]
    return ", ".join(named)[:_LONGEST_TEXT]


def failed(error: Exception) -> FailedError:
    """Why a page could not be had, in a phrase that shows no address."""
    if isinstance(error, FailedError):
        return error
    if isinstance(error, requests.HTTPError):
        status = error.response.status_code
        return FailedError(f"answered {status}", everything=status >= 500 or status == 429)
    if isinstance(error, requests.exceptions.InvalidSchema | requests.exceptions.InvalidURL):
        return FailedError("its address, or one it leads to, cannot be asked")
    if isinstance(error, requests.TooManyRedirects):
        return FailedError("redirects without end")
    if isinstance(error, requests.exceptions.SSLError):
        return FailedError("its certificate is not accepted", everything=True)
    if isinstance(error, requests.exceptions.ProxyError):
        return FailedError("the proxy does not answer", everything=True)
    if isinstance(error, requests.Timeout):
        return FailedError("did not answer in time", everything=True)
    if isinstance(
        error, UnsupportedContentTypeError | UnsupportedRepoVersionError | requests.exceptions.ContentDecodingError
    ):
        return FailedError(NO_INDEX)
    if isinstance(error, requests.ConnectionError):
        return FailedError("cannot be reached", everything=True)
    if isinstance(error, OSError) and not isinstance(error, requests.RequestException):
        return FailedError("a file of certificates that pip is configured for cannot be read", everything=True)
    return FailedError(f"its answer cannot be read ({type(error).__name__})")


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


def _version(text: str) -> Version | None:
    try:
        return Version(text)
    except InvalidVersion:
        return None


def _line(text: str) -> str:
    return text.strip().partition("\n")[0][:_LONGEST_TEXT]

"""What a response says besides its body: for how long it is good, how to ask for news, when to ask again, what failed.

Imports requests: only ever imported in a thread.
"""

from __future__ import annotations

import re
from contextlib import contextmanager
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

import requests
from urllib3.exceptions import DecodeError, HTTPError, ReadTimeoutError

from envls.world.shelf import FailedError

if TYPE_CHECKING:
    from collections.abc import Iterator

_MAX_AGE = re.compile(r"\bmax-age=\"?(\d{1,9})")
_NEVER = re.compile(r"\bno-(?:cache|store)\b")
_LONGEST_VALIDATOR = 500


def condition(validator: str) -> dict[str, str]:
    """The header that asks for news only, by the `validator` of a former response."""
    header, _, value = validator.partition(": ")
    sound = header in ("If-None-Match", "If-Modified-Since") and value.isprintable() and value.isascii()
    return {header: value} if sound else {}


def validator(response: requests.Response) -> str:
    """By which the source can tell whether anything is new; "" where it gives nothing."""
    for header, asking in (("ETag", "If-None-Match"), ("Last-Modified", "If-Modified-Since")):
        value = response.headers.get(header, "")
        if 0 < len(value) <= _LONGEST_VALIDATOR:
            return f"{asking}: {value}"
    return ""


def young(response: requests.Response) -> float | None:
    """The seconds for which the answer may be believed; None where it does not say."""
    said = response.headers.get("Cache-Control", "").lower()
    if _NEVER.search(said):
        return 0.0
    found = _MAX_AGE.search(said)
    return float(found[1]) if found else None


def retry_after(response: requests.Response) -> float | None:
    """The seconds that a source wants to be left alone; None where it does not say."""
    said = response.headers.get("Retry-After", "").strip()
    if said.isdecimal() and len(said) < 10:
        return float(said)
    try:
        until = parsedate_to_datetime(said)
        return (until - datetime.now(until.tzinfo or timezone.utc)).total_seconds()
    except (ValueError, TypeError, IndexError):
        return None


@contextmanager
def in_our_words() -> Iterator[None]:
    """Whatever goes wrong within becomes a FailedError."""
    try:
        yield
    except Exception as error:
        raise failed(error) from error


def failed(error: Exception) -> FailedError:
    """Why a page could not be had, in a phrase that shows no address."""
    if isinstance(error, FailedError):
        return error
    if isinstance(error, requests.HTTPError):
        status = error.response.status_code
        if status == 401:
            return FailedError("wants other credentials (401)", everything=True)
        again = retry_after(error.response) if status in (429, 503) else None
        return FailedError(f"answered {status}", everything=status >= 500 or status == 429, again=again)
    if isinstance(error, requests.exceptions.InvalidSchema | requests.exceptions.InvalidURL):
        return FailedError("its address, or one it leads to, cannot be asked")
    if isinstance(error, requests.TooManyRedirects):
        return FailedError("redirects without end")
    if isinstance(error, requests.exceptions.SSLError):
        return FailedError("its certificate is not accepted", everything=True)
    if isinstance(error, requests.exceptions.ProxyError):
        return FailedError("the proxy does not answer", everything=True)
    if isinstance(error, requests.Timeout | ReadTimeoutError):
        return FailedError("did not answer in time", everything=True)
    if isinstance(error, requests.ConnectionError):
        return FailedError("cannot be reached", everything=True)
    if isinstance(error, DecodeError):
        return FailedError("its answer cannot be unpacked")
    if isinstance(error, HTTPError):
        return FailedError("its answer breaks off")
    if isinstance(error, OSError) and not isinstance(error, requests.RequestException):
        return FailedError("a file of certificates that pip is configured for cannot be read", everything=True)
    return FailedError(f"its answer cannot be read ({type(error).__name__})")

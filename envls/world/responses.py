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
from requests.exceptions import InvalidSchema, InvalidURL
from urllib3.exceptions import DecodeError, ProtocolError

from envls.world import session
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
    """Why an index has not answered, in a phrase that shows no address. A single page of it may be at fault."""
    if isinstance(error, requests.HTTPError):
        status = error.response.status_code
        if status == 401:
            return FailedError("wants other credentials (401)", everything=True)
        again = retry_after(error.response) if status in (429, 503) else None
        return FailedError(f"answered {status}", everything=status >= 500 or status == 429, again=again)
    if isinstance(error, DecodeError):
        return FailedError("its answer cannot be unpacked")
    found = session.failed(error)
    if isinstance(error, requests.TooManyRedirects | InvalidSchema | InvalidURL | ProtocolError):
        return FailedError(str(found))
    return found

"""What a response says besides its body."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from email.utils import format_datetime

import pytest
import requests

from envls.world.responses import condition, failed, retry_after, validator, young


def response(status: int = 200, **headers: str) -> requests.Response:
    made = requests.Response()
    made.status_code = status
    made.headers.update({name.replace("_", "-"): value for name, value in headers.items()})
    return made


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("", None),
        ("public", None),
        ("max-age=600, public", 600.0),
        ("Public, MAX-AGE=0", 0.0),
        ('max-age="60"', 60.0),
        ("s-maxage=9, max-age=5", 5.0),
        ("no-cache", 0.0),
        ("no-store, max-age=600", 0.0),
        ("max-age=-1", None),
        ("max-age=many", None),
    ],
)
def test_for_how_long_it_is_good(said: str, seconds: float | None) -> None:
    assert young(response(Cache_Control=said)) == seconds


def test_when_to_ask_again() -> None:
    assert retry_after(response(Retry_After="120")) == 120
    in_an_hour = format_datetime(datetime.now(timezone.utc) + timedelta(hours=1), usegmt=True)
    assert 3500 < (retry_after(response(Retry_After=in_an_hour)) or 0) <= 3600
    for nonsense in ("", "soon", "-5", "1e9", "9" * 50, "Mon, 99 Foo 2020"):
        assert retry_after(response(Retry_After=nonsense)) is None


@pytest.mark.parametrize(
    ("status", "everything", "again"),
    [(429, True, 7), (503, True, 7), (500, True, None), (401, True, None), (404, False, None)],
)
def test_a_status_that_is_none(status: int, everything: bool, again: float | None) -> None:
    with pytest.raises(requests.HTTPError) as raised:
        response(status, Retry_After="7").raise_for_status()
    error = failed(raised.value)
    assert (error.everything, error.again) == (everything, again)
    assert str(status) in str(error)


def test_how_to_ask_for_news() -> None:
    assert condition(validator(response(ETag='W/"x"', Last_Modified="y"))) == {"If-None-Match": 'W/"x"'}
    assert condition(validator(response(Last_Modified="Mon, 01 Jan 2024"))) == {"If-Modified-Since": "Mon, 01 Jan 2024"}
    assert validator(response()) == validator(response(ETag="x" * 1000)) == ""
    for foreign in ("", "x", "Cookie: a", "If-None-Match: a\r\nCookie: b", "If-None-Match: ü"):
        assert condition(foreign) == {}

"""The address by which py-rattler knows a channel shows no secret, and leads back to the real one."""

from __future__ import annotations

import pytest

from envls.url import Url
from envls.world.routes import Routes
from envls.world.shelf import FailedError


@pytest.mark.parametrize(
    ("real", "known_as"),
    [
        ("https://h.example.com/a", "http://h.example.com:1/a"),
        ("https://H.example.com:443/a/", "http://h.example.com:1/a"),
        ("https://h.example.com:8443/a", "http://h.example.com:8443/a"),
        ("http://h.example.com/a", "http://h.example.com/a"),
        ("http://127.0.0.1:8080/a/label/x", "http://127.0.0.1:8080/a/label/x"),
        ("https://[::1]:8443/a", "http://[::1]:8443/a"),
        ("https://user:s3cr3t@h.example.com/a", "http://h.example.com:1/a"),
        ("https://h.example.com/x/t/s3cr3t/a", "http://h.example.com:1/x/a"),
        ("https://u:p%40ss@h.example.com/t/s3cr3t/a b/\u00e4", "http://h.example.com:1/a%20b/%C3%A4"),
        ("https://h.example.com", "http://h.example.com:1"),
    ],
)
def test_there_and_back(real: str, known_as: str) -> None:
    routes = Routes()
    assert routes.enter(Url(real)) == known_as
    outside = routes.outside(f"{known_as}/noarch/repodata.json")
    assert outside is not None
    expected = real.replace(" ", "%20").replace("\u00e4", "%C3%A4").replace("H.", "h.").replace(":443", "").rstrip("/")
    assert outside.url.revealed == f"{expected}/noarch/repodata.json"
    assert (outside.channel, outside.token) == (known_as, "")


def test_the_nearest_channel_lends_its_credentials() -> None:
    routes = Routes()
    for address in ("https://h.example.com/a", "https://u:p@h.example.com/a/b", "https://h.example.com/t/tk/c"):
        routes.enter(Url(address))
    for inside, real in (
        ("/a/x", "https://h.example.com/a/x"),
        ("/a/b/x", "https://u:p@h.example.com/a/b/x"),
        ("/a/bb/x", "https://h.example.com/a/bb/x"),
        ("/c/x", "https://h.example.com/t/tk/c/x"),
        ("/d/x", "https://h.example.com/d/x"),
    ):
        outside = routes.outside(f"http://h.example.com:1{inside}")
        assert outside is not None
        assert outside.url.revealed == real


def test_a_token_that_rattler_puts_in_front_is_told_apart() -> None:
    routes = Routes()
    channel = routes.enter(Url("https://h.example.com/a"))
    outside = routes.outside("http://h.example.com:1/t/tk/a/noarch/x")
    assert outside is not None
    assert (outside.url.revealed, outside.token) == ("https://h.example.com/a/noarch/x", "tk")
    assert outside.channel == channel


def test_hosts_that_are_learnt_have_a_way() -> None:
    routes = Routes()
    for authority in ("files.example.com:443", "files.example.com:8443", "[::1]:443", "nonsense", ":443", "h:x"):
        routes.learn(authority)
    assert routes.mirrors == {
        "https://files.example.com/": "http://files.example.com:1/",
        "https://files.example.com:8443/": "http://files.example.com:8443/",
        "https://[::1]/": "http://[::1]:1/",
    }
    outside = routes.outside("http://files.example.com:8443/x")
    assert outside is not None
    assert (outside.url.revealed, outside.channel) == ("https://files.example.com:8443/x", "")
    for number in range(100):
        routes.learn(f"h{number}.example.com:443")
    assert len(routes.mirrors) < 50


def test_no_channel_says_that_another_one_is_encrypted() -> None:
    for before in (True, False):
        routes = Routes()
        if before:
            routes.enter(Url("http://h.example.com:8080/a"))
        routes.learn("h.example.com:8080")
        routes.enter(Url("http://h.example.com:8080/a"))
        outside = routes.outside("http://h.example.com:8080/a/x")
        assert outside is not None
        assert outside.url.revealed == "http://h.example.com:8080/a/x"


@pytest.mark.parametrize("address", ["ftp://h.example.com/a", "https:///a", "http://h.example.com:x/a", "http://a b/c"])
def test_an_address_that_cannot_be_asked(address: str) -> None:
    with pytest.raises(FailedError):
        Routes().enter(Url(address))


@pytest.mark.parametrize("target", ["/origin/form", "https://h.example.com/x", "http:///x", "http://[::1/x", "*", ""])
def test_what_is_no_address_of_py_rattlers_leads_nowhere(target: str) -> None:
    assert Routes().outside(target) is None

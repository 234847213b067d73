"""Which hosts may be asked, and how secret addresses stay."""

from __future__ import annotations

from pathlib import PurePosixPath, PureWindowsPath

import pytest

from envls.url import Url
from envls.world.settings import Settings
from envls.world.trust import Trust, is_metadata, refusal_of_path

UNTRUSTED = Settings(trusted=False)


@pytest.mark.parametrize(
    "host",
    [
        *("169.254.169.254", "169.254.0.1", "0xA9FEA9FE", "2852039166", "0251.0376.0251.0376", "169.254.43518"),
        *("fe80::1", "fe80::1%eth0", "[fe80::1]", "::ffff:169.254.169.254", "2002:a9fe:a9fe::", "fd00:ec2::254"),
        *("metadata.google.internal", "METADATA.google.internal.", "metadata", "100.100.100.200", "168.63.129.16"),
    ],
)
def test_metadata_and_link_local_addresses_however_spelt(host: str) -> None:
    assert is_metadata(host)


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "10.0.0.1", "example.com", "metadata.example.com", "::1", "", "1.2.3.4.5"]
)
def test_other_addresses(host: str) -> None:
    assert not is_metadata(host)


def test_nothing_makes_a_metadata_address_trusted() -> None:
    host = "169.254.169.254"
    trust = Trust(Settings(trusted=True, trust_all=True, trusted_hosts=(host,)), frozenset({host}))
    assert "never asked" in (trust.refusal(Url(f"http://{host}/latest")) or "")


def test_a_host_that_only_a_file_names() -> None:
    url = Url("https://user:secret@channels.example.com/x")
    reason = Trust(UNTRUSTED).refusal(url)
    assert reason == "channels.example.com is not trusted: only the file names it"
    assert Trust(Settings()).refusal(url) is None
    assert Trust(Settings(trusted=False, trust_all=True)).refusal(url) is None
    assert Trust(Settings(trusted=False, trusted_hosts=("channels.example.com",))).refusal(url) is None
    assert Trust(UNTRUSTED, frozenset({"channels.example.com"})).refusal(url) is None


def test_public_hosts_need_no_trust_and_offline_asks_nobody() -> None:
    assert Trust(UNTRUSTED).refusal(Url("https://conda.anaconda.org/conda-forge")) is None
    assert Trust(Settings(offline=True)).refusal(Url("https://conda.anaconda.org/conda-forge")) == "offline"
    assert Trust(Settings(offline=True, trusted=False)).refusal(Url("file:///opt/channel")) is None


@pytest.mark.parametrize("address", ["ftp://example.com/x", "s3://bucket/x", "https:///x", "http://[::1/x"])
def test_addresses_that_cannot_be_asked(address: str) -> None:
    assert Trust(Settings()).refusal(Url(address))


def test_a_file_address_on_another_host_is_that_host() -> None:
    assert Trust(UNTRUSTED).refusal(Url("file://evil.example.com/share"))


def test_what_is_kept_for_a_host_is_not_sent_unencrypted_because_a_file_says_so() -> None:
    host = frozenset({"h.example.com"})
    plain, encrypted = Url("http://h.example.com/x"), Url("https://h.example.com/x")
    assert not Trust(Settings(trusted_hosts=("h.example.com",)), own=host).may_see_credentials(plain)
    assert Trust(UNTRUSTED, own=host, unencrypted=host).may_see_credentials(plain)
    assert Trust(UNTRUSTED).may_see_credentials(encrypted)


def test_a_path_on_another_host() -> None:
    share = PureWindowsPath("\\\\evil\\share\\x.yml")
    assert refusal_of_path(share, UNTRUSTED, [])
    assert refusal_of_path(share, UNTRUSTED, [PureWindowsPath("\\\\evil\\share")]) is None
    assert refusal_of_path(share, Settings(), []) is None
    assert refusal_of_path(PureWindowsPath("\\\\?\\UNC\\evil\\share\\x.yml"), UNTRUSTED, [])
    assert refusal_of_path(PureWindowsPath("\\\\?\\C:\\x.yml"), UNTRUSTED, []) is None
    assert refusal_of_path(PureWindowsPath("C:\\x.yml"), UNTRUSTED, []) is None
    assert refusal_of_path(PurePosixPath("//evil/x.yml"), UNTRUSTED, []) is None

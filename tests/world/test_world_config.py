"""What conda and pip are configured for: read as they read it; what is broken is left out and named."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from pypi_simple import PYPI_SIMPLE_ENDPOINT

from envls.facts import Channels
from envls.url import Url
from envls.world import condarc
from envls.world.channels import MOST_LISTED, expand
from envls.world.condarc import Condarc, read_condarc
from envls.world.configuration import Configuration
from envls.world.pip_config import configuration_files, read_pip_config
from envls.world.settings import Settings


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


# -- conda ----------------------------------------------------------------------------------------------------


def test_a_stronger_file_adds_to_lists_and_wins_for_the_rest(tmp_path: Path) -> None:
    weak = write(tmp_path / "a", "channels: [defaults, a]\nchannel_alias: https://weak.example.com/\noffline: true\n")
    strong = write(
        tmp_path / "b", "channels: [b, a]\nchannel_priority: strict\ncustom_channels: {x: https://x.example.com}\n"
    )
    found = read_condarc({}, [weak, strong])
    assert found.channels == ("b", "a", "defaults")
    assert found.channel_alias == "https://weak.example.com"
    assert found.offline
    assert found.channel_priority == "strict"
    assert found.custom_channels == {"x": "https://x.example.com"}


def test_marks_of_stronger_and_weaker_files(tmp_path: Path) -> None:
    files = [
        write(
            tmp_path / "a",
            "channels:\n  - a\n  - last  #!bottom\nchannel_alias: https://a.example.com #!final\n"
            "custom_channels:\n  x: https://a.example.com #!final\n  y: https://a.example.com\n",
        ),
        write(
            tmp_path / "b",
            "channels: #!final\n  - b\n  - first #!top\nchannel_alias: https://b.example.com\n"
            "custom_channels: {x: https://b.example.com, y: https://b.example.com}\noffline: true #!final\n",
        ),
        write(tmp_path / "c", "channels: [c]\noffline: false\n"),
    ]
    found = read_condarc({"CONDA_CHANNELS": "d", "CONDA_OFFLINE": "no"}, files)
    assert found.channels == ("first", "b", "a", "last")
    assert found.channel_alias == "https://a.example.com"
    assert found.custom_channels == {"x": "https://a.example.com", "y": "https://b.example.com"}
    assert found.offline


def test_how_channels_are_reached(tmp_path: Path) -> None:
    file = write(
        tmp_path / "a",
        "proxy_servers: {http: 'http://me:$PROXY_PW@proxy.example.com:3128', https: ~}\nverify_ssl: ~/ca.pem\n"
        "client_ssl_cert: /c.pem\nclient_ssl_cert_key: /k.pem\nadd_binstar_token: false\n",
    )
    found = read_condarc({"PROXY_PW": "pw"}, [file])
    assert found.proxy_servers == {"http": "http://me:pw@proxy.example.com:3128"}
    assert found.ssl_verify == str(Path.home() / "ca.pem")
    assert found.client_cert == ("/c.pem", "/k.pem")
    assert not found.add_anaconda_token
    assert read_condarc({"CONDA_SSL_VERIFY": "False"}, [file]).ssl_verify is False
    for text in ("truststore", "yes"):
        assert read_condarc({"CONDA_SSL_VERIFY": text}, [file]).ssl_verify is True
    assert read_condarc({"CONDA_CLIENT_SSL_CERT": "/d.pem"}, []).client_cert == "/d.pem"
    assert "pw" not in repr(found)


def test_variables_win(tmp_path: Path) -> None:
    file = write(tmp_path / "a", "channels: [a]\noffline: false\nenvs_dirs: ['~/envs', $PLACE/envs]\n")
    environment = {
        "CONDA_CHANNELS": "x, y",
        "CONDA_OFFLINE": "1",
        "CONDA_CHANNEL_ALIAS": "https://alias.example.com",
        "CONDA_ENVS_DIRS": os.pathsep.join((str(tmp_path / "e"), str(tmp_path / "f"))),
        "PLACE": str(tmp_path),
    }
    found = read_condarc(environment, [file])
    assert found.channels == ("x", "y", "a")
    assert found.offline
    assert found.channel_alias == "https://alias.example.com"
    assert found.envs_dirs == (tmp_path / "e", tmp_path / "f", Path.home() / "envs", tmp_path / "envs")


@pytest.mark.parametrize(
    "text", ["channels: [a\n  b: : c", "- a\n- b\n", "a: \xff", "{" * 5000, "channels: [a]\n" + "#" * 100_000]
)
def test_a_broken_file_is_left_out_and_named(tmp_path: Path, text: str) -> None:
    broken = tmp_path / "broken"
    broken.write_bytes(text.encode("latin-1"))
    good = write(tmp_path / "good", "channels: [a]\nchannel_alias: [no, text]\ncustom_multichannels: no\n")
    found = read_condarc({}, [broken, good])
    assert found.channels == ("a",)
    assert len(found.problems) == 1
    assert str(broken) in found.problems[0]


def test_the_chain_of_files(home: Path, tmp_path: Path) -> None:
    expected = [
        write(tmp_path / "root" / ".condarc", ""),
        write(tmp_path / "root" / "condarc.d" / "x.yml", ""),
        write(home / ".config" / "conda" / ".condarc", ""),
        write(home / ".conda" / "condarc", ""),
        write(home / ".condarc", ""),
        write(tmp_path / "env" / ".condarc", ""),
        write(tmp_path / "own", ""),
    ]
    environment = {"CONDA_EXE": str(tmp_path / "root" / "bin" / "conda"), "CONDA_PREFIX": str(tmp_path / "env")}
    files = condarc.configuration_files({**environment, "CONDARC": str(tmp_path / "own")})
    assert [file for file in files if file.is_relative_to(tmp_path) or file.is_relative_to(home)] == expected


def test_what_the_installer_has_configured_counts_without_a_variable(home: Path, tmp_path: Path) -> None:
    write(home / "miniforge3" / "conda-meta" / "history", "")
    file = write(home / "miniforge3" / ".condarc", "channels: [conda-forge]\n")
    assert file in condarc.configuration_files({})
    other = write(tmp_path / "other" / ".condarc", "")
    write(tmp_path / "other" / "conda-meta" / "history", "")
    files = condarc.configuration_files({"CONDA_EXE": str(tmp_path / "other" / "bin" / "conda")})
    assert other in files
    assert file not in files


def test_priorities_old_and_new() -> None:
    assert read_condarc({"CONDA_CHANNEL_PRIORITY": "strict"}, []).channel_priority == "strict"
    assert read_condarc({"CONDA_CHANNEL_PRIORITY": "false"}, []).channel_priority == "disabled"


# -- channels -------------------------------------------------------------------------------------------------


def urls(
    *listed: Url | str, config: Condarc | None = None, platform: str = "linux-64", configured: bool = False
) -> list[str]:
    return [channel.url.revealed for channel in expand(Channels(listed, platform, configured), config or Condarc())]


def test_a_plain_name_stands_below_the_alias() -> None:
    assert urls("conda-forge") == ["https://conda.anaconda.org/conda-forge"]
    assert urls("conda-forge/label/dev") == ["https://conda.anaconda.org/conda-forge/label/dev"]
    assert urls("a", config=Condarc(channel_alias="https://u:p@mirror.example.com/t/tk-1/conda")) == [
        "https://u:p@mirror.example.com/conda/t/tk-1/a"
    ], "a token stands before the name of the channel"


def test_defaults_is_anacondas_channels() -> None:
    base = "https://repo.anaconda.com/pkgs"
    assert urls("defaults") == [f"{base}/main", f"{base}/r"]
    assert urls("defaults", platform="win-64") == [f"{base}/main", f"{base}/r", f"{base}/msys2"]
    assert urls("pkgs/main") == [f"{base}/main"]
    assert urls("defaults", config=Condarc(default_channels=("https://m.example.com/main", "own"))) == [
        "https://m.example.com/main",
        "https://conda.anaconda.org/own",
    ]


def test_channels_with_an_address_of_their_own() -> None:
    config = Condarc(
        custom_channels={"team": "https://conda.example.com/", "big/team": "https://big.example.com"},
        custom_multichannels={"all": ("https://m.example.com/a/b", "conda-forge"), "me": ("me",)},
    )
    assert urls("team", config=config) == ["https://conda.example.com/team"]
    assert urls("team/label/x", config=config) == ["https://conda.example.com/team/label/x"]
    assert urls("big/team", config=config) == ["https://big.example.com/big/team"]
    assert urls("all", config=config) == ["https://m.example.com/a/b", "https://conda.anaconda.org/conda-forge"]
    assert urls("a/b", config=config) == ["https://m.example.com/a/b"], "where a channel of that name is known to be"
    assert urls("me", config=config) == ["https://conda.anaconda.org/me"]
    with_default = Condarc(default_channels=("https://mirror.example.com/pkgs/main",))
    assert urls("pkgs/main", config=with_default) == ["https://mirror.example.com/pkgs/main"]


def test_an_address_is_completed_by_what_is_configured_for_its_place() -> None:
    config = Condarc(
        channel_alias="https://alias.example.com/conda/t/tk-1",
        custom_channels={"team": "https://u:p@conda.example.com", "deep/team": "https://conda.example.com/t/tk-2/x"},
        migrated_channel_aliases=("https://former.example.com",),
        migrated_custom_channels={"team": "https://old.example.com"},
    )
    for written, expected in (
        ("https://conda.example.com/team/label/dev", "https://u:p@conda.example.com/team/label/dev"),
        ("https://me:mine@conda.example.com/team", "https://me:mine@conda.example.com/team"),
        ("https://conda.example.com/x/deep/team", "https://conda.example.com/x/t/tk-2/deep/team"),
        ("https://conda.example.com/teams", "https://conda.example.com/teams"),
        ("https://alias.example.com/conda/a", "https://alias.example.com/conda/t/tk-1/a"),
        ("https://alias.example.com/conda/t/tk-9/a/b", "https://alias.example.com/conda/t/tk-9/a/b"),
        ("https://former.example.com/a", "https://alias.example.com/conda/t/tk-1/a"),
        ("https://old.example.com/team/label/x", "https://u:p@conda.example.com/team/label/x"),
        ("http://conda.example.com/team", "http://conda.example.com/team"),
        ("https://server.example.com:8443/t/tk/conda/a", "https://server.example.com:8443/conda/t/tk/a"),
        ("https://h.example.com/t/tk/a/linux-64/x-1-0.conda", "https://h.example.com/t/tk/a"),
        ("https://h.example.com", "https://h.example.com"),
        ("file:///opt/channels/a", "file:///opt/channels/a"),
        ("file:///C:/a", "file:///C:/a"),
    ):
        assert urls(Url(written), config=config) == [expected]


def test_a_channel_that_conda_is_forbidden_is_not_asked() -> None:
    def problems(config: Condarc) -> list[bool]:
        listed = "a", "defaults", Url("https://h.example.com/x")
        return [bool(channel.problem) for channel in expand(Channels(listed, "linux-64"), config)]

    assert problems(Condarc()) == [False] * 4
    assert problems(Condarc(denylist_channels=("defaults",))) == [False, True, True, False]
    assert problems(Condarc(allowlist_channels=("a", "https://h.example.com/x"))) == [False, True, True, False]


@pytest.mark.parametrize("address", ["http://[::1/x", "https://", "://x", "https:///x", "https://u:p@/t/x"])
def test_an_address_that_is_none_is_no_crash(address: str) -> None:
    config = Condarc(channel_alias=address, custom_channels={"a": address}, migrated_channel_aliases=(address,))
    for written in (Url(address), "a", "b"):
        assert len(expand(Channels((written,), "linux-64"), config)) == 1


def test_addresses_and_paths(home: Path) -> None:
    assert urls(Url("https://u:p@h.example.com/x/")) == ["https://u:p@h.example.com/x"]
    assert urls("~/channel") == [(home / "channel").as_uri()]
    (relative,) = expand(Channels(("./channel",), "linux-64"), Condarc())
    assert relative.problem == "a relative path"
    (local,) = expand(Channels(("local",), "linux-64"), Condarc())
    assert local.problem


def test_packages_that_stand_among_the_channels_are_asked_of_nobody() -> None:
    """As long as the line `dependencies:` is gone, or is being typed."""
    packages = (
        "numpy=1.26",
        "scipy >=1.10",
        "blas=*=mkl",
        "python !=3.9",
        *(f"package-{number}" for number in range(99)),
    )
    there = expand(Channels(("conda-forge", *packages), "linux-64"), Condarc())
    asked = [one.name for one in there if not one.problem]
    assert asked[0] == "conda-forge"
    assert len(there) == len(packages) + 1
    assert len(asked) < MOST_LISTED
    assert not [name for name in asked if set(name) & set("=<>! *")]


def test_a_subdir_in_the_name_is_the_only_one_asked() -> None:
    (channel,) = expand(Channels((Url("https://h.example.com/x/linux-aarch64"),), "linux-64"), Condarc())
    assert (channel.url.revealed, channel.subdir) == ("https://h.example.com/x", "linux-aarch64")
    (channel,) = expand(Channels(("conda-forge/noarch",), "linux-64"), Condarc())
    assert (channel.name, channel.subdir) == ("conda-forge", "noarch")
    both = expand(Channels(("defaults/osx-arm64",), "linux-64"), Condarc())
    assert [(channel.name, channel.subdir) for channel in both] == [("pkgs/main", "osx-arm64"), ("pkgs/r", "osx-arm64")]


def test_the_users_channels_follow_when_asked_for() -> None:
    config = Condarc(channels=("bioconda", "conda-forge"))
    names = [channel.name for channel in expand(Channels(("conda-forge",), "linux-64", configured=True), config)]
    assert names == ["conda-forge", "bioconda"]
    assert urls("conda-forge", config=config) == ["https://conda.anaconda.org/conda-forge"]
    assert urls("conda-forge", "nodefaults", config=config, configured=True) == urls("conda-forge")


def test_the_name_of_a_channel_shows_no_secret() -> None:
    for address in (
        "https://user:s3cr3t@h.example.com/x",
        "https://h.example.com/t/s3cr3t/x",
        "https://h.example.com/x?sig=s3cr3t",
    ):
        (channel,) = expand(Channels((Url(address),), "linux-64"), Condarc())
        assert "s3cr3t" not in f"{channel.name} {channel} {channel.url}"
    config = Condarc(channel_alias="https://h.example.com")
    for written in (Url("https://h.example.com/t/s3cr3t/x"), "t/s3cr3t/x"):
        (channel,) = expand(Channels((written,), "linux-64"), config)
        assert channel.name == "x"
        assert channel.url.revealed == "https://h.example.com/t/s3cr3t/x"


# -- pip ------------------------------------------------------------------------------------------------------


def test_pips_files_in_order_and_variables_last(tmp_path: Path) -> None:
    files = [
        write(
            tmp_path / "a",
            "[global]\nindex-url = https://a.example.com/simple\nextra-index-url =\n  https://x.example.com\n",
        ),
        write(
            tmp_path / "b",
            "[install]\nindex_url = https://b.example.com/simple\n[freeze]\nindex-url = https://no.example.com\n",
        ),
        write(tmp_path / "c", "[global]\ntrusted-host = h.example.com:8443\n  i.example.com\ncert = ~/ca.pem\n"),
    ]
    found = read_pip_config({}, files)
    assert found.index == Url("https://b.example.com/simple")
    assert found.extra == (Url("https://x.example.com"),)
    assert found.trusted_hosts == ("h.example.com", "i.example.com")
    assert found.cert == str(Path.home() / "ca.pem")
    assert found.hosts == {"b.example.com", "x.example.com"}
    environment = {
        "PIP_INDEX_URL": "https://e.example.com",
        "PIP_EXTRA_INDEX_URL": "https://f.example.com https://g.example.com",
    }
    found = read_pip_config({**environment, "PIP_NO_INDEX": "yes", "PIP_CERT": "/ca.pem"}, files)
    assert found.index == Url("https://e.example.com")
    assert [url.host for url in found.extra] == ["f.example.com", "g.example.com"]
    assert found.no_index
    assert found.cert == "/ca.pem"


def test_what_pip_is_told_for_install_goes_before_what_holds_for_all_its_commands(tmp_path: Path) -> None:
    files = [
        write(tmp_path / "a", "[install]\nfind-links = /wheels https://l.example.com/x.html\nno-index = true\n"),
        write(
            tmp_path / "b",
            "\ufeff[global]\nfind-links = /others\nno-index = false\nindex-url = https://a.example.com\n",
        ),
        write(tmp_path / "c", "[global]\nindex-url =\n[download]\nindex-url = https://d.example.com\n"),
    ]
    found = read_pip_config({"PIP_CERT": ""}, files)
    assert found.links == (Url("/wheels"), Url("https://l.example.com/x.html"))
    assert found.no_index
    assert found.index is None, "an empty value takes the weaker one away"
    assert found.hosts == {"l.example.com"}
    assert read_pip_config({"PIP_FIND_LINKS": "/mine", "PIP_NO_INDEX": "0"}, files).links == (Url("/mine"),)


def test_a_broken_pip_file_is_left_out_and_named(tmp_path: Path) -> None:
    broken = write(tmp_path / "broken", "index-url = https://u:s3cr3t@example.com\n")
    good = write(tmp_path / "good", "[global]\nindex-url = https://a.example.com\n")
    found = read_pip_config({}, [broken, good, tmp_path / "none"])
    assert found.index == Url("https://a.example.com")
    assert len(found.problems) == 1
    assert "s3cr3t" not in found.problems[0]


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="where pip looks on Linux")
def test_where_pip_looks(home: Path, tmp_path: Path) -> None:
    own = write(tmp_path / "own.conf", "")
    files = configuration_files({"VIRTUAL_ENV": str(tmp_path / "venv")})
    assert files[-3:] == [home / ".pip/pip.conf", home / ".config/pip/pip.conf", tmp_path / "venv/pip.conf"]
    assert Path("/etc/pip.conf") in files
    assert configuration_files({"PIP_CONFIG_FILE": str(own)})[-1] == own
    assert home / ".pip/pip.conf" not in configuration_files({"PIP_CONFIG_FILE": str(own)})
    assert configuration_files({"PIP_CONFIG_FILE": os.devnull}) == []


def test_hosts_of_the_configuration_are_trusted(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_INDEX_URL", "https://pip.example.com/simple")
    write(
        home / ".condarc",
        "channels: ['https://conda.example.com/x']\ncustom_channels: {a: https://custom.example.com}\n",
    )
    configuration = Configuration(Settings(trusted=False))
    for host in ("pip", "conda", "custom"):
        assert configuration.refusal(Url(f"https://{host}.example.com/y")) is None
    assert configuration.refusal(Url("https://file.example.com/y"))


def test_offline_of_conda_counts_for_channels(home: Path) -> None:
    write(home / ".condarc", "offline: true\n")
    configuration = Configuration(Settings())
    assert configuration.conda_refusal(Url("https://conda.anaconda.org/x")) == "offline (conda's configuration)"
    assert configuration.conda_refusal(Url("file:///x")) is None
    assert configuration.refusal(Url(PYPI_SIMPLE_ENDPOINT)) is None

"""A line with another version keeps its style; what its style cannot say is not said."""

from __future__ import annotations

import pytest

from envls.formats.conda import matchspec, requirement
from envls.formats.conda.repin import can_have_version, pinned, updated


@pytest.mark.parametrize(
    ("before", "pin", "update"),
    [
        ("numpy", "numpy=2.1.3", None),
        ("numpy=1.20", "numpy=2.1.3", "numpy=2.1"),
        ("numpy=1", "numpy=2.1.3", "numpy=2"),
        ("numpy==1.20.3", "numpy==2.1.3", "numpy==2.1.3"),
        ("numpy 1.20.3", "numpy 2.1.3", "numpy 2.1.3"),
        ("numpy =1.20.*", "numpy =2.1.3", "numpy =2.1.*"),
        ("numpy 1.20.*", "numpy 2.1.3", "numpy 2.1.*"),
        ("numpy>=1.20", "numpy=2.1.3", "numpy>=2.1"),
        ("numpy >=1.20,<2", "numpy=2.1.3", "numpy >=2.1,<3"),
        ("numpy >= 1.20 , < 1.27", "numpy=2.1.3", "numpy >= 2.1 , < 2.2"),
        ("numpy>=1.20,<2.0a0", "numpy=2.1.3", "numpy>=2.1,<3.0a0"),
        ("numpy<2.0.0", "numpy=2.1.3", "numpy<3.0.0"),
        ("numpy<=1.26.4", "numpy=2.1.3", "numpy<=2.1.3"),
        ("numpy~=1.20", "numpy=2.1.3", "numpy~=2.1"),
        ("numpy>=1.20,!=1.21,<2", "numpy=2.1.3", None),
        ("numpy=1.20|2.0", "numpy=2.1.3", None),
        ("numpy=1.20.3=py39_0", "numpy=2.1.3", "numpy=2.1.3"),
        ("conda-forge::numpy 1.20.3 py39_0", "conda-forge::numpy 2.1.3", "conda-forge::numpy 2.1.3"),
    ],
)
def test_specs(before: str, pin: str, update: str | None) -> None:
    spec = matchspec.parse(before)
    assert can_have_version(spec)
    assert (pinned(spec, "2.1.3"), updated(spec, "2.1.3")) == (pin, update)


@pytest.mark.parametrize(
    ("before", "pin", "update"),
    [
        ("requests", "requests==3.1.3", None),
        ("requests[socks]", "requests[socks]==3.1.3", None),
        ("requests == 2.31.0", "requests == 3.1.3", "requests == 3.1.3"),
        ("requests===2.31.0", "requests===3.1.3", "requests===3.1.3"),
        ("requests==2.31.*", "requests==3.1.3", "requests==3.1.*"),
        ("requests>=2,<3", "requests==3.1.3", "requests>=3,<4"),
        ("requests ~= 2.31.0", "requests==3.1.3", "requests ~= 3.1.3"),
        ("requests~=2.3; python_version<'3.9'", "requests==3.1.3; python_version<'3.9'",
         "requests~=3.1; python_version<'3.9'"),
        ("requests [socks] >=2  # why", "requests [socks]==3.1.3  # why", "requests [socks] >=3  # why"),
        ("requests!=2.31.*", "requests==3.1.3", None),
    ],
)  # fmt: skip
def test_requirements(before: str, pin: str, update: str | None) -> None:
    line = requirement.parse(before)
    assert can_have_version(line)
    assert (pinned(line, "3.1.3"), updated(line, "3.1.3")) == (pin, update)


@pytest.mark.parametrize(
    "text", ["numpy[version='>=1']", "*", "numpy=*", "@", "", "a/b.tar.bz2", "python=3.7,3.8=", "numpy="]
)
def test_specs_that_take_no_version(text: str) -> None:
    spec = matchspec.parse(text)
    assert not can_have_version(spec) or not matchspec.parse(pinned(spec, "1.0")).problem


@pytest.mark.parametrize("text", ["-e .", "https://example.com/a.whl", "a==1 --hash=sha256:00", "", "a = 1", "./a"])
def test_lines_that_take_no_version(text: str) -> None:
    assert not can_have_version(requirement.parse(text))

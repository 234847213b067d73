"""The keys of a conda environment file, and the words that its lists have most often."""

from __future__ import annotations

from envls.formats.keys import Holds, KeyInfo

PIP = KeyInfo(
    "pip",
    "Packages that pip installs after conda has made the environment, one line of a requirements file each.",
    Holds.LIST,
    effect="conda runs `pip install -r` in the folder of this file; list `pip` itself among the dependencies.",
    nullable=True,
)
KEYS = (
    KeyInfo(
        "name",
        "The name of the environment.",
        default="`conda env create` then needs `--name` or `--prefix`.",
        effect="used by `conda env create` and `update`, unless `--name` or `--prefix` is given.",
    ),
    KeyInfo(
        "channels",
        "Where conda looks for packages, in this order.",
        Holds.LIST,
        default="the channels of the user's configuration, which differ from machine to machine.",
        effect="the user's own channels follow, unless `nodefaults` stands in the list.",
    ),
    KeyInfo(
        "dependencies",
        "The packages of the environment, a match spec each; one item may be a `pip:` section.",
        Holds.LIST,
        effect="the only key that conda demands.",
    ),
    KeyInfo(
        "variables",
        "Environment variables that are set whenever the environment is active.",
        Holds.MAPPING,
        effect="conda and mamba write them into the environment; Azure ML's SDK takes the key since version 1.38.",
    ),
    KeyInfo(
        "prefix",
        "Where the exporting machine had the environment.",
        effect="none: conda and mamba ignore it, and it tells others a path of your machine.",
    ),
    KeyInfo(
        "platforms",
        "The platforms (conda subdirs) that conda-lock solves for.",
        Holds.LIST,
        effect="read by conda-lock; conda warns and ignores it.",
    ),
    KeyInfo(
        "category",
        "The group that conda-lock puts these packages in.",
        default="`main`.",
        effect="read by conda-lock; conda warns and ignores it.",
    ),
)
KNOWN_TO_OTHERS = frozenset(("pip-repositories", "allow-pypi-requests"))  # conda-lock reads them
COMMON_CHANNELS = ("conda-forge", "bioconda", "pytorch", "nvidia", "defaults", "nodefaults", "anaconda", "pyviz")
SUBDIRS = ("linux-64", "linux-aarch64", "linux-ppc64le", "osx-64", "osx-arm64", "win-64", "win-arm64", "noarch")

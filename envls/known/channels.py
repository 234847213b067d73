"""Well-known conda channels, and what a person should know of each (Markdown)."""

from __future__ import annotations

CHANNELS = {
    "conda-forge": "The community's channel: the largest, built by its members.",
    "bioconda": "Packages for the life sciences; made to stand behind `conda-forge`.",
    "pytorch": "PyTorch's own channel; it gets no new releases since 2024.",
    "nvidia": "NVIDIA's channel: CUDA and what builds on it.",
    "defaults": (
        "The channels of Anaconda, Inc. (`main`, `r`, on Windows `msys2`); their terms ask larger organisations to pay."
    ),
    "nodefaults": "No channel: it keeps the channels of the user's configuration out.",
    "anaconda": "An older mirror of `defaults`, with the same terms.",
    "pyviz": "HoloViz's own channel: Panel, hvPlot, Datashader and their relatives.",
}

# Those whose packages are what everybody means by their names, as addresses may call them too.
KNOWN_TO_ALL = frozenset(CHANNELS) | {"pkgs/main", "pkgs/r", "pkgs/msys2"}

# What channels are called on anaconda.org where their own names differ.
ON_ANACONDA = {"defaults": "main", "pkgs/main": "main", "pkgs/r": "r", "pkgs/msys2": "msys2"}

"""The base images of Azure ML: those that are given up, and those of today.

From the troubleshooting pages of the service (its list of deprecated base images; Ubuntu 20.04 left in spring 2025) and
azureml-core 1.61 (the images that it takes where none is named).
"""

from __future__ import annotations

import re

_TAG = "20251130.v1"
CURRENT = f"mcr.microsoft.com/azureml/openmpi4.1.0-ubuntu22.04:{_TAG}"
CURRENT_GPU = f"mcr.microsoft.com/azureml/openmpi4.1.0-cuda11.8-cudnn8-ubuntu22.04:{_TAG}"
CURRENT_WORKBENCH = ("microsoft/mmlspark:plus-0.9.9", "microsoft/mmlspark:plus-gpu-0.9.9")
"""What Workbench wrote into its last templates; the service that used them has ended."""
_GIVEN_UP = re.compile(
    r"(?:mcr\.microsoft\.com/)?azureml/(?P<name>base(?:-gpu|-lite)?|intelmpi2018\.3-.*|o16n-base/.*|openmpi3\.1\.2-.*"
    r"|[\w.-]*-ubuntu(?:16|18|20)\.04)(?:[:@].*)?",
    re.IGNORECASE,
)


def successor(image: str) -> str:
    """The image to take in place of one that is given up, "" for one that is not."""
    found = _GIVEN_UP.fullmatch(image.strip())
    if not found:
        return ""
    return CURRENT_GPU if re.search("gpu|cuda", found["name"], re.IGNORECASE) else CURRENT


def tagged(image: str) -> str:
    """A base image of today with the tag of its newest release, "" for one whose tags are not known."""
    written = image.strip().removeprefix("mcr.microsoft.com/")
    known = (
        one for one in (CURRENT, CURRENT_GPU) if one.removeprefix("mcr.microsoft.com/").partition(":")[0] == written
    )
    return next(known, "")


def is_of_azureml(image: str) -> bool:
    """Whether an image is one of Azure ML's own, which have conda."""
    return re.match(r"(?:mcr\.microsoft\.com/)?azureml/", image.strip(), re.IGNORECASE) is not None


def has_tag(image: str) -> bool:
    """Whether the name of an image says which one of its versions, by a tag or a digest."""
    return "@" in image or ":" in image.rpartition("/")[2]

"""What a run needs in its environment, as plain data, with the evidence for each."""

from __future__ import annotations

from typing import NamedTuple


class Required(NamedTuple):
    """A package that a kind of run needs. `section` is "conda" or "pip"; `spec` is what to add."""

    name: str
    section: str
    spec: str
    why: str


# A Workbench run with `type: local` in a conda environment of one's own: the app's logging and data preparation
# import these, and the wheels that need them were not on any index. SciPy and psutil come from conda, since pip
# would compile them on Windows.
WORKBENCH_LOCAL = (
    Required("psutil", "conda", "psutil=5.2.2", "Workbench's logging imports it"),
    Required("scipy", "conda", "scipy=0.18.1", "Workbench's logging imports it"),
    Required("ipykernel", "conda", "ipykernel=4.6.1", "notebooks start their kernel with it"),
    Required("azure-ml-api-sdk", "pip", "azure-ml-api-sdk==0.1.0a10", "it is Workbench's SDK"),
    Required("applicationinsights", "pip", "applicationinsights==0.11.0", "Workbench's logging sends with it"),
)

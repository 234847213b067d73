"""ENV5: what the channels and indexes know. `unknown` packages that nobody has, `missing` versions, `builds` for other
platforms and Pythons, `releases` that nobody should take, `retired` packages and those that are `gone`. And what is there already: `drift` of the
environment on this machine, `locks` that do not fit, by what `agreement` says of a line and a package.

Nothing is said that nobody has said: not known is never wrong. What rests on an index is said of an item that it has
`answered` for, and only the first thing that is wrong with it.
"""

from envls.rules.packages.builds import other_platform_only, other_python_only, other_python_required
from envls.rules.packages.drift import drift
from envls.rules.packages.gone import gone_host, gone_requirement
from envls.rules.packages.locks import stale_lock
from envls.rules.packages.missing import (
    unknown_requirement_version,
    unknown_version,
    unsatisfiable_requirement,
    unsatisfiable_spec,
)
from envls.rules.packages.releases import (
    outdated_package,
    outdated_requirement,
    vulnerable_package,
    vulnerable_requirement,
    withdrawn_release,
)
from envls.rules.packages.retired import retired_package, retired_requirement
from envls.rules.packages.unknown import unknown_package, unknown_requirement

__all__ = [
    "drift",
    "gone_host",
    "gone_requirement",
    "other_platform_only",
    "other_python_only",
    "other_python_required",
    "outdated_package",
    "outdated_requirement",
    "retired_package",
    "retired_requirement",
    "stale_lock",
    "unknown_package",
    "unknown_requirement",
    "unknown_requirement_version",
    "unknown_version",
    "unsatisfiable_requirement",
    "unsatisfiable_spec",
    "vulnerable_package",
    "vulnerable_requirement",
    "withdrawn_release",
]

"""AML4: what only several files together show: `paths` that lead nowhere, what `runs` will really run in, `required` packages."""

from envls.rules.project.paths import missing_file
from envls.rules.project.required import missing_required_package
from envls.rules.project.runs import disagreeing_environment, no_effect, root_interpreter

__all__ = [
    "disagreeing_environment",
    "missing_file",
    "missing_required_package",
    "no_effect",
    "root_interpreter",
]

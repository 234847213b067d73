"""AML4: what only several files together show: `paths` that lead nowhere, or to files of other `kinds` than are read there,
what `runs` will really run in, `required` packages, what scripts `imports`; and which packages of Azure ML do not go
together (`generations`) or do not run (`releases`).
"""

from envls.rules.project.generations import both_generations, mixed_series
from envls.rules.project.imports import unlisted_import
from envls.rules.project.kinds import file_of_another_kind
from envls.rules.project.paths import missing_file
from envls.rules.project.releases import broken_release, unfit_for_python
from envls.rules.project.required import missing_required_package
from envls.rules.project.runs import disagreeing_environment, no_effect, root_interpreter

__all__ = [
    "both_generations",
    "broken_release",
    "disagreeing_environment",
    "file_of_another_kind",
    "missing_file",
    "missing_required_package",
    "mixed_series",
    "no_effect",
    "root_interpreter",
    "unfit_for_python",
    "unlisted_import",
]

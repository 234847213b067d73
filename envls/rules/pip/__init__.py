"""ENV4: the `pip` section. `lines` judges one line of it, `misreadings` what pip finds under it, `paths` where it points,
`lock` what conda-lock makes of it, `order` how its lines follow each other, `section` the whole, `both_lists` how it
fits the conda list.
"""

from envls.rules.pip.both_lists import in_both_lists, missing_pip, missing_python, pip_section_inside
from envls.rules.pip.lines import invalid_requirement, read_over
from envls.rules.pip.lock import unread_by_conda_lock
from envls.rules.pip.misreadings import (
    misread_requirement,
    name_of_conda,
    standard_library_from_pip,
    variable_not_filled_in,
)
from envls.rules.pip.order import overridden_index, repeated_requirement, split_requirement
from envls.rules.pip.paths import missing_target
from envls.rules.pip.section import (
    empty_pip_section,
    lost_pip_section,
    pip_section_type,
)

__all__ = [
    "empty_pip_section",
    "in_both_lists",
    "invalid_requirement",
    "lost_pip_section",
    "misread_requirement",
    "missing_pip",
    "missing_python",
    "missing_target",
    "name_of_conda",
    "overridden_index",
    "pip_section_inside",
    "pip_section_type",
    "read_over",
    "repeated_requirement",
    "split_requirement",
    "standard_library_from_pip",
    "unread_by_conda_lock",
    "variable_not_filled_in",
]

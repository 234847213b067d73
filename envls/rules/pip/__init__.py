"""ENV4: the `pip` section. `lines` judges one line of it, `misreadings` what pip finds under it, `section` the whole and
how it fits the conda list.
"""

from envls.rules.pip.lines import invalid_requirement, read_over
from envls.rules.pip.misreadings import misread_requirement, name_of_conda, variable_not_filled_in
from envls.rules.pip.section import (
    empty_pip_section,
    in_both_lists,
    lost_pip_section,
    missing_pip,
    pip_section_type,
    repeated_requirement,
    split_requirement,
)

__all__ = [
    "empty_pip_section",
    "in_both_lists",
    "invalid_requirement",
    "lost_pip_section",
    "misread_requirement",
    "missing_pip",
    "name_of_conda",
    "pip_section_type",
    "read_over",
    "repeated_requirement",
    "split_requirement",
    "variable_not_filled_in",
]

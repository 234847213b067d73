"""ENV3: the match specs of an environment. `specs` what conda rejects, `misreadings` what it takes for something else,
`names` packages that are not conda's, `spelling` how names are written, `lists` how the lines fit together, `exact` what
asks for too much or too little, `systems` what is for another one, `python` and `pins` versions.
"""

from envls.rules.dependencies.exact import exact_version, full_version_as_prefix, locked_to_platform
from envls.rules.dependencies.lists import comment_selector, joined_lines, repeated_package
from envls.rules.dependencies.misreadings import glob_behind_operator, misread_spec
from envls.rules.dependencies.names import from_pip, name_of_pypi, standard_library
from envls.rules.dependencies.pins import (
    can_pin,
    installed_version,
    is_unpinned,
    newest_version,
    pin,
    pins,
    pins_to,
    unpinned,
    update,
)
from envls.rules.dependencies.python import any_python
from envls.rules.dependencies.specs import invalid_spec, rewrite
from envls.rules.dependencies.spelling import capitals, metapackage, two_spellings
from envls.rules.dependencies.systems import other_system

__all__ = [
    "any_python",
    "can_pin",
    "capitals",
    "comment_selector",
    "exact_version",
    "from_pip",
    "full_version_as_prefix",
    "glob_behind_operator",
    "installed_version",
    "invalid_spec",
    "is_unpinned",
    "joined_lines",
    "locked_to_platform",
    "metapackage",
    "misread_spec",
    "name_of_pypi",
    "newest_version",
    "other_system",
    "pin",
    "pins",
    "pins_to",
    "repeated_package",
    "rewrite",
    "standard_library",
    "two_spellings",
    "unpinned",
    "update",
]

"""`envls check | fix | explain | cache` in a terminal and in CI: the same findings and fixes as in the editor.

`command` reads the command line, `files` finds, reads and writes files, `findings` prints what is wrong, `repairs` mends
it, `configurations` says which rules run, `cache` keeps house with what is known of packages, and `screen` says how all
of it is shown.
"""

from envls.cli.command import run

__all__ = ["run"]

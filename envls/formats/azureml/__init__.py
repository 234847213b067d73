"""Azure ML's files, a module for each dialect with its table of keys.

`workbench` (2017 to 2019), `v1` (SDK v1, 2018 to 2026, its keys in `v1_keys`), `v2` (today's).
"""

"""Azure ML's files, a module for each dialect with its table of keys: `workbench` (2017 to 2019), `v2` (today's)."""

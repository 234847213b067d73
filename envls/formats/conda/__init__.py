"""Conda environment files: `environment` reads the file, `matchspec` and `requirement` read one line of it."""

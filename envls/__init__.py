"""A language server for conda environment files, and Azure ML run configurations and jobs.

The map of the package is README.md beside this file.
"""

__version__ = "0.1.0"

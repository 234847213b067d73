"""Loads run configurations with azureml-core, whose Python runs this: folders (or files) come in, refusals go out.

A real file may be written for either of the ways to load it: by its path, or by the folder of its project and its name.
"""

import contextlib
import io
import logging
import sys
from pathlib import Path

logging.disable(logging.CRITICAL)

from azureml.core.runconfig import RunConfiguration  # type: ignore[import-not-found] # noqa: E402 (only the SDK's Python has it)


def refusal(path: str, name: str | None = None) -> str:
    with contextlib.redirect_stdout(io.StringIO()):
        try:
            RunConfiguration.load(path, name)
        except Exception as error:  # noqa: BLE001 (whatever it raises is a refusal)
            return " ".join(f"{type(error).__name__}: {error}".split())[:160]
    return ""


for line in sys.stdin:
    file = Path(line.strip())
    if sys.argv[1]:
        said = refusal(str(file / sys.argv[1]))
    else:
        folder = "" if file.parent.name in (".azureml", "aml_config") else file.parent.name + "/"
        said = refusal(str(file)) and refusal(str(file.parent.parent), folder + file.name.removesuffix(".runconfig"))
    print("=> " + said)

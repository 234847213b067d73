"""Loads run configurations with azureml-core, whose Python runs this: folders come in, refusals go out."""

import contextlib
import io
import logging
import sys
from pathlib import Path

logging.disable(logging.CRITICAL)

from azureml.core.runconfig import RunConfiguration  # type: ignore[import-not-found] # noqa: E402 (only the SDK's Python has it)

for line in sys.stdin:
    path = str(Path(line.strip(), sys.argv[1]))
    said = ""
    with contextlib.redirect_stdout(io.StringIO()):
        try:
            RunConfiguration.load(path)
        except Exception as error:  # noqa: BLE001 (whatever it raises is a refusal)
            said = " ".join(f"{type(error).__name__}: {error}".split())[:160]
    print("=> " + said)

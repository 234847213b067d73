"""Loads jobs with azure-ai-ml, whose Python runs this, and lets it check them as it does before it sends them: the files, or
folders with the path of the file in each, come in, refusals go out."""

import contextlib
import io
import logging
import sys
import warnings
from pathlib import Path

warnings.filterwarnings("ignore")
logging.disable(logging.CRITICAL)

from azure.ai.ml import load_job  # type: ignore[import-not-found]  # noqa: E402 (it warns when it is imported)


def refused(path: Path) -> str:
    try:
        job = load_job(path)
        result = job._validate()  # noqa: SLF001 (there is no other way to hear it without a workspace)
        job._to_rest_object()  # noqa: SLF001 (same)
    except Exception as error:  # noqa: BLE001 (whatever it is, it is a refusal)
        return " ".join(f"{type(error).__name__}: {error}".split())[:400]
    return "" if result is None or result.passed else " ".join(str(result.error_messages).split())[:400]


for line in sys.stdin:
    with contextlib.redirect_stdout(io.StringIO()):
        said = refused(Path(line.strip(), *sys.argv[1:]))
    print("=> " + said)

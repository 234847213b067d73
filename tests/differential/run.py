"""What the real SDKs of Azure ML load and refuse, beside what envls says: `make differential`.

Each dialect is a module here with `CASES` (projects by name), `JUDGED` (the file that is loaded), `INTENDED` (where the two
may differ, and why), `REQUIREMENTS` (what pip installs, in an environment of its own below the user's cache folder) and
`LOADER` (a script that the SDK's Python runs: folders come in, one in a line, and for each an error or an empty line goes
out). `unproved`, where a dialect has it, says what its tables lack. An error of envls must stand for a refusal of the SDK,
and each refusal for an error. `SDK` is the dialect whose environment one shares. `ENVLS_SDK_<DIALECT>` names a Python that has the SDK already.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import venv
from importlib import import_module
from pathlib import Path, PurePath
from typing import Any

import platformdirs

sys.path.insert(0, str(Path(__file__).parents[1]))

from real_files import unlike
from toy import World

from envls.check import check
from envls.rules.rule import Severity

DIALECTS = ("sdk_v1", "cli_v2", "migration")
HERE = Path(__file__).parent


def python_of(name: str, requirements: tuple[str, ...]) -> Path:
    """The Python of an environment that has an SDK; it is made at the first time."""
    if told := os.environ.get(f"ENVLS_SDK_{name.upper()}"):
        return Path(told)
    folder = Path(platformdirs.user_cache_dir("envls-differential")) / "-".join((name, *requirements)).replace("=", "")
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    made = folder / ".made"
    if not made.exists():
        print(f"installing {' '.join(requirements)} into {folder}")
        venv.create(folder, with_pip=True, clear=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", *requirements], check=True)
        made.touch()
    return python


def refusals(dialect: Any, python: Path) -> dict[str, str]:
    """What the SDK says of each case, "" where it loads it."""
    with tempfile.TemporaryDirectory() as temporary:
        folders = []
        for number, files in enumerate(dialect.CASES.values()):
            folder = Path(temporary, str(number))
            for name, text in files.items():
                path = folder / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, "utf-8")
            folders.append(str(folder))
        command = [python, HERE / dialect.LOADER, dialect.JUDGED]
        done = subprocess.run(
            command, input="\n".join(folders), capture_output=True, text=True, check=True, encoding="utf-8"
        )
    said = [line.removeprefix("=> ") for line in done.stdout.splitlines() if line.startswith("=> ")]
    return dict(zip(dialect.CASES, said, strict=True))


def errors(files: dict[str, str], judged: str) -> str:
    """The errors that envls finds in the file that the SDK loads."""
    root = PurePath("/project")
    world = World({root / name: text for name, text in files.items()})
    found = check(world.document(root / judged), world.facts())
    return "; ".join(f"{one.rule.code} {one.finding.message}" for one in found if one.severity is Severity.ERROR)


def compare(name: str) -> list[str]:
    """Where envls and an SDK differ without a reason, and reasons that are none any more."""
    dialect = import_module(name)
    python = python_of(getattr(dialect, "SDK", name), dialect.REQUIREMENTS)
    told = refusals(dialect, python)
    wrong: list[str] = []
    refused = differing = 0
    for case, files in dialect.CASES.items():
        ours, theirs = errors(files, dialect.JUDGED), told[case]
        refused += bool(theirs)
        differs = bool(ours) != bool(theirs)
        differing += differs
        if differs and case not in dialect.INTENDED:
            wrong.append(f"{case}\n    the SDK: {theirs or 'loads it'}\n    envls:   {ours or 'no error'}")
        elif not differs and case in dialect.INTENDED:
            wrong.append(f"{case}\n    agrees now: {dialect.INTENDED[case]}")
    wrong += [f"{case}\n    is no case any more" for case in dialect.INTENDED if case not in dialect.CASES]
    print(f"{name}: {len(told)} cases, {refused} that the SDK refuses, {differing - len(wrong)} intended differences")
    wrong += dialect.unproved(python) if hasattr(dialect, "unproved") else []
    return wrong + (unlike(name, dialect, python) if hasattr(dialect, "REAL") else [])


def main() -> int:
    wanted = [name for name in DIALECTS if (HERE / f"{name}.py").exists() and (not sys.argv[1:] or name in sys.argv)]
    wrong = [line for name in wanted for line in compare(name)]
    print("\n".join(wrong) or "they agree")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())

"""The command `envls`. The server is started without paying for the terminal, and the other way round."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line in `sys.argv`; exits with its status."""
    if sys.argv[1:2] == ["server"]:
        from envls.server.start import start  # noqa: PLC0415 (the terminal does without)

        start(sys.argv[2:])
    else:
        from envls.cli import run  # noqa: PLC0415 (the server does without)

        sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()

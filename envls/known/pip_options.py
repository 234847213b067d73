"""What the options of a requirements file mean (Markdown), those that people use first."""

from __future__ import annotations

MEANINGS = {
    "--requirement": "Another requirements file, relative to the folder of this file.",
    "--editable": "A project that is installed in place; a path is relative to the folder of this file.",
    "--index-url": "The index that pip takes instead of the configured one, for all lines of the section.",
    "--extra-index-url": "A further index; pip takes the best version of all of them, from wherever it comes.",
    "--find-links": "A page or folder with distribution files; what stands behind it on the line is ignored.",
    "--constraint": "A constraints file, relative to the folder of this file.",
    "--pre": "pip may take pre-releases.",
    "--no-index": "pip asks no index, only the places given with `--find-links`.",
    "--trusted-host": "pip takes this host without a valid certificate.",
    "--no-binary": "These packages are built from their source; `:all:` means every one.",
    "--only-binary": "These packages are never built from their source; `:all:` means every one.",
    "--prefer-binary": "pip takes an older wheel rather than a newer source distribution.",
    "--require-hashes": "Every line must carry the hashes of its files.",
    "--no-require-hashes": "Lines need no hashes, although some have them.",
    "--all-releases": "pip may take pre-releases of these packages.",
    "--only-final": "pip takes only final releases of these packages.",
    "--use-feature": "A feature of pip that is not its default yet.",
}

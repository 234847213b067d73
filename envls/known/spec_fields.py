"""What may stand in the brackets of a match spec, `numpy[version='>=2', build='py311*']` (CEP 29), and what it means."""

FIELDS = {
    "version": "The versions to take, as they stand behind the name: `version='>=1.2,<2'`.",
    "build": "The build string; `*` stands for anything: `build='*cuda*'`.",
    "build_number": "The number of the build, or a range of it: `build_number='>=2'`.",
    "channel": "The one channel to take it from: `channel=conda-forge`.",
    "subdir": "The one platform to take it for: `subdir=linux-64`.",
    "md5": "The MD5 of the package's file.",
    "sha256": "The SHA-256 of the package's file.",
    "url": "Where the package's file is.",
    "fn": "The name of the package's file.",
    "license": "The licence, as the package names it.",
    "license_family": "The family of the licence, such as `BSD`.",
    "track_features": "The features that the package switches on.",
}
"""Those that people write most come first."""

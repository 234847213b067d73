"""What the operators of versions mean (Markdown): conda's in a match spec (CEP 29), pip's in a specifier (PEP 440)."""

CONDA = {
    "=": "Any version of the series: `=1.2` takes `1.2`, `1.2.5` and their like, not `1.20`. With a build behind it "
    "(`=1.2=py_0`) it is exact.",
    "==": "This version only. `==1.2` is `1.2.0` as well, but not `1.2.5`.",
    "!=": "Not this version. `!=1.2` takes `1.2.5`; `!=1.2.*` does not.",
    ">=": "This version or a newer one.",
    ">": "A newer version. `>1.2` takes `1.2.1`.",
    "<=": "This version or an older one. `<=1.2` does not take `1.2.1`.",
    "<": "An older version. A pre-release counts as older: `<2` takes `2.0rc1`; `<2.0a0` does not.",
    "~=": "This version or a newer one of the series: `~=1.4.2` is `>=1.4.2,=1.4`.",
    ",": "And: what stands on both sides must hold. It binds closer than `|`.",
    "|": "Or: what stands on one side must hold.",
    "::": "The package comes from the channel before it, and from no other.",
}
PIP = {
    "==": "This version only. `==1.2` is `1.2.0` as well; `==1.2.*` is any version of the series.",
    "===": "A version that is written exactly so, letter by letter.",
    "!=": "Not this version. `!=1.2.*` excludes the whole series.",
    ">=": "This version or a newer one.",
    ">": "A newer version. `>1.2` does not take `1.2.post1`.",
    "<=": "This version or an older one.",
    "<": "An older version; no pre-release of this one: `<2` does not take `2.0rc1`.",
    "~=": "This version or a newer one of the series: `~=1.4.2` is `>=1.4.2,==1.4.*`.",
    ",": "And: what stands on both sides must hold.",
    ";": "The line counts only where the condition behind it holds.",
    "@": "The package is fetched from the address behind it; no index is asked.",
}

"""The standard token types of the protocol that envls colours with; a token says its type by the number in this list.

It is told in the answer to `initialize`, which waits for nothing of the core; what means which type, the core says.
"""

from __future__ import annotations

from lsprotocol import types as lsp

_TYPES = lsp.SemanticTokenTypes
LEGEND = lsp.SemanticTokensLegend(
    [
        one.value
        for one in (
            *(_TYPES.Namespace, _TYPES.Class, _TYPES.Operator, _TYPES.Number, _TYPES.EnumMember, _TYPES.Property),
            *(_TYPES.String, _TYPES.Parameter, _TYPES.Variable, _TYPES.Keyword, _TYPES.Macro),
        )
    ],
    [],
)

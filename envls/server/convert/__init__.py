"""The border of the protocol: our offsets and values to its ranges and messages, and back.

`places` knows the columns of the editor, `border` what it can take; `structure` converts what needs no more than places,
and `legend` is how it names colours.
"""

from envls.server.convert.border import Border
from envls.server.convert.places import Encoding, Places

__all__ = ["Border", "Encoding", "Places"]

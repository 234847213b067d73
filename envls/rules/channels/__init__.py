"""ENV2: the channels of an environment. `listed` judges the list, `mixing` how its channels go together, `transport` how
packages come; `secrets` tells what everybody who gets the file can read.
"""

from envls.rules.channels.listed import channel_type, no_channels, repeated_channel, unlisted_channel
from envls.rules.channels.mixing import anaconda_terms, channel_order, configured_channels, mixed_channels
from envls.rules.channels.transport import plain_http
from envls.rules.secrets import secret

__all__ = [
    "anaconda_terms",
    "channel_order",
    "channel_type",
    "configured_channels",
    "mixed_channels",
    "no_channels",
    "plain_http",
    "repeated_channel",
    "secret",
    "unlisted_channel",
]

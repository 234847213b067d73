"""Where the name of a host leads: never to a metadata or link-local address.

Decided on the address that is connected to, when it is: a name may lead elsewhere from one moment to the next. Behind
a proxy of the user the name is the proxy's to resolve. Imports requests: only ever imported in a thread.
"""

from __future__ import annotations

import socket
import sys
from typing import TYPE_CHECKING, Any

import urllib3
from urllib3.exceptions import ConnectTimeoutError, NameResolutionError, NewConnectionError
from urllib3.util.connection import create_connection

from envls.world.shelf import FailedError
from envls.world.trust import is_metadata

if TYPE_CHECKING:
    from requests.adapters import HTTPAdapter


def choose_addresses(adapter: HTTPAdapter) -> None:
    """Have an adapter connect to addresses that may be asked only."""
    adapter.poolmanager.pool_classes_by_scheme = {"http": _HTTPPool, "https": _HTTPSPool}


class _Chosen:
    """Part of a connection (`_new_conn` is where urllib3's own SOCKS connections differ, too)."""

    def _new_conn(self: Any) -> socket.socket:
        try:
            found = socket.getaddrinfo(self._dns_host.strip("[]"), self.port, type=socket.SOCK_STREAM)
        except (socket.gaierror, UnicodeError) as error:
            raise NameResolutionError(self.host, self, socket.gaierror(str(error))) from error
        addresses = [
            address for address in dict.fromkeys(str(info[4][0]) for info in found) if not is_metadata(address)
        ]
        if not addresses:
            raise FailedError(f"{self.host} is never asked: it leads to a metadata or link-local address")
        failure: OSError | None = None
        for address in addresses:
            try:
                connected = create_connection(
                    (address, self.port),
                    self.timeout,
                    source_address=self.source_address,
                    socket_options=self.socket_options,
                )
            except OSError as error:
                failure = error
            else:
                sys.audit("http.client.connect", self, self.host, self.port)
                return connected
        if isinstance(failure, TimeoutError):
            raise ConnectTimeoutError(self, "too late") from failure
        raise NewConnectionError(self, "not connected") from failure


class _HTTP(_Chosen, urllib3.connection.HTTPConnection):
    pass


class _HTTPS(_Chosen, urllib3.connection.HTTPSConnection):
    pass


class _HTTPPool(urllib3.HTTPConnectionPool):
    ConnectionCls = _HTTP


class _HTTPSPool(urllib3.HTTPSConnectionPool):
    ConnectionCls = _HTTPS

"""UDP datagrams: `udp://0.0.0.0:5005`, `udp://[::]:5005`, a multicast group as `udp://239.1.2.3:5005?interface=eth0`."""

import errno
import ipaddress
import select
import socket
import struct
import sys
import time
from collections.abc import Iterator
from typing import Any, NamedTuple
from urllib.parse import SplitResult

from midstream_cli.errors import SourceError, UsageError
from midstream_cli.streams.tally import Tally
from midstream_cli.streams.transports import TICK_S, ByteStream, Chunk, Patience, now_ns, options

HOST, PORT = "0.0.0.0", 5005  # noqa: S104 - boards send to this machine from outside
"""5005 is where RuView's firmware sends by default."""

RECEIVE_BUFFER = 4 << 20
"""Bytes the kernel keeps while this program is busy: more than a second of 2,000 packets a second."""

LARGEST = 1 << 16
DROPPED = "receive buffer full"

# from asm-generic/socket.h of Linux; Python names none of them
_RECEIVE_BUFFER_FORCED, _KERNEL_STAMPS, _KERNEL_DROPS = 33, 35, 40
_STAMP, _DROPS = struct.Struct("@ll"), struct.Struct("@I")
_ANCILLARY_BYTES = socket.CMSG_SPACE(_STAMP.size) + socket.CMSG_SPACE(_DROPS.size)


class _Address(NamedTuple):
    family: socket.AddressFamily
    name: tuple[Any, ...]
    """As the socket wants it: IPv6 has a flow and a scope behind host and port."""
    url: str

    @property
    def is_group(self) -> bool:
        return ipaddress.ip_address(self.name[0].partition("%")[0]).is_multicast


def open_stream(url: str, patience: Patience, tally: Tally) -> ByteStream:
    """Listen on a port; every chunk is one datagram, stamped by the kernel where it does that.

    Raises:
        SourceError: the port is taken or not permitted, or the address is not one of this machine.
        UsageError: the URL makes no sense.
    """
    parts, query = options(url, interface=str)
    interface = _interface(query.get("interface"))
    address = _address(parts, url, interface)
    opened = socket.socket(address.family, socket.SOCK_DGRAM)
    try:
        _prepare(opened, address)
        opened.bind(address.name)
        if address.is_group:
            _join(opened, address, interface)
    except OSError as error:
        opened.close()
        raise _cannot_listen(address, error) from None
    return ByteStream(_chunks(opened, address, patience, tally), opened.close, live=True, datagrams=True)


def _address(parts: SplitResult, url: str, interface: int) -> _Address:
    try:
        port = PORT if parts.port is None else parts.port
    except ValueError as error:
        raise UsageError(f"{url}: {error}", f"write for example udp://{HOST}:{PORT}") from None
    host = parts.hostname or HOST
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM)
    except OSError as error:
        raise SourceError(
            f"no host is called {host}: {error.strerror}", f"udp://{HOST}:{port} listens anyway"
        ) from None
    family, _, _, _, name = found[0]
    address = str(name[0])
    if family == socket.AF_INET:
        return _Address(family, (address, port), f"udp://{address}:{port}")
    return _Address(family, (address, port, 0, interface or name[-1]), f"udp://[{address}]:{port}")


def _prepare(opened: socket.socket, address: _Address) -> None:
    opened.setblocking(False)
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER)
    if address.family == socket.AF_INET6:
        opened.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
    if address.is_group:  # any number of programs may listen to a group
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if sys.platform == "linux":
        for option, value in ((_RECEIVE_BUFFER_FORCED, RECEIVE_BUFFER), (_KERNEL_STAMPS, 1), (_KERNEL_DROPS, 1)):
            try:
                opened.setsockopt(socket.SOL_SOCKET, option, value)
            except OSError:  # only root may force a buffer above the system's limit; the rest is not in every kernel
                continue


def _interface(name: str | None) -> int:
    """The number of a network interface; 0, which lets the routes decide, where none is named."""
    try:
        return socket.if_nametoindex(name) if name else 0
    except OSError:
        there = ", ".join(known for _, known in socket.if_nameindex())
        raise SourceError(f"no network interface is called {name}", f"there are: {there}") from None


def _join(opened: socket.socket, address: _Address, interface: int) -> None:
    """Ask the network for the datagrams of a group (RFC 1112; RFC 3493, 5.2)."""
    group = socket.inet_pton(address.family, address.name[0].partition("%")[0])
    if address.family == socket.AF_INET6:
        request = group + struct.pack("@I", address.name[-1])
        opened.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_JOIN_GROUP, request)
    else:
        request = group + bytes(4) + struct.pack("@i", interface)
        opened.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, request)


def _chunks(opened: socket.socket, address: _Address, patience: Patience, tally: Tally) -> Iterator[Chunk]:
    listener = _Listener(opened, tally)
    heard_s = time.monotonic()
    while True:
        if select.select([opened], [], [], TICK_S)[0]:
            while (chunk := listener.receive()) is not None:
                yield chunk
            heard_s = time.monotonic()
            continue
        if time.monotonic() - heard_s > patience.silence_s:
            raise SourceError(f"nothing came to {address.url} for {patience.silence_s:g} s", _why_silent(address))
        yield Chunk(b"", now_ns())


class _Listener:
    """Takes datagrams from a socket, and keeps the kernel's count of those it had no room for."""

    def __init__(self, opened: socket.socket, tally: Tally) -> None:
        self._socket, self._tally = opened, tally
        self._buffer = memoryview(bytearray(LARGEST))
        self._drops = 0

    def receive(self) -> Chunk | None:
        """The next datagram that is waiting, or None."""
        try:
            size, ancillary, _, _ = self._socket.recvmsg_into([self._buffer], _ANCILLARY_BYTES)
        except BlockingIOError:
            return None
        came_ns = now_ns()
        for level, kind, value in ancillary:
            if (level, kind) == (socket.SOL_SOCKET, _KERNEL_STAMPS):
                seconds, nanoseconds = _STAMP.unpack(value)
                came_ns = seconds * 1_000_000_000 + nanoseconds
            elif (level, kind) == (socket.SOL_SOCKET, _KERNEL_DROPS):
                self._count(_DROPS.unpack(value)[0])
        return Chunk(bytes(self._buffer[:size]), came_ns)

    def _count(self, drops: int) -> None:
        """Take the kernel's count so far; it has 32 bits."""
        self._tally.dropped[DROPPED] += (drops - self._drops) % (1 << 32)
        self._drops = drops
        if self._socket.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF) < RECEIVE_BUFFER:
            self._tally.note(f"sudo sysctl net.core.rmem_max={RECEIVE_BUFFER} gives datagrams more room to wait in")


def _cannot_listen(address: _Address, error: OSError) -> SourceError:
    host, port = address.name[:2]
    if error.errno == errno.EADDRINUSE:
        return SourceError(f"port {port} is taken by another program", f"ss -ulpn 'sport = :{port}' shows by which")
    if error.errno in (errno.EACCES, errno.EPERM):
        return SourceError(f"you may not listen on port {port}", "choose a port above 1023")
    if error.errno == errno.EADDRNOTAVAIL:
        return SourceError(f"{host} is not an address of this machine", f"udp://{HOST}:{port} listens on all it has")
    return SourceError(f"cannot listen on {address.url}: {error.strerror}", f"udp://{HOST}:{port} listens everywhere")


def _why_silent(address: _Address) -> str:
    host, port = address.name[:2]
    if host in (HOST, "::"):
        host = f"this machine{_own_address()}"
    return f"check that the board sends to {host}, port {port}, and that no firewall keeps UDP out"


def _own_address() -> str:
    """The address by which the network knows this machine, in brackets; empty where there is no network."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # picks a route (RFC 5737: the address is nobody's); nothing is sent
        except OSError:
            return ""
        return f" ({probe.getsockname()[0]})"

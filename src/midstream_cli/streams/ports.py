"""The serial ports of this machine: which there are, which one is the board, and why one cannot be opened."""

import errno
import os
from contextlib import suppress
from pathlib import Path

from midstream_cli.errors import SourceError

BOARD_MAKERS = {0x303A: "Espressif", 0x10C4: "CP210x", 0x1A86: "CH340", 0x0403: "FTDI"}
"""USB vendors of what an ESP32 board is plugged in by: the chip itself, or its USB-to-UART bridge."""


def board() -> str:
    """The one port that an ESP32 seems to be behind.

    Raises:
        SourceError: there is none, or more than one.
    """
    found = boards()
    if len(found) == 1:
        return found[0]
    if not found:
        raise SourceError(
            "no serial port looks like an ESP32",
            f"ports here: {listed()}; some cables only charge; name a port as serial:///dev/ttyUSB0",
        )
    raise SourceError(
        f"{len(found)} serial ports look like an ESP32",
        f"name one as serial://{found[0]}; there are: {listed()}",
    )


def boards() -> list[str]:
    """The ports that an ESP32 seems to be behind."""
    from serial.tools.list_ports import comports

    return sorted(str(port.device) for port in comports() if port.vid in BOARD_MAKERS)


def listed() -> str:
    """All ports, and what is behind them."""
    from serial.tools.list_ports import comports

    ports = sorted(comports(), key=lambda port: str(port.device))
    named = (f"{port.device} ({port.description})" if port.vid else str(port.device) for port in ports)
    return ", ".join(named) or "none"


def cannot_open(port: str, error: OSError) -> SourceError:
    """What a user can do about a port, a device or a URL of pyserial's own, that did not open."""
    # pyserial keeps the number of some errors only in the error that it was handling
    cause = error.__context__ if error.errno is None and isinstance(error.__context__, OSError) else error
    if "://" in port:
        reason = cause.strerror or cause
        return SourceError(
            f"{port} cannot be opened: {reason}", "check host and port, and that something listens there"
        )
    if cause.errno in (errno.ENOENT, errno.ENXIO, errno.ENODEV, errno.EIO):
        slashes = f"an absolute path has three slashes: serial:///{port}; " if Path("/", port) != Path(port) else ""
        return SourceError(f"there is no port {port}", f"{slashes}ports here: {listed()}")
    if cause.errno in (errno.EACCES, errno.EPERM):
        return SourceError(f"you may not open {port}", _how_to_be_allowed(port))
    if cause.errno in (errno.EBUSY, errno.EAGAIN):
        by = holders(port)
        return SourceError(
            f"{port} is in use{' by ' + ', '.join(by) if by else ''}",
            f"close it there; fuser -v {port} shows who has it",
        )
    return SourceError(f"{port} cannot be opened: {error}", f"check that it is a serial port; ports here: {listed()}")


def holders(device: str) -> list[str]:
    """The other programs that have a device open, as far as the system shows them."""
    real, found = Path(device).resolve(), []
    for process in Path("/proc").glob("[1-9]*"):
        # processes end while they are looked at, and those of other users do not let anyone look
        with suppress(OSError):
            if process.name != str(os.getpid()) and any(link.readlink() == real for link in (process / "fd").iterdir()):
                found.append(f"{(process / 'comm').read_text().strip()} (process {process.name})")
    return sorted(found)


def _how_to_be_allowed(device: str) -> str:
    try:
        group = Path(device).group()
    except (OSError, KeyError, NotImplementedError):
        group = "dialout"
    return f"join the group {group} and log in again: sudo usermod -aG {group} $USER"

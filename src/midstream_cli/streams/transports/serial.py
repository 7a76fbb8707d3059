"""A serial port: `serial:///dev/ttyUSB0?baud=921600`, `serial://COM5`, or `serial://` for the one ESP32 there is.

Options: `baud`, `rtscts`, `dsrdtr`, and `reset=1` to restart the board. URLs of pyserial work too: `socket://host:port`.
"""

import io
import os
import select
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote

from midstream_cli.errors import SourceError, UsageError
from midstream_cli.streams import ports
from midstream_cli.streams.tally import Tally
from midstream_cli.streams.transports import TICK_S, ByteStream, Chunk, Patience, now_ns, options, scheme_of

if TYPE_CHECKING:
    from serial import Serial

BAUD = 921_600
"""What the firmware of the known CSI projects is built for."""

READ_BYTES = 1 << 16
RETRY_S = 0.25
RESET_S = 0.1
"""How long esptool holds the reset line."""

OPTIONS: dict[str, type] = {"baud": int, "rtscts": int, "dsrdtr": int, "reset": int}

WENT_AWAY = "the port went away and came back; what was sent meanwhile is missing"


def open_stream(url: str, patience: Patience, tally: Tally) -> ByteStream:
    """Open a port without restarting the board, and open it again when it went away and came back.

    Raises:
        SourceError: there is no such port, it may not be opened, or somebody else has it.
        UsageError: an option is unknown or makes no sense.
    """
    port = _Port(_Settings.of(url))
    port.open()
    return ByteStream(_chunks(port, patience, tally), port.close, live=True)


def _chunks(port: "_Port", patience: Patience, tally: Tally) -> Iterator[Chunk]:
    heard_s = time.monotonic()
    lost_s: float | None = None
    while True:
        try:
            data = port.read()
        except OSError:
            if lost_s is None:
                lost_s = time.monotonic()
                patience.say(f"{port.name} went away; waiting {patience.reconnect_s:g} s for it to come back")
            yield from _reopened(port, patience, lost_s)
            heard_s = time.monotonic()
            continue
        came_ns, now_s = now_ns(), time.monotonic()
        if not data:
            if now_s - heard_s > patience.silence_s:
                raise _silent(port, patience)
            yield Chunk(b"", came_ns)
            continue
        if lost_s is not None:
            patience.say(f"{port.name} is back after {now_s - lost_s:.1f} s")
            tally.note(WENT_AWAY)
        yield Chunk(data, came_ns, gap=lost_s is not None)
        heard_s, lost_s = now_s, None


def _reopened(port: "_Port", patience: Patience, lost_s: float) -> Iterator[Chunk]:
    """Empty chunks until the port is there again; time counts from its first loss after the last byte.

    Raises:
        SourceError: it did not come back in time.
    """
    port.close()
    hint = "check cable and power; --reconnect waits longer"
    while time.monotonic() - lost_s < patience.reconnect_s:
        for _ in range(3):
            time.sleep(RETRY_S / 3)
            yield Chunk(b"", now_ns())
        try:
            port.open(again=True)
        except SourceError as error:
            hint = f"{error}; check cable and power; --reconnect waits longer"
        else:
            return
    raise SourceError(f"{port.name} went away and did not come back within {patience.reconnect_s:g} s", hint)


def _silent(port: "_Port", patience: Patience) -> SourceError:
    hint = "check that the other side is sending"
    if port.is_device:
        hint = (
            f"check the baud rate ({port.settings.baud} now, ?baud=115200 sets another), "
            "that the firmware prints CSI (?reset=1 restarts the board), and the cable"
        )
    return SourceError(f"nothing came from {port.name} for {patience.silence_s:g} s", hint)


@dataclass(frozen=True, slots=True)
class _Settings:
    """What a URL asks for."""

    target: str
    """A device, or a URL of pyserial's own; empty for the one board there is."""
    baud: int = BAUD
    rtscts: bool = False
    dsrdtr: bool = False
    reset: bool = False

    @classmethod
    def of(cls, url: str) -> "_Settings":
        """Take our options out of the query; what is left of another scheme's query is pyserial's."""
        address, _, query = url.partition("?")
        target = unquote(address[len("serial://") :])
        if scheme_of(url) != "serial":
            asked = [item for item in query.split("&") if item]
            theirs = [item for item in asked if item.partition("=")[0] not in OPTIONS]
            target = f"{address}?{'&'.join(theirs)}" if theirs else address
            query = "&".join(item for item in asked if item not in theirs)
        _, values = options(f"{address}?{query}", **OPTIONS)
        numbers = {name: int(value) for name, value in values.items()}
        baud = numbers.pop("baud", BAUD)
        if baud < 1:
            raise UsageError(f"{baud} baud is no rate", f"the usual rate is {BAUD}")
        return cls(target, baud, **{name: bool(number) for name, number in numbers.items()})


class _Port:
    """One port, open as long as it is there."""

    def __init__(self, settings: _Settings) -> None:
        self.settings = settings
        self.name = settings.target
        self._port: Serial | None = None
        self._selectable = False

    @property
    def is_device(self) -> bool:
        """Whether it is a port of this machine, not a URL of pyserial's."""
        return "://" not in self.name

    def open(self, *, again: bool = False) -> None:
        """Open it, and restart the board if that was asked for and this is the first time.

        Raises:
            SourceError: it cannot be opened.
        """
        self.name = self.settings.target or ports.board()
        port = _configured(self.name, self.settings)
        try:
            port.open()
        except OSError as error:
            raise ports.cannot_open(self.name, error) from None
        except ValueError as error:
            raise UsageError(f"{self.name} cannot be opened: {error}", "check the baud rate and the URL") from None
        if not self.settings.dsrdtr:
            with suppress(OSError):  # pseudo-terminals have no control lines
                port.dtr = False
        if self.settings.reset and not again:
            _restart(port, self.name)
        self._port, self._selectable = port, _is_selectable(port)
        port.timeout = 0 if self._selectable else TICK_S

    def read(self) -> bytes:
        """What is waiting, else what comes first within `TICK_S`.

        Raises:
            OSError: the port went away.
        """
        port = self._port
        assert port is not None
        if self._selectable:
            data = bytes(port.read(READ_BYTES)) if select.select([port], [], [], TICK_S)[0] else b""
        else:
            data = bytes(port.read(1))
            data += bytes(port.read(port.in_waiting)) if data else b""
        if not data and self.name.startswith("/"):
            Path(self.name).stat()
        return data

    def close(self) -> None:
        """Let go of it; it can be opened again."""
        if self._port is not None:
            with suppress(OSError):  # whatever is wrong with it, it is gone
                self._port.close()
            self._port = None


def _configured(name: str, settings: _Settings) -> "Serial":
    """A port that is not open yet.

    Opening raises DTR and RTS together. RTS without DTR holds the board in reset, and pyserial lowers DTR first; so RTS
    is lowered while opening, DTR afterwards, and the board runs on (esptool documentation, boot mode selection).
    """
    import serial

    try:
        port = serial.serial_for_url(
            name, do_not_open=True, baudrate=settings.baud, rtscts=settings.rtscts, dsrdtr=settings.dsrdtr
        )
    except (ValueError, OSError) as error:
        raise UsageError(f"{name} is not a port: {error}", "see the URL handlers of pyserial") from None
    if not settings.rtscts:
        port.rts = False
    if "://" not in name and os.name == "posix":
        port.exclusive = True
    if name.startswith("socket://"):  # pyserial would throw away what the other side sends at once
        setattr(port, "reset_input_buffer", lambda: None)  # noqa: B010 - of this one port
    return port


def _restart(port: "Serial", name: str) -> None:
    """Pull EN low and let it go, as esptool's hard reset does."""
    try:
        port.dtr = False
        port.rts = True
        time.sleep(RESET_S)
        port.rts = False
    except OSError:
        port.close()
        raise SourceError(f"{name} has no control lines to restart a board with", "leave ?reset=1 out") from None


def _is_selectable(port: "Serial") -> bool:
    try:
        port.fileno()
    except (AttributeError, io.UnsupportedOperation):
        return False
    return True

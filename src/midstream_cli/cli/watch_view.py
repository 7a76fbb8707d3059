"""The live view of `midstream watch`: what is known of every node, on a terminal, eight times a second."""

import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from midstream_cli.cli import console
from midstream_cli.cli.view.layout import render
from midstream_cli.cli.view.palette import palette_of
from midstream_cli.cli.view.screen import Screen
from midstream_cli.cli.view.state import State

if TYPE_CHECKING:
    import numpy.typing as npt

    from midstream_cli.results import Event, IntrospectionSnapshot

PERIOD_S = 0.125
"""Between two pictures, at least."""
SHARE = 4.0
"""Where drawing is slow, the time between two pictures is so many times what one takes."""


class View:
    """Shows what it is told, at most eight times a second; between that it only keeps what is newest.

    While it is entered, the terminal shows its other screen; at the end the last picture stays behind as text.
    """

    def __init__(self, source: str, *, stream: Any = None, now: Callable[[], float] = time.monotonic) -> None:
        """Prepare for a stream.

        Args:
            source: its name.
            stream: a terminal; None takes stdout.
            now: a clock, in seconds.
        """
        self._screen = Screen(sys.stdout if stream is None else stream)
        self._palette = palette_of(sys.stdout if stream is None else stream)
        self._now = now
        self._state = State(source, now_s=now())
        self._due_s = self._state.now_s
        self._begun = self._stopping = False

    def __enter__(self) -> Self:
        self.tick()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self.close()

    @property
    def gone(self) -> bool:
        """Whether the terminal is no more; nothing is drawn then, and nothing raised."""
        return self._screen.gone

    def show(self, snapshots: "Sequence[IntrospectionSnapshot]") -> None:
        """Take snapshots, in the order in which they came."""
        now_s, state = self._now(), self._state
        for snapshot in snapshots:
            node = state.nodes.get(snapshot.node) or state.node(snapshot.node, now_s)
            if node is not None:
                node.take(snapshot, now_s)
        self.tick()

    def rows(self, node: str, amplitudes: "npt.NDArray[Any]", names: Sequence[str] | None = None) -> None:
        """Take what the stream itself looks like, shape (n, subcarriers), or (n, columns) with their names."""
        known = self._state.node(node, self._now())
        if known is not None:
            known.rows(amplitudes, names)

    def text(self, node: str, text: str) -> None:
        """Take the next piece of a text."""
        known = self._state.node(node, self._now())
        if known is not None:
            known.write(text)

    def tell(self, events: "Sequence[Event]") -> None:
        """Take what has happened."""
        self._state.events.extend(events)

    def status(self, *, dropped: int = 0, bad: int = 0, lost: int | None = None) -> None:
        """Take how much of the source could not be seen.

        Args:
            dropped: frames that came too fast, or that could not be used.
            bad: lines or packets that are damaged.
            lost: frames that were sent and never came; None where that is not known.
        """
        self._state.dropped, self._state.bad, self._state.lost = dropped, bad, lost

    def tick(self) -> None:
        """Draw, if it is time to; to be called while nothing comes, too."""
        if self._stopping:
            self._stop()
        if self._now() >= self._due_s and not self._screen.gone:
            self._draw()

    def _draw(self) -> None:
        began_s = self._now()
        if not self._begun:
            self._begun = True
            console.show(self)
            self._heed_stops(on=True)
        if self._screen.ready():
            size = self._screen.size()
            self._screen.draw(self._picture(size, began_s), size)
        ended_s = self._now()
        self._due_s = began_s + max(PERIOD_S, SHARE * (ended_s - began_s))

    def _picture(self, size: tuple[int, int], now_s: float) -> list[str]:
        self._state.settle(now_s)
        for node in self._state.nodes.values():
            node.trim(size[0])
        return render(self._state, *size, self._palette)

    def hide(self) -> None:
        """Give the terminal back until the next picture, so that something can be printed that stays."""
        self._screen.leave()

    def _heed_stops(self, *, on: bool) -> None:
        """Let Ctrl-Z wait for the next `tick`, which gives the terminal back before."""

        def remember(*_: object) -> None:
            self._stopping = True

        # shells without job control have it ignored; and only the main thread may ask
        heard = signal.getsignal(signal.SIGTSTP) is not signal.SIG_IGN
        if heard and threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGTSTP, remember if on else signal.SIG_DFL)

    def _stop(self) -> None:
        self._stopping = False
        self._screen.leave()
        self._heed_stops(on=False)
        os.kill(os.getpid(), signal.SIGTSTP)
        # goes on here, with `fg`
        self._heed_stops(on=True)

    def close(self) -> None:
        """Leave the last picture behind, and the terminal as it was."""
        if not self._begun:
            return
        self._begun = False
        console.show(None)
        self._heed_stops(on=False)
        size = self._screen.size()
        self._screen.leave()
        lines = self._picture(size, self._now())
        while lines and not lines[-1].strip():
            lines.pop()
        self._screen.print(lines)

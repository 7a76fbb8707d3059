"""Interrupts that wait, and interrupts that do not."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace

import pytest

from midstream_cli.cli import console, interrupts
from midstream_cli.errors import ExitCode


@pytest.fixture(autouse=True)
def in_the_foreground() -> Iterator[None]:
    """Ctrl-C is heard, also where the tests run in the background."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.parametrize("number", interrupts.SIGNALS)
def test_an_interrupt_waits_for_the_work_inside(number: signal.Signals) -> None:
    done = []

    def work() -> None:
        with interrupts.held_back():
            os.kill(os.getpid(), number)
            done.append("all of it")

    before = [signal.getsignal(number) for number in interrupts.SIGNALS]
    with pytest.raises(KeyboardInterrupt):
        work()
    assert done == ["all of it"]
    assert [signal.getsignal(number) for number in interrupts.SIGNALS] == before


def test_without_an_interrupt_nothing_happens() -> None:
    with interrupts.held_back():
        pass
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_a_signal_that_is_ignored_stays_ignored() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with interrupts.held_back():
        os.kill(os.getpid(), signal.SIGINT)
    interrupts.last_chance()
    assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    signal.signal(signal.SIGTERM, signal.SIG_DFL)


def test_an_error_inside_goes_first() -> None:
    def work() -> None:
        with interrupts.held_back():
            os.kill(os.getpid(), signal.SIGINT)
            raise KeyError("first")

    with pytest.raises(KeyError):
        work()


def test_the_result_of_long_work_is_waited_for_and_so_is_its_error() -> None:
    assert interrupts.waited_for(lambda: 7) == 7
    with pytest.raises(ZeroDivisionError):
        interrupts.waited_for(lambda: 1 // 0)


def test_work_that_shows_nothing_itself_is_seen_going_on(monkeypatch: pytest.MonkeyPatch) -> None:
    titles: list[str] = []
    shown: list[tuple[float, str]] = []

    @contextmanager
    def progress(title: str, total: float | None) -> Iterator[SimpleNamespace]:
        titles.append(title)
        assert total is None
        yield SimpleNamespace(update=lambda done, text: shown.append((done, text)))

    def work() -> int:
        time.sleep(1.2)
        return 7

    monkeypatch.setattr(console, "progress", progress)
    assert interrupts.waited_for(work, "comparing") == 7
    assert titles == ["comparing"]
    assert shown == sorted(shown)
    assert len(shown) > 3
    assert shown[-1][1] == "1 s"
    assert interrupts.waited_for(lambda: 8) == 8
    assert titles == ["comparing"]


@pytest.mark.parametrize("number", interrupts.SIGNALS)
def test_work_that_nothing_can_stop_does_not_keep_an_interrupt_waiting(number: signal.Signals) -> None:
    code = (
        "import os, signal, time; from concurrent.futures import ThreadPoolExecutor\n"
        "from midstream_cli.cli import interrupts\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "interrupts.take_all_as_ctrl_c()\n"
        "def work():\n"
        "    with ThreadPoolExecutor() as threads:\n"
        "        threads.submit(time.sleep, 60)\n"
        f"        os.kill(os.getpid(), {int(number)})\n"
        "interrupts.waited_for(work)\n"
        "print('never')\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=30)
    assert (done.returncode, done.stdout) == (ExitCode.INTERRUPTED, "")


@pytest.mark.parametrize("number", interrupts.SIGNALS)
def test_after_the_last_chance_an_interrupt_ends_the_process_at_once(number: signal.Signals) -> None:
    code = (
        "import os, signal; from midstream_cli.cli import interrupts\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "interrupts.take_all_as_ctrl_c()\n"
        f"try: os.kill(os.getpid(), {int(number)})\n"
        "except KeyboardInterrupt: interrupts.last_chance()\n"
        "print('first', flush=True)\n"
        f"os.kill(os.getpid(), {int(number)})\n"
        "print('never')\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (-number, "first\n")

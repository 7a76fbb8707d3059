"""When packets come, and which get lost."""

import math
from collections.abc import Iterable
from itertools import islice

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from midstream_cli.frames import Float64, Int64
from midstream_cli.streams.simulate.traffic import AIRTIME_S, BLOCK, MEAN_BURST, Arrivals, arrivals, losses, queued


def within(seconds: float, blocks: Iterable[Arrivals]) -> tuple[Int64, Float64, npt.NDArray[np.bool_]]:
    """Number, time and receipt of the packets that are sent in time."""
    numbers, times, receipts = zip(*((block.number, block.time_s, block.received) for block in blocks), strict=True)
    time_s = np.concatenate(times)
    in_time = time_s < seconds
    return np.concatenate(numbers)[in_time], time_s[in_time], np.concatenate(receipts)[in_time]


@given(st.lists(st.floats(0.0, 1.0), min_size=1, max_size=60), st.floats(0.0, 0.1), st.floats(-1.0, 1.0))
def test_a_queue_sends_one_packet_after_another(ready: list[float], service_s: float, last_s: float) -> None:
    ready_s = np.array(ready)
    now, expected = last_s, []
    for at in ready:
        now = max(at, now + service_s)
        expected.append(now)
    np.testing.assert_allclose(queued(ready_s, last_s, service_s), expected, rtol=0, atol=1e-12)


@given(st.integers(0, 2**32), st.floats(0.001, 0.98), st.integers(1, 3), st.integers(1, 80))
def test_losses_are_those_of_a_chain_of_two_states(seed: int, loss: float, links: int, n: int) -> None:
    random = np.random.default_rng(seed)
    uniform, bad = random.random((n, links)), random.random(links) < 0.5
    recover = min(1 / MEAN_BURST, 1 - loss)
    turn_bad = recover * loss / (1 - loss)
    state, expected = bad.copy(), []
    for row in uniform:
        state = np.where(state, row < 1 - recover, row < turn_bad)
        expected.append(state)
    np.testing.assert_array_equal(losses(uniform, loss, bad), expected)


@pytest.mark.parametrize("loss", [0.01, 0.1, 0.4, 0.8])
def test_as_many_packets_get_lost_as_asked_and_a_few_in_a_row(loss: float) -> None:
    n = 200_000
    lost = losses(np.random.default_rng(3).random((n, 1)), loss, np.zeros(1, np.bool_))[:, 0]
    burst = max(MEAN_BURST, 1 / (1 - loss))
    # correlated packets vary more than a binomial by (1 + rho) / (1 - rho), rho = 1 - p - q of the chain
    rho = 1 - 1 / burst / (1 - loss)
    deviation = math.sqrt(loss * (1 - loss) / n * (1 + rho) / (1 - rho))
    assert abs(lost.mean() - loss) < 4 * deviation
    bursts = (np.diff(lost.astype(int), prepend=0) == 1).sum()
    assert lost.sum() / bursts == pytest.approx(burst, rel=5 / math.sqrt(bursts))


def test_nothing_gets_lost_where_nothing_is_to() -> None:
    _, _, received = within(30.0, arrivals(1, 100.0, 30.0, 0.0))
    assert received.all()


def test_packets_come_at_their_rate_in_order_and_never_two_at_once() -> None:
    number, time_s, _ = within(60.0, arrivals(1, 100.0, 60.0, 0.0))
    np.testing.assert_array_equal(number, np.arange(len(number)))
    assert len(number) == pytest.approx(6000, abs=10)
    steps = np.diff(time_s)
    assert steps.min() >= AIRTIME_S - 1e-9
    assert np.median(steps) == pytest.approx(0.01, rel=0.02)
    late = time_s - number * 0.01
    assert late.min() >= 0.0
    # a busy medium holds some up, and sends them on in a burst
    assert 0.03 < (late > 0.001).mean() < 0.3
    assert (steps < 0.001).mean() > 0.01


def test_a_shorter_stream_is_the_beginning_of_a_longer_one() -> None:
    short, long = (within(9.0, arrivals(5, 150.0, seconds, 0.2)) for seconds in (9.0, 30.0))
    for first, second in zip(short, long, strict=True):
        np.testing.assert_array_equal(first, second)


def test_nothing_is_received_after_the_end() -> None:
    for block in arrivals(5, 150.0, 9.0, 0.0):
        np.testing.assert_array_equal(block.received, block.time_s < 9.0)


def test_a_stream_without_end_goes_on_in_blocks() -> None:
    blocks = list(islice(arrivals(5, 100.0, math.inf, 0.1), 3))
    assert [block.block for block in blocks] == [0, 1, 2]
    assert all(len(block.number) == BLOCK for block in blocks)


def test_senders_take_turns_and_lose_packets_each_by_itself() -> None:
    number, time_s, received = within(200.0, arrivals(2, 50.0, 200.0, 0.3, nodes=2))
    assert len(number) == pytest.approx(2 * 50 * 200, rel=0.01)
    assert (np.diff(time_s) >= 0).all()
    first, second = (~received[number % 2 == node][:9000] for node in (0, 1))
    correlation = float(np.corrcoef(first, second)[0, 1])
    assert abs(correlation) < 0.1


@pytest.mark.parametrize("rate_hz", [0.5, 2000.0])
def test_slow_and_fast_senders_keep_their_rate(rate_hz: float) -> None:
    seconds = 2000 / rate_hz
    number, time_s, _ = within(seconds, arrivals(1, rate_hz, seconds, 0.0))
    assert len(number) == pytest.approx(2000, abs=100)
    assert (np.diff(time_s) > 0).all()

"""When packets come: a steady sender whose packets wait for a busy medium, come in bursts, and get lost."""

import math
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from midstream_cli.frames import Float64, Int64

BLOCK = 1024
"""Packets of each sender whose random numbers are drawn together: what comes out never depends on how it is read."""

TRAFFIC = 0x7AFF
"""Keeps the random numbers of this module apart from those of others."""

JITTER_S = 0.0003
"""Of the sender's own timer."""

BUSY, BUSY_S = 0.03, 0.015
"""So many packets meet a busy medium, and wait so long on average."""

AIRTIME_S = 0.0003
"""Between two packets that waited in one queue."""

MEAN_BURST = 2.0
"""Packets lost one after another, on average."""


class Arrivals(NamedTuple):
    """The packets of one block, in the order they are sent; a block is always whole."""

    block: int
    number: Int64
    """Shape (n,): how many packets were sent before this one."""
    time_s: Float64
    """Shape (n,), never decreasing."""
    received: npt.NDArray[np.bool_]
    """Shape (n,): neither lost nor sent after the end."""


def arrivals(seed: int, rate_hz: float, duration_s: float, loss: float, nodes: int = 1) -> Iterator[Arrivals]:
    """Packets of `nodes` senders taking turns, each `rate_hz` a second, until the time is over.

    Args:
        loss: the share of packets that get lost, from 0 up to but not including 1.
    """
    interval_s = 1.0 / (rate_hz * nodes)
    queue_s, bad = -math.inf, np.zeros(nodes, np.bool_)
    block, size = 0, BLOCK * nodes
    while block * size * interval_s < duration_s:
        random = np.random.default_rng((seed, TRAFFIC, block))
        number = np.arange(block * size, (block + 1) * size)
        busy, wait, jitter = random.random(size) < BUSY, random.exponential(BUSY_S, size), random.random(size)
        ready_s = number * interval_s + jitter * min(JITTER_S, 0.1 * interval_s) + np.where(busy, wait, 0.0)
        time_s = queued(ready_s, queue_s, min(AIRTIME_S, 0.5 * interval_s))
        lost = losses(random.random((BLOCK, nodes)), loss, bad)
        yield Arrivals(block, number, time_s, ~lost.reshape(-1) & (time_s < duration_s))
        queue_s, bad = float(time_s[-1]), lost[-1]
        block += 1


def queued(ready_s: Float64, last_s: float, service_s: float) -> Float64:
    """When each packet leaves a queue that sends them in order, `service_s` after the one before or later.

    The recursion t_i = max(ready_i, t_(i-1) + service) (Lindley, "The theory of queues with a single server", Proc.
    Cambridge Phil. Soc. 48, 1952) as a running maximum.

    Args:
        ready_s: shape (n,), when each is ready to go.
        last_s: when the packet before them left.
    """
    served = np.arange(len(ready_s)) * service_s
    slack = np.concatenate([[last_s + service_s], ready_s - served])
    times: Float64 = np.maximum.accumulate(slack)[1:] + served
    return times


def losses(uniform: Float64, loss: float, bad: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Which packets get lost in a channel that is good or bad for a while.

    Gilbert, "Capacity of a burst-noise channel", Bell Syst. Tech. J. 39, 1960: a chain of two states, of which the bad
    one loses every packet. A number below the chance to turn bad makes the state bad whatever it was, one above the
    chance to stay bad makes it good, and one between keeps it.

    Args:
        uniform: shape (n, links), random numbers from 0 to 1.
        loss: the share of packets lost in the long run.
        bad: shape (links,), the state before the first packet.
    """
    if loss <= 0:
        return np.zeros(uniform.shape, np.bool_)
    recover = min(1 / MEAN_BURST, 1 - loss)
    turn_bad = recover * loss / (1 - loss)
    decides = (uniform < turn_bad) | (uniform >= 1 - recover)
    rows = np.arange(1, len(uniform) + 1)[:, None]
    last = np.maximum.accumulate(np.where(decides, rows, 0), axis=0)
    states = np.concatenate([bad[None], uniform < turn_bad])
    lost: npt.NDArray[np.bool_] = np.take_along_axis(states, last, axis=0)
    return lost

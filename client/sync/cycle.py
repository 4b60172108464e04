"""One cycle of sync: drives the engine with the store on one side and the platform on the other.

No transaction is open while the network is asked. Everything that must survive is written before the
first byte goes out, and everything that came is written in one transaction: a cycle that is killed
anywhere is taken up by the next one. Ten cycles do the same as one.
"""

from __future__ import annotations

import time

from client.store.desk import Desk
from client.sync.driver import Driver, Entropy
from client.sync.flights import Timer
from client.sync.lanes import Lanes, Threads
from client.sync.outcome import Progress, SyncOutcome, Tell
from client.sync.pausing import Cancelled, Pause, real_pause
from client.sync.wire import Transport

__all__ = ["Lanes", "Progress", "SyncOutcome", "Tell", "run"]


def run(
    desk: Desk,
    transport: Transport,
    *,
    progress: Tell,
    cancelled: Cancelled,
    entropy: Entropy,
    feed_wait_s: int = 0,
    pause: Pause | None = None,
    lanes: Lanes | None = None,
    timer: Timer = time.monotonic,
) -> SyncOutcome:
    """Run one cycle: greet, send what is due, read what came.

    Args:
        desk: the open desk; its operator is signed in.
        transport: to the platform.
        progress: told after every step.
        cancelled: asked between the steps; what was begun is taken up next time.
        entropy: a random number from 0 up to 1, for waits.
        feed_wait_s: how long the platform may hold a question for news when there are none; with more
            than 0 the cycle ends when for so long nothing came.
        pause: lets time pass; real time when None.
        lanes: carries batches beside one another; threads when None.
        timer: seconds that only rise, to measure the line with.

    Returns:
        What was done; a failure of the link or a refusal stands in `problem`.

    Raises:
        StoreError: the desk cannot be written.
    """
    pause = pause or real_pause(cancelled)
    threads = Threads()
    try:
        driver = Driver(desk, transport, progress, cancelled, entropy, pause, lanes or threads, timer)
        return driver.run(feed_wait_s)
    finally:
        threads.close()

"""How often a program may ask: counted by the minute in Redis for all processes, else in each process by itself."""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache

from django.conf import settings
from redis import Redis, RedisError
from redis.backoff import NoBackoff
from redis.retry import Retry

WINDOW = 60  # seconds
PATIENCE = 0.2  # seconds that a request waits for Redis
PAUSE = 10.0  # seconds for which a Redis that did not answer is left alone

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Allowance:
    """Of `limit` requests a minute this was number `used`; after `reset` seconds counting begins anew."""

    limit: int
    used: int
    reset: int

    @property
    def is_exceeded(self) -> bool:
        return self.used > self.limit

    @property
    def headers(self) -> dict[str, str]:
        left = max(0, self.limit - self.used)
        told = {"RateLimit-Limit": self.limit, "RateLimit-Remaining": left, "RateLimit-Reset": self.reset}
        return {name: str(number) for name, number in told.items()}


def take(client_id: int, *, limit: int) -> Allowance:
    """Count one more request of this client in the present minute."""
    now = int(time.time())
    minute = now // WINDOW
    used = _shared.count(client_id, minute)
    if used is None:
        used = _own.count(client_id, minute)
    return Allowance(limit, used, WINDOW - now % WINDOW)


class SharedCount:
    """Counts in Redis. While it does not answer `count` is None, and it is asked again only after a pause."""

    def __init__(self) -> None:
        self.asleep_until = 0.0

    def count(self, client_id: int, minute: int) -> int | None:
        if not settings.REDIS_URL or time.monotonic() < self.asleep_until:
            return None
        key = f"api:{client_id}:{minute}"
        try:
            both = _redis(settings.REDIS_URL).pipeline()
            both.incr(key)
            both.expire(key, 2 * WINDOW)
            used, _set = both.execute()
        except RedisError as fault:
            self.asleep_until = time.monotonic() + PAUSE
            logger.warning("Redis does not answer: API requests are counted in each process. %s", fault)
            return None
        return int(used)


class OwnCount:
    """Counts of this process, of the present minute only."""

    def __init__(self) -> None:
        self.lock, self.minute, self.used = threading.Lock(), 0, Counter[int]()

    def count(self, client_id: int, minute: int) -> int:
        with self.lock:
            if minute != self.minute:
                self.minute, self.used = minute, Counter()
            self.used[client_id] += 1
            return self.used[client_id]


@lru_cache(maxsize=1)
def _redis(url: str) -> Redis:
    return Redis.from_url(url, socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE, retry=Retry(NoBackoff(), 0))


_shared, _own = SharedCount(), OwnCount()

"""What every gateway can do, and what it is given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Protocol


@dataclass(frozen=True)
class Outgoing:
    """One text for one address. `uid` is the same however often it is tried.

    Providers of text messages in China send approved templates: `template` names ours (`code`, `alert`, `daily`),
    `params` fill it. The others send `subject` and `text`. `since` is when it was first tried, `ref` the provider's
    number for it where that is known.
    """

    uid: str
    address: str
    template: str
    params: Mapping[str, str]
    subject: str
    text: str
    since: datetime
    ref: str = ""


class Standing(Enum):
    """What became of something that was sent, as far as the provider says."""

    DELIVERED = "delivered"
    FAILED = "failed"
    ON_ITS_WAY = "on its way"
    NEVER_CAME = "never came"  # the provider has never heard of it
    CANNOT_SAY = "cannot say"


class Refused(Exception):
    """The provider will never send this: the number does not exist, the template is not approved."""


class Unavailable(Exception):
    """The provider did not take it this time: try again later."""


class Gateway(Protocol):
    """`send` answers with the provider's number; it raises Refused or Unavailable. `look_up` raises Unavailable."""

    name: str

    def send(self, outgoing: Outgoing) -> str: ...

    def look_up(self, outgoing: Outgoing) -> Standing: ...

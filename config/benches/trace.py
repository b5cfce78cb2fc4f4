"""What a complete trace costs, beside reading the same finished answer out of plain tables."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from functools import partial
from typing import Any

import psycopg2
from django.db import connection
from django.utils import timezone

from catalog.models import Lot
from config.benches.measures import Measure, Report, in_turns, milliseconds
from config.benches.place import address
from enterprises.models import Enterprise
from ledgers import sql
from ledgers.tracing import downstream

DATA = """
INSERT INTO enterprises_enterprise (name, name_pinyin, name_initials, uscc, place, legacy_number, roles, status,
    region_as_given, address, legal_representative, contact_name, telephone, unit_type, economic_type,
    business_scope, is_person, identity_hash, identity_last4, created_at)
"""


@dataclass(frozen=True)
class Size:
    """How much is made: the traced lot went into `made` lots over two steps, which moved `answer` times in all."""

    answer: int = 10_000
    made: int = 200
    halfway: int = 20
    entries: int = 200_000
    traders: int = 2_000
    rounds: int = 41


class DifferentAnswers(Exception):
    """The trace and the finished rows are not the same: there is nothing to measure."""

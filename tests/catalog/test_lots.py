"""Lots stay: the books name them without a foreign key of their own."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from catalog.models import Lot


def test_a_lot_is_never_deleted(seller, peanuts):
    lot = Lot.objects.create(product=peanuts, code="L1", code_key="L1", unit=peanuts.unit, declared_by=seller)
    with pytest.raises(IntegrityError, match="spoken of in the books"), transaction.atomic():
        lot.delete()
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("TRUNCATE catalog_lot CASCADE")
    assert Lot.objects.get() == lot

"""The list of papers stays quick for an enterprise with very many of them."""

from __future__ import annotations

import datetime

import pytest
from django.db import connection

from enterprises.scoping import Scope
from ledgers.models import Invoice
from ledgers.registers import InvoiceRegister
from ledgers.services import confirm_invoice

PAGE = 50


@pytest.fixture
def papers(seller, buyer, stranger, peanuts, today) -> list[int]:
    """A hundred and thirty drafts of the buyer, bought and sold in turn, the newest first."""
    for n in range(130):
        parties = (seller, buyer) if n % 2 else (buyer, stranger)
        Invoice.objects.create(
            author=buyer, seller=parties[0], buyer=parties[1], traded_on=today - datetime.timedelta(days=n % 7)
        )
    return list(Invoice.objects.order_by("-traded_on", "-pk").values_list("pk", flat=True))


@pytest.mark.parametrize("number", [1, 2, 3])
def test_both_sides_stand_in_one_order_on_every_page(signed_in, papers, buyer_clerk, number):
    page = signed_in(buyer_clerk).get("/ledgers/invoice/", {"page": number}).context["page"]
    assert [row.pk for row in page] == papers[(number - 1) * PAGE : number * PAGE]
    assert page.paginator.count == 130


def test_a_filter_narrows_both_sides(signed_in, papers, buyer_clerk, draft, clerk, buyer):
    confirm_invoice(draft, actor=clerk)
    page = signed_in(buyer_clerk).get("/ledgers/invoice/", {"status": "confirmed"}).context["page"]
    assert [row.pk for row in page] == [draft.pk]


def test_the_first_page_comes_from_the_indexes_of_the_two_sides(papers, buyer):
    scope = Scope(enterprise_ids=frozenset({buyer.pk}))
    register = InvoiceRegister()
    parts = register.paginator(register.rows(scope), scope).parts
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off; SET LOCAL enable_bitmapscan = off")
    plans = [part.select_related(None)[:PAGE].explain() for part in parts]
    assert ["invoice_of_seller" in plan for plan in plans] == [True, False]
    assert ["invoice_of_buyer" in plan for plan in plans] == [False, True]

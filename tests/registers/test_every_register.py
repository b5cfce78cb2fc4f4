"""One suite, every register: the house rules that no register may break. A register without a sample fails."""

from __future__ import annotations

import csv
import datetime
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from guardian.shortcuts import assign_perm
from openpyxl import load_workbook

from accounts.models import Authority, Region, User
from alerts.contacts import keep_contact
from alerts.messaging import send, write
from alerts.models import AlertRule, ContactPoint, Delivery, Message
from alerts.recipients import Choice
from catalog.barcodes import check_digit
from catalog.models import (
    AdditiveLimit,
    Component,
    FieldConflict,
    FoodCategory,
    Listing,
    Packing,
    Product,
    ProductMerge,
    ProductReport,
    Unit,
)  # fmt: skip
from catalog.services import contribute
from certificates.models import (
    CertificateKind,
    CertificateRequest,
    ConformityDocument,
    EvidenceRule,
    HealthCertificate,
    Licence,
)
from enterprises.identifiers import uscc_check_character
from enterprises.models import Claim, Closure, Enterprise, Partnership, Proposal
from enterprises.scoping import Scope
from enterprises.services import KEEP_BOOKS
from exchange.models import ApiClient, ImportRun
from investigations.services import open_case
from laws.models import CalendarDay, RuleParameter
from ledgers.chain.opening import open_trace
from ledgers.models import (
    CorrectionProposal,
    Invoice,
    InvoiceWarning,
    ProductionRun,
    RetentionYear,
    StockPaper,
)
from ledgers.services import confirm_invoice
from registers.actions import Action
from registers.register import Register
from tests.alerts.conftest import an_alert
from tests.conftest import make_draft

QUERIES_MAX = 25
PASSWORD = "long enough 314"


def all_registers() -> Iterator[Register]:
    for app in settings.HOUSE_APPS:
        if find_spec(f"{app}.registers"):
            yield from import_module(f"{app}.registers").registers


REGISTERS = {f"{register.app}.{register.slug}": register for register in all_registers()}


# The cast, and one row of everything


def a_uscc(n: int) -> str:
    body = f"92230103DEMT{n:05d}"
    return body + uscc_check_character(body)


def a_barcode(n: int) -> str:
    body = f"952000{n:06d}"
    return body + check_digit(body)


class Cast:
    """The persons and things of conftest, called by name."""

    def __init__(self, request: Any) -> None:
        self._request = request

    def __getattr__(self, name: str) -> Any:
        return self._request.getfixturevalue(name)


@pytest.fixture
def cast(request, seller, buyer, peanuts) -> Cast:
    return Cast(request)


@dataclass(frozen=True)
class Sample:
    """How to make row `n`, how it shows, who looks after such rows, and who has the same role elsewhere."""

    make: Callable[[Cast, int], Any]
    shown: str
    who: str
    stranger: str = ""
    typed: Callable[[Cast, int], dict[str, Any]] | None = None
    change: dict[str, Any] = field(default_factory=dict)
    bad: dict[str, str] = field(default_factory=dict)


def another(n: int, **fields: Any) -> Enterprise:
    return Enterprise.objects.create(name=f"样本商户{n}", uscc=a_uscc(n), **fields)


def sold(cast: Cast, n: int) -> Any:
    paper = confirm_invoice(make_draft(cast.seller, cast.buyer, cast.peanuts, lot=f"样本批{n}"), actor=cast.clerk)
    return paper.entries.get()


def delivered(cast: Cast, n: int) -> Any:
    seller = Enterprise.objects.create(name=f"样本户{n}", status="active", region=cast.seller.region)
    assign_perm(KEEP_BOOKS, cast.clerk, seller)
    return confirm_invoice(make_draft(seller, cast.buyer, cast.peanuts), actor=cast.clerk).receipt


def in_stock(cast: Cast, n: int) -> Any:
    return sold(cast, n).lot.stock.get(enterprise=cast.buyer)


def kept(cast: Cast, n: int) -> Enterprise:
    """One more enterprise whose books the clerk keeps."""
    enterprise = another(n, region=cast.seller.region)
    assign_perm(KEEP_BOOKS, cast.clerk, enterprise)
    return enterprise


def late(cast: Cast, n: int) -> Any:
    """Written nine days after the trade."""
    day = timezone.localdate() - datetime.timedelta(days=9)
    return confirm_invoice(make_draft(kept(cast, n), cast.buyer, cast.peanuts, day=day), actor=cast.clerk)


def made(cast: Cast, n: int) -> ProductionRun:
    return ProductionRun.objects.create(enterprise=cast.seller, produced_on="2026-01-05", note=f"样本班{n}")


def counted(cast: Cast, n: int) -> StockPaper:
    return StockPaper.objects.create(enterprise=cast.seller, kind="count", happened_on="2026-01-05", note=f"样本盘{n}")


def asking(cast: Cast, n: int) -> ApiClient:
    """A program with a token."""
    return ApiClient.objects.create(
        name=f"样本程序{n}", scopes=["products:read"], token_hash=str(n), author=cast.administrator
    )


def imported(cast: Cast, n: int) -> ImportRun:
    return ImportRun.objects.create(
        enterprise=cast.seller, actor=cast.clerk, kind="sale", file_name=f"样本表{n}.csv", sha256="x", language="en",
        state="checked",
    )  # fmt: skip


def drafted(cast: Cast, n: int) -> Invoice:
    draft = make_draft(cast.seller, cast.buyer, cast.peanuts)
    Invoice.objects.filter(pk=draft.pk).update(paper_number=f"样本单{n}")
    return draft


def licence(cast: Cast, n: int) -> dict[str, Any]:
    return {
        "holder": cast.seller.uscc, "kind": "business", "number": f"SAMPLE{n}", "valid_from": "2026-01-01",
        "valid_until": "2036-01-01",
    }  # fmt: skip


def certificate_kind(cast: Cast, n: int) -> dict[str, Any]:
    return {"key": f"zz_sample{n}", "subject": "enterprise", "name_zh": f"样本证{n}", "name_en": f"样本证{n}",
            "validity": "open", "years_max": "5", "position": "1"}  # fmt: skip


def evidence_rule(cast: Cast, n: int) -> dict[str, Any]:
    return {"key": f"sample{n}", "name_zh": f"样本规{n}", "name_en": f"样本规{n}", "per": "lot", "source": "样本法",
            "valid_from": "2099-01-01"}  # fmt: skip


def without_papers(cast: Cast, n: int) -> Any:
    Product.objects.filter(pk=cast.peanuts.pk).update(category="05")
    return in_stock(cast, n)


def rule(cast: Cast, n: int) -> dict[str, Any]:
    return {"key": f"sample{n}", "value": "3", "unit": "d", "source": "样本法", "valid_from": "2099-01-01"}


def holiday(cast: Cast, n: int) -> dict[str, Any]:
    return {"day": f"2099-01-{n + 1:02d}", "note": f"样本节{n}"}


def asked_for(cast: Cast, n: int) -> CorrectionProposal:
    return CorrectionProposal.objects.create(
        invoice=sold(cast, n).invoice, asked=cast.buyer, author=cast.clerk, reason=f"样本由{n}", differences={}
    )


def merged(cast: Cast, n: int) -> ProductMerge:
    """A merge as it is kept; what it moved is another test's."""
    other = Product.objects.create(name=f"样本货{n}", unit=cast.peanuts.unit)
    return ProductMerge.objects.create(survivor=cast.peanuts, merged=other, reason=f"样本由{n}", author=cast.clerk)


def reported(cast: Cast, n: int) -> ProductReport:
    """Wrong data that the clerk tells."""
    return ProductReport.objects.create(product=cast.peanuts, field="brand", says=f"样本牌{n}", author=cast.clerk)


def not_said(cast: Cast, n: int) -> Invoice:
    """A purchase of the buyer that its seller has not said yes to."""
    seller = another(n, region_id="230103", status="active")
    return confirm_invoice(make_draft(seller, cast.buyer, cast.peanuts, author=cast.buyer), actor=cast.buyer_clerk)


def warned(cast: Cast, n: int) -> InvoiceWarning:
    return InvoiceWarning.objects.create(invoice=sold(cast, n).invoice, rule="closed", facts={"party": "x"},
                                         reason=f"样本由{n}")  # fmt: skip


def coded(cast: Cast, n: int) -> dict[str, Any]:
    return {"code": f"sample{n}", "name_zh": f"样本{n}", "name_en": f"Sample {n}"}


def limit(cast: Cast, n: int) -> dict[str, Any]:
    return {"additive": f"样本剂{n}", "category": FoodCategory.objects.first().pk, "max_grams_per_kg": "0.075",
            "source": "示例标准", "valid_from": "2026-01-01"}  # fmt: skip


def packed(cast: Cast, n: int) -> dict[str, str]:
    """A package of goods of one's own list, as typed."""
    product = own_product(cast, n)
    Listing.objects.get_or_create(product=product, enterprise=cast.seller)
    return {"product": product.name, "unit": "case", "quantity": "24"}


def part(cast: Cast, n: int) -> dict[str, Any]:
    Listing.objects.get_or_create(enterprise=cast.seller, product=own_product(cast, n))
    return {"product": "H-1", "part": f"S{n}", "quantity": "0.02"}


def own_product(cast: Cast, n: int) -> Product:
    product, _made = Product.objects.get_or_create(
        name=f"样本货{n}", unit=Unit.objects.get(code="bag"), owner=cast.seller, self_code=f"S{n}"
    )
    return product


def claimed_to_make(cast: Cast, n: int) -> FieldConflict:
    product = Product.objects.create(name=f"样本货{n}", unit=Unit.objects.get(code="bag"))
    contribute(product, {"brand": "x"}, enterprise=cast.seller, actor=cast.clerk, is_maker=True)
    return FieldConflict.objects.get(product=product)


SAMPLES = {
    "accounts.region": Sample(
        make=lambda cast, n: Region.objects.create(code=f"2302{n:02d}", name=f"样本区{n}"),
        shown="样本区{n}", who="administrator",
        typed=lambda cast, n: {"code": f"2302{n:02d}", "name": f"样本区{n}"},
        change={"name": "改名区"}, bad={"code": "1234567890123456"},
    ),
    "accounts.authority": Sample(
        make=lambda cast, n: Authority.objects.create(name=f"样本局{n}"), shown="样本局{n}", who="administrator",
        typed=lambda cast, n: {"name": f"样本局{n}", "regions": "230103，4502"},
        change={"telephone": "0451-12315"}, bad={"regions": "9999"},
    ),
    "accounts.user": Sample(
        make=lambda cast, n: User.objects.create_user(f"sample{n}", "pass"), shown="sample{n}", who="administrator",
        typed=lambda cast, n: {"username": f"sample{n}", "role": "trader", "is_active": "on", "password": PASSWORD},
        change={"display_name": "改了名"}, bad={"role": "emperor"},
    ),
    "enterprises.enterprise": Sample(
        make=lambda cast, n: another(n, region_id="230103"), shown="样本商户{n}", who="officer",
        stranger="officer_elsewhere",
        typed=lambda cast, n: {
            "name": f"样本商户{n}", "uscc": a_uscc(n), "roles": ["RETAILER"], "region": "230103001"
        },
        change={"telephone": "0451-1"}, bad={"uscc": "92230103DEMT00001"},
    ),
    "enterprises.partnership": Sample(
        make=lambda cast, n: Partnership.objects.create(owner=cast.seller, partner=another(n), role="customer"),
        shown="样本商户{n}", who="clerk", stranger="stranger_clerk",
        typed=lambda cast, n: {"role": "customer", "number": a_uscc(n), "name": f"样本商户{n}"},
        change={"contact_name": "王先生"}, bad={"number": "12"},
    ),
    "enterprises.proposal": Sample(
        make=lambda cast, n: Proposal.objects.create(
            enterprise=another(n, region_id="230103"), author=cast.clerk, changes={"address": "x"}
        ),
        shown="样本商户{n}", who="officer", stranger="officer_elsewhere",
    ),
    "enterprises.claim": Sample(
        make=lambda cast, n: Claim.objects.create(
            enterprise=another(n, region_id="230103"), author=cast.clerk, evidence="x"
        ),
        shown="样本商户{n}", who="officer", stranger="officer_elsewhere",
    ),
    "alerts.alert": Sample(
        make=lambda cast, n: an_alert(kept(cast, n)), shown="样本商户{n}", who="clerk", stranger="stranger_clerk",
    ),
    "alerts.conversation": Sample(
        make=lambda cast, n: write(Message(subject=f"样本事{n}", words="x"), enterprise=cast.seller, actor=cast.clerk),
        shown="样本事{n}", who="clerk", stranger="stranger_clerk",
        typed=lambda cast, n: {"subject": f"样本事{n}", "words": "x"}, bad={"words": ""},
    ),
    "alerts.message": Sample(
        make=lambda cast, n: send(
            Message(subject=f"样本文{n}", words="x"), Choice(numbers=[cast.seller.uscc]), actor=cast.officer
        ),
        shown="样本文{n}", who="officer", stranger="officer_elsewhere",
        typed=lambda cast, n: {"subject": f"样本文{n}", "words": "x", "numbers": cast.seller.uscc},
        bad={"subject": ""},
    ),
    "alerts.contactpoint": Sample(
        make=lambda cast, n: keep_contact(ContactPoint(channel="sms"), address=f"1380000{n:04}", actor=cast.clerk),
        shown="138****{n:04}", who="clerk", stranger="stranger_clerk",
        typed=lambda cast, n: {
            "channel": "sms", "address": f"1380000{n:04}", "language": "en", "daily_at": "08:00",
            "quiet_from": "21:00", "quiet_until": "07:00",
        },
        change={"daily_at": "09:00"}, bad={"address": "1"},
    ),
    "alerts.delivery": Sample(
        make=lambda cast, n: Delivery.objects.create(
            key=str(n), recipient=cast.clerk, channel="sms", lane=3, shown=f"样本址{n}"
        ),
        shown="样本址{n}", who="administrator",
    ),
    "ledgers.late": Sample(make=late, shown="样本商户{n}", who="officer", stranger="officer_elsewhere"),
    "ledgers.retention": Sample(
        make=lambda cast, n: RetentionYear.objects.create(year=f"19{n}", papers=n, free=n, counted_on="2026-01-02"),
        shown="19{n}", who="administrator",
    ),
    "ledgers.traceopening": Sample(
        make=lambda cast, n: open_trace(lot=sold(cast, n).lot, why="drill", note="", actor=cast.officer),
        shown="示例花生 样本批{n}", who="officer", stranger="officer_elsewhere",
    ),
    "investigations.case": Sample(
        make=lambda cast, n: open_case(title=f"样本案{n}", reason="x", actor=cast.officer),
        shown="样本案{n}", who="officer", stranger="officer_elsewhere",
    ),
    "catalog.listing": Sample(
        make=lambda cast, n: Listing.objects.create(enterprise=cast.seller, product=own_product(cast, n)),
        shown="样本货{n}", who="clerk", stranger="stranger_clerk",
        typed=lambda cast, n: {
            "barcode": a_barcode(n), "name": f"样本货{n}", "unit": "bag", "kind": "prepacked", "price": "3.50"
        },
        change={"item_number": "改号"}, bad={"barcode": "6901234567890"},
    ),
    "catalog.conflict": Sample(make=claimed_to_make, shown="样本货{n}", who="administrator"),
    "catalog.productmerge": Sample(make=merged, shown="样本由{n}", who="administrator"),
    "catalog.productreport": Sample(make=reported, shown="样本牌{n}", who="clerk", stranger="stranger_clerk"),
    "catalog.product": Sample(make=own_product, shown="样本货{n}", who="clerk", stranger="stranger_clerk"),
    "catalog.unit": Sample(
        make=lambda cast, n: Unit.objects.create(**coded(cast, n)), shown="样本{n}", who="administrator", typed=coded,
        change={"name_zh": "改名"}, bad={"name_zh": ""},
    ),
    "catalog.foodcategory": Sample(
        make=lambda cast, n: FoodCategory.objects.create(**coded(cast, n)), shown="样本{n}", who="administrator",
        typed=coded, change={"name_zh": "改名"}, bad={"name_zh": ""},
    ),
    "exchange.apiclient": Sample(make=asking, shown="样本程序{n}", who="administrator"),
    "exchange.importrun": Sample(make=imported, shown="样本表{n}", who="clerk", stranger="stranger_clerk"),
    "catalog.additivelimit": Sample(
        make=lambda cast, n: AdditiveLimit.objects.create(
            **limit(cast, n) | {"category": FoodCategory.objects.first()}
        ),
        shown="样本剂{n}", who="administrator", typed=limit, change={"source": "改了"},
        bad={"max_grams_per_kg": "-1"},
    ),
    "catalog.component": Sample(
        make=lambda cast, n: Component.objects.create(
            owner=cast.seller, product=cast.peanuts, part=own_product(cast, n), quantity=1
        ),
        shown="样本货{n}", who="clerk", stranger="stranger_clerk", typed=part, change={"quantity": "0.125"},
        bad={"part": "nothing"},
    ),
    "catalog.packing": Sample(
        make=lambda cast, n: Packing.objects.create(
            owner=cast.seller, product=own_product(cast, n), unit_id="case", quantity=24
        ),
        shown="样本货{n}", who="clerk", stranger="stranger_clerk", typed=packed, change={"quantity": "12"},
        bad={"product": "nothing"},
    ),
    "certificates.licence": Sample(
        make=lambda cast, n: Licence.objects.create(
            holder=cast.seller, kind_id="business", number=f"SAMPLE{n}", valid_from="2026-01-01",
            valid_until="2036-01-01", uploaded_for=cast.seller,
        ),
        shown="SAMPLE{n}", who="clerk", stranger="stranger_clerk", typed=licence,
        change={"valid_until": "2037-01-01"}, bad={"kind": "diploma"},
    ),
    "certificates.qualification": Sample(
        make=lambda cast, n: another(n, region_id="230103", status="active"), shown="样本商户{n}", who="officer",
        stranger="officer_elsewhere",
    ),
    "certificates.document": Sample(
        make=lambda cast, n: ConformityDocument.objects.create(
            holder=cast.seller, kind_id="self_test", product=cast.peanuts, number=f"SAMPLE{n}",
            valid_from="2026-01-01", uploaded_for=cast.seller,
        ),
        shown="SAMPLE{n}", who="clerk", stranger="stranger_clerk",
    ),
    "certificates.review": Sample(
        make=lambda cast, n: Licence.objects.create(
            holder=cast.seller, kind_id="business", number=f"SAMPLE{n}", valid_from="2026-01-01",
            uploaded_for=cast.seller,
        ),
        shown="SAMPLE{n}", who="officer", stranger="officer_elsewhere",
    ),
    "certificates.certificatekind": Sample(
        make=lambda cast, n: CertificateKind.objects.create(**certificate_kind(cast, n)), shown="样本证{n}",
        who="administrator", typed=certificate_kind, change={"name_en": "Changed", "name_zh": "改了"},
        bad={"years_max": "0"},
    ),
    "alerts.rule": Sample(
        make=lambda cast, n: AlertRule.objects.create(
            key=f"SAMPLE{n}", audience="enterprise", severity=1, rhythm="often"
        ),
        shown="SAMPLE{n}", who="administrator",
    ),
    "certificates.healthcertificate": Sample(
        make=lambda cast, n: HealthCertificate.objects.create(
            enterprise=cast.seller, person=f"样本员{n}", number=f"H{n}", issued_on="2026-01-01",
            valid_until="2027-01-01", identity_hash=str(n),
        ),
        shown="样本员{n}", who="clerk", stranger="stranger_clerk",
        typed=lambda cast, n: {
            "person": f"样本员{n}", "number": f"H{n}", "identity": "11010519491231002X", "issued_on": "2026-01-01"
        },
        change={"job": "厨师"}, bad={"identity": "110105194912310021"},
    ),
    "certificates.request": Sample(
        make=lambda cast, n: CertificateRequest.objects.create(
            requester=cast.buyer, asked=cast.seller, lot_code=f"SAMPLE{n}", lot_key=f"SAMPLE{n}",
            product=cast.peanuts, author=cast.buyer_clerk,
        ),
        shown="SAMPLE{n}", who="buyer_clerk", stranger="stranger_clerk",
    ),
    "enterprises.closure": Sample(
        make=lambda cast, n: Closure.objects.create(
            enterprise=cast.seller, since="2099-01-01", until="2099-01-02", reason=f"样本修{n}"
        ),
        shown="样本修{n}", who="clerk", stranger="stranger_clerk",
        typed=lambda cast, n: {"since": "2099-01-01", "until": "2099-01-02", "reason": f"样本修{n}"},
        change={"reason": "改了"}, bad={"until": "2098-12-31"},
    ),
    "certificates.rule": Sample(
        make=lambda cast, n: EvidenceRule.objects.create(**evidence_rule(cast, n)), shown="样本规{n}",
        who="administrator",
    ),
    "ledgers.gap": Sample(make=without_papers, shown="样本批{n}", who="buyer_clerk", stranger="stranger_clerk"),
    "laws.ruleparameter": Sample(
        make=lambda cast, n: RuleParameter.objects.create(**rule(cast, n)), shown="sample{n}", who="administrator",
        typed=rule, change={"note": "改了"}, bad={"unit": "weeks"},
    ),
    "laws.calendarday": Sample(
        make=lambda cast, n: CalendarDay.objects.create(**holiday(cast, n)), shown="样本节{n}", who="administrator",
        typed=holiday, change={"note": "改了"}, bad={"day": "2099-02-30"},
    ),
    "ledgers.correction": Sample(make=asked_for, shown="样本由{n}", who="clerk", stranger="stranger_clerk"),
    "ledgers.mismatch": Sample(make=not_said, shown="样本商户{n}", who="buyer_clerk", stranger="stranger_clerk"),
    "ledgers.warning": Sample(make=warned, shown="样本由{n}", who="clerk", stranger="stranger_clerk"),
    "ledgers.invoice": Sample(make=drafted, shown="样本单{n}", who="clerk", stranger="stranger_clerk"),
    "ledgers.purchases": Sample(make=sold, shown="样本批{n}", who="buyer_clerk", stranger="stranger_clerk"),
    "ledgers.receipt": Sample(make=delivered, shown="样本户{n}", who="buyer_clerk", stranger="stranger_clerk"),
    "ledgers.run": Sample(make=made, shown="样本班{n}", who="clerk", stranger="stranger_clerk"),
    "ledgers.stockpaper": Sample(make=counted, shown="样本盘{n}", who="clerk", stranger="stranger_clerk"),
    "ledgers.stock": Sample(make=in_stock, shown="样本批{n}", who="buyer_clerk", stranger="stranger_clerk"),
    "ledgers.sales": Sample(make=sold, shown="样本批{n}", who="clerk", stranger="stranger_clerk"),
}  # fmt: skip
PRIVATE = [name for name, sample in SAMPLES.items() if sample.stranger]
EXPORTED = [name for name in SAMPLES if Action.EXPORT in REGISTERS[name].actions]
WRITABLE = [name for name, sample in SAMPLES.items() if sample.typed]
IMPORTABLE = [name for name in WRITABLE if Action.IMPORT in REGISTERS[name].actions]


def enter(client, cast: Cast, name: str) -> Register:
    """Sign in whoever looks after such rows."""
    client.force_login(getattr(cast, SAMPLES[name].who))
    return REGISTERS[name]


def shown(name: str, n: int) -> str:
    return SAMPLES[name].shown.format(n=n)


def look(client, address: str, asked: dict[str, str] | None = None) -> int:
    """Open a page, or download all of a file; returns the status."""
    response = client.get(address, asked)
    b"".join(response)
    return response.status_code


def texts(response) -> list[list[str]]:
    """A downloaded csv or xlsx as rows of text."""
    content = b"".join(response)
    if content.startswith(b"PK"):
        sheet = load_workbook(io.BytesIO(content), read_only=True).worksheets[0]
        return [["" if cell is None else str(cell) for cell in row] for row in sheet.iter_rows(values_only=True)]
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))


def every_address(register: Register, row: Any) -> Iterator[tuple[Action, str]]:
    for action in register.actions:
        yield action, register.url(action, row if action.needs_row else None)


# The rules


def test_every_register_has_a_sample_and_every_sample_its_register():
    assert set(SAMPLES) == set(REGISTERS)


@pytest.mark.requirement("H-033")
@pytest.mark.parametrize("name", PRIVATE)
def test_a_stranger_sees_nothing(client, cast, name):
    SAMPLES[name].make(cast, 7)
    client.force_login(getattr(cast, SAMPLES[name].stranger))
    register = REGISTERS[name]
    assert shown(name, 7) not in client.get(register.url(Action.LIST)).text
    if Action.EXPORT in register.actions:
        exported = texts(client.get(register.url(Action.EXPORT), {"format": "csv"}))
        assert not any(shown(name, 7) in row for row in exported)


@pytest.mark.parametrize("name", PRIVATE)
def test_a_stranger_reaches_nothing(client, cast, name):
    row = SAMPLES[name].make(cast, 7)
    client.force_login(getattr(cast, SAMPLES[name].stranger))
    for action, address in every_address(REGISTERS[name], row):
        if action.needs_row:
            assert client.get(address).status_code == 404, action
            assert client.post(address, SAMPLES[name].change).status_code in (404, 405), action


@pytest.mark.parametrize("name", sorted({*PRIVATE} & {*WRITABLE}))
def test_nobody_changes_a_stranger_s_row(client, cast, name):
    row = SAMPLES[name].make(cast, 7)
    client.force_login(getattr(cast, SAMPLES[name].stranger))
    before = type(row).objects.filter(pk=row.pk).values().get()
    typed = SAMPLES[name].typed(cast, 7) | SAMPLES[name].change
    for action in (Action.EDIT, Action.DELETE):
        if action in REGISTERS[name].actions:
            client.post(REGISTERS[name].url(action, row), typed)
    assert type(row).objects.filter(pk=row.pk).values().get() == before


@pytest.mark.parametrize("name", SAMPLES)
def test_permission_is_needed(client, cast, name):
    row = SAMPLES[name].make(cast, 1)
    register = enter(client, cast, name)
    getattr(cast, SAMPLES[name].who).groups.clear()
    for action, address in every_address(register, row):
        assert (client.post if action.writes else client.get)(address).status_code == 403, action


@pytest.mark.parametrize("name", SAMPLES)
def test_anonymous_goes_to_sign_in(client, cast, name):
    row = SAMPLES[name].make(cast, 1)
    for action, address in every_address(REGISTERS[name], row):
        assert client.get(address)["Location"].startswith("/accounts/login/"), action


@pytest.mark.parametrize("name", SAMPLES)
def test_a_list_costs_the_same_for_one_row_and_for_many(client, cast, name):
    register = enter(client, cast, name)
    costs = []
    for numbers in (range(1), range(1, 11)):
        for n in numbers:
            SAMPLES[name].make(cast, n)
        client.get(register.url(Action.LIST))
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert shown(name, numbers[-1]) in client.get(register.url(Action.LIST)).text
        costs.append(len(queries))
    assert costs[0] == costs[1] <= QUERIES_MAX


@pytest.mark.parametrize("name", SAMPLES)
def test_nonsense_in_the_address_bar_is_ignored(client, cast, name):
    register = enter(client, cast, name)
    SAMPLES[name].make(cast, 1)
    names = [*register.filterset_class.base_filters, *register.filters, "page", "order_by", "format"]
    for nonsense in ("胡说%", "²", "9" * 30):
        asked = {filter_: nonsense for filter_ in names if filter_ not in LOOSE}
        assert shown(name, 1) in client.get(register.url(Action.LIST), asked).text, nonsense
    for nonsense, words in (("\0", "\0"), ("‮" * 300, "‮" * 10_000)):
        for action in {Action.LIST, Action.EXPORT} & {*register.actions}:
            asked = {**dict.fromkeys(names, nonsense), "q": words}
            assert look(client, register.url(action), asked) == 200, (action, nonsense)


LOOSE = {"region", "under", "seller", "buyer", "product", "lot", "partner", "document"}
"""Filters by free text: any text is a question there, and mostly the answer is no row."""


@pytest.mark.parametrize("name", SAMPLES)
def test_no_address_of_a_row_breaks(client, cast, name):
    register = enter(client, cast, name)
    absent = ["0", "9" * 30, "-1"] if register.model._meta.pk.name == "id" else ["%00", "胡说", "%E2%80%AE", "9" * 300]
    for pk in absent:
        assert client.get(f"{register.url(Action.LIST)}{pk}/").status_code == 404


@pytest.mark.parametrize("name", EXPORTED)
@pytest.mark.parametrize("file_format", ["csv", "xlsx"])
def test_what_goes_out_can_be_read_back(client, cast, name, file_format):
    register = enter(client, cast, name)
    rows = len(texts(client.get(register.url(Action.EXPORT), {"format": file_format})))
    SAMPLES[name].make(cast, 1)
    table = texts(client.get(register.url(Action.EXPORT), {"format": file_format}))
    assert table[0] == [str(column.label) for column in register.table_columns()]
    assert len(table) == rows + 1
    assert any(shown(name, 1) in row for row in table)


@pytest.mark.parametrize("name", SAMPLES)
def test_looking_changes_nothing(client, cast, name):
    row = SAMPLES[name].make(cast, 1)
    register = enter(client, cast, name)
    client.get("/home/")
    with CaptureQueriesContext(connection) as queries:
        for _action, address in every_address(register, row):
            assert look(client, address) == 200
    assert not [sql for sql in (query["sql"] for query in queries) if sql.startswith(("INSERT", "UPDATE", "DELETE"))]


@pytest.mark.requirement("H-036", "H-083", "H-085", "H-086", "H-115", "H-116", "H-117")
@pytest.mark.parametrize("name", WRITABLE)
def test_a_row_is_added_found_changed_and_deleted(client, cast, name):
    register, sample = enter(client, cast, name), SAMPLES[name]
    assert client.post(register.url(Action.ADD), sample.typed(cast, 3)).status_code == 302
    assert shown(name, 3) in client.get(register.url(Action.LIST), {"q": shown(name, 3)}).text
    rows = register.rows(scope_of(cast, name))
    row = next(row for row in rows if any(shown(name, 3) in str(word) for word in (row, *vars(row).values())))
    if Action.EDIT in register.actions:
        assert client.post(register.url(Action.EDIT, row), sample.typed(cast, 3) | sample.change).status_code == 302
        detail = client.get(register.url(Action.DETAIL, row)).text
        assert next(iter(sample.change.values())).replace("2037-01-01", "2037") in detail
    if Action.DELETE in register.actions:
        assert client.post(register.url(Action.DELETE, row)).status_code == 302
        assert not register.model.objects.filter(pk=row.pk).exists()


@pytest.mark.parametrize("name", [name for name in WRITABLE if hasattr(REGISTERS[name].model, "pgh_event_models")])
def test_history_shows_who_did_it(client, cast, name):
    register = enter(client, cast, name)
    client.post(register.url(Action.ADD), SAMPLES[name].typed(cast, 3))
    row = register.model.objects.order_by("-pk").first()
    page = client.get(register.url(Action.DETAIL, row)).text
    assert str(getattr(cast, SAMPLES[name].who)) in page.split('class="history"')[1].split("</details>")[0]


@pytest.mark.parametrize("name", WRITABLE)
def test_what_is_wrong_is_said_and_nothing_is_saved(client, cast, name):
    register, sample = enter(client, cast, name), SAMPLES[name]
    before = register.model.objects.count()
    page = client.post(register.url(Action.ADD), sample.typed(cast, 3) | sample.bad)
    assert page.status_code == 422
    assert 'id="error-summary"' in page.text
    assert register.model.objects.count() == before


@pytest.mark.parametrize("name", WRITABLE)
@pytest.mark.parametrize("text", ["a\0b", "名" * 10_000, "‮９²", "1E400", "<script>"])
def test_no_text_breaks_a_form(client, cast, name, text):
    """In each field alone where the text is bad for any database or page, else in all of them at once."""
    register = enter(client, cast, name)
    typed = SAMPLES[name].typed(cast, 3)
    for fields in [[name] for name in typed] if text in ("a\0b", "<script>") else [list(typed)]:
        page = client.post(register.url(Action.ADD), typed | dict.fromkeys(fields, text))
        assert page.status_code in (302, 422), fields
        assert "<script>" not in page.text


def scope_of(cast: Cast, name: str) -> Any:
    return Scope.of(getattr(cast, SAMPLES[name].who))

"""Who may open what: every address, every role, GET and POST, as the table beside this file says.

A new address fails here until its row is written; a row that nobody needs any more fails, too.
"""

from __future__ import annotations

import csv
from decimal import Decimal
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from accounts.models import AccessRecord, Authority, Region, User
from alerts.contacts import keep_contact
from alerts.messaging import send
from alerts.models import Alert, ContactPoint, Delivery, Message, Reading
from alerts.recipients import Choice
from attachments.models import Attachment
from attachments.services import store
from catalog.models import (
    AdditiveLimit,
    Component,
    FoodCategory,
    Listing,
    Packing,
    Product,
    ProductImage,
    ProductMerge,
    ProductReport,
    Unit,
)
from certificates.models import CertificateRequest, ConformityDocument, EvidenceRule, HealthCertificate, Licence
from enterprises.models import Claim, Closure, Enterprise, Partnership, Proposal
from exchange.models import ApiClient, ImportFile, ImportRun
from investigations.services import add_subject, ignore_entry, merge_places, open_case, take_snapshot
from laws.models import CalendarDay, RuleParameter
from ledgers.models import CorrectionProposal, Invoice, LedgerEntry
from ledgers.runs import confirm_run
from ledgers.services import confirm_invoice
from ledgers.stock_papers import confirm_stock_paper
from tests.alerts.conftest import an_alert
from tests.attachments.samples import as_file, phone_photo
from tests.certificates.conftest import public_licence
from tests.conftest import make_draft
from tests.ledgers.conftest import make_opening, make_run

TABLE = Path(__file__).with_name("authorisation.csv")
ROLES = [
    "anonymous", "clerk", "buyer_clerk", "stranger_clerk", "officer", "officer_elsewhere", "laboratory",
    "administrator",
]  # fmt: skip
ABSENT = 999_999


def addresses(patterns=None, namespace=""):
    """Every named address of the project as (name, parameter names)."""
    for pattern in patterns or get_resolver().url_patterns:
        if isinstance(pattern, URLResolver):
            yield from addresses(pattern.url_patterns, f"{pattern.namespace}:" if pattern.namespace else namespace)
        elif isinstance(pattern, URLPattern):
            yield f"{namespace}{pattern.name}", tuple(pattern.pattern.converters)


def table():
    with TABLE.open(encoding="utf-8") as file:
        return {(row["address"], row["method"]): row for row in csv.DictReader(file)}


@pytest.fixture
def objects(seller, buyer, stranger, clerk, officer, peanuts, administrator):
    """One row of everything, all of it the seller's business with the buyer."""
    invoice = confirm_invoice(make_draft(seller, buyer, peanuts), actor=clerk)
    draft = make_draft(seller, buyer, peanuts)
    partnership = Partnership.objects.create(owner=seller, partner=buyer, role="customer")
    licence = Licence.objects.create(
        holder=seller, kind_id="business", number="L1", valid_from="2026-01-01", valid_until="2036-01-01",
        uploaded_for=seller,
    )  # fmt: skip
    entry = LedgerEntry.objects.get()
    run, run_draft = (make_run(seller, {entry.lot: 1}, {code: 1}, peanuts) for code in ("MADE", "DRAFT"))
    confirm_run(run, actor=clerk)
    opened, opening = (make_opening(seller, peanuts, lot=code) for code in ("OPENED", "OPENING"))
    confirm_stock_paper(opened, actor=clerk)
    imported = ImportRun.objects.create(
        enterprise=seller, actor=clerk, kind="sale", file_name="a.csv", sha256="x", language="en", state="checked"
    )
    ImportFile.objects.create(run=imported, content=b"a,b\n1,2\n")
    rows = {
        Region: Region.objects.get(code="230103"), Authority: officer.authority, User: clerk, Enterprise: seller,
        Partnership: partnership, Licence: licence, Listing: Listing.objects.get(), Product: peanuts, Invoice: invoice,
        Unit: Unit.objects.get(code="bag"), FoodCategory: FoodCategory.objects.first(),
        Claim: Claim.objects.create(enterprise=seller, evidence="x", author=clerk),
        Proposal: Proposal.objects.create(enterprise=seller, author=clerk, changes={"address": "x"}),
        RuleParameter: RuleParameter.objects.create(key="x", value=1, unit="d", source="x", valid_from="2099-01-01"),
        CalendarDay: CalendarDay.objects.create(day="2099-01-01"),
        ImportRun: imported, Attachment: store(as_file(phone_photo()), actor=clerk), Alert: an_alert(seller),
        AdditiveLimit: AdditiveLimit.objects.create(
            additive="x", category=FoodCategory.objects.first(), max_grams_per_kg=1, source="x", valid_from="2026-01-01"
        ),
        Component: Component.objects.create(
            owner=seller, product=peanuts, part=Product.objects.generic().first(), quantity=1
        ),
        ProductMerge: ProductMerge.objects.create(
            survivor=peanuts, merged=Product.objects.generic().first(), reason="x", author=administrator
        ),
        Packing: Packing.objects.create(owner=seller, product=peanuts, unit_id="case", quantity=24),
        ProductReport: ProductReport.objects.create(product=peanuts, field="brand", says="x", author=clerk),
        ProductImage: ProductImage.objects.create(
            product=peanuts, attachment=store(as_file(phone_photo()), actor=clerk), enterprise=seller, author=clerk
        ),
        ApiClient: ApiClient.objects.create(name="x", scopes=["products:read"], token_hash="x", author=administrator),
    }  # fmt: skip
    document = ConformityDocument.objects.create(
        holder=seller, kind_id="coc", product=peanuts, valid_from="2026-01-01", uploaded_for=seller
    )
    rule = EvidenceRule.objects.create(key="x", name_zh="x", name_en="x", per="lot", valid_from="2099-01-01")
    health = HealthCertificate.objects.create(
        enterprise=seller, person="x", number="x", issued_on="2026-01-01", valid_until="2027-01-01"
    )
    closure = Closure.objects.create(enterprise=seller, since="2099-01-01", until="2099-01-02", reason="x")
    request = CertificateRequest.objects.create(requester=buyer, asked=seller, author=clerk)
    message = send(Message(subject="x", words="x"), Choice(numbers=[seller.uscc]), actor=officer)
    contact = keep_contact(ContactPoint(channel="sms"), address="13800001234", actor=clerk)
    picture = store(as_file(phone_photo()), actor=clerk)
    shown = public_licence(seller, picture)
    case = open_case(title="x", reason="x", actor=officer)
    subject = add_subject(case, seller, weight=Decimal(1), actor=officer)
    merge = merge_places(case, seller, buyer, actor=officer)
    ignored = ignore_entry(case, entry, reason="x", actor=officer)
    snapshot = take_snapshot(case, actor=officer)
    keys = {model._meta.model_name: row.pk for model, row in rows.items()}
    asked = CorrectionProposal.objects.create(invoice=invoice, asked=buyer, author=clerk, reason="x", differences={})
    return {**keys, "correction": asked.pk, "draft": draft.pk, "purchases": entry.pk, "sales": entry.pk,
            "lot": entry.lot_id, "run": run.pk, "run_draft": run_draft.pk, "receipt": invoice.receipt.pk,
            "stockpaper": opened.pk, "stockpaper_draft": opening.pk,
            "document": document.pk, "review": licence.pk, "certificate": licence.pk, "certificatekind": "business",
            "rule": rule.pk, "alertrule": "OVERSALE", "healthcertificate": health.pk, "closure": closure.pk,
            "request": request.pk, "message": message.pk, "conversation": message.conversations.get().pk,
            "contactpoint": contact.pk, "delivery": Delivery.objects.get().pk, "shown": shown.pk,
            "page": picture.pk, "case": case.pk, "subject": subject.pk, "places": merge.pk, "entry": ignored.pk,
            "snapshot": snapshot.pk,
            "token": invoice.voucher_token, "code": entry.lot.code}  # fmt: skip


def parameters(name, names, objects):
    """The seller's row that an address speaks of."""
    if "pk" not in names:
        return {n: {"gtin": "9520004000017", "token": objects["token"]}.get(n, objects["code"]) for n in names}
    noun = name.split(":")[1].rsplit("-", 1)[0]
    special = {
        "ledgers:trace-lot": "lot", "ledgers:trace-open": "lot", "ledgers:trace-enterprise": "enterprise",
        "ledgers:trace-enterprise-open": "enterprise",
        "alerts:rule-detail": "alertrule",
        "alerts:rule-edit": "alertrule", "enterprises:partner-propose": "partnership",
        "portal:picture": "productimage", "portal:licence": "shown",
        "portal:licence-picture": "shown", "ledgers:book-look": "enterprise", "ledgers:book-pack": "enterprise",
        **{f"ledgers:invoice-{verb}": "draft" for verb in ("edit", "review", "confirm", "discard")},
        **{
            f"ledgers:{noun}-{verb}": f"{noun}_draft"
            for noun in ("run", "stockpaper")
            for verb in ("edit", "review", "confirm", "discard")
        },
    }  # fmt: skip
    also = {
        "field": "brand", "gtin": "9520004000017", "page": objects["page"], "enterprise": objects["enterprise"],
        "row": objects.get(noun),
    }  # fmt: skip
    of_case = name.startswith("investigations:")
    return {"pk": objects["case" if of_case else special.get(name, noun)]} | {n: also[n] for n in names if n in also}


def answer(client, method, url):
    response = getattr(client, method)(url)
    if response.status_code == 302 and "/accounts/login/" in response["Location"]:
        return "login"
    return str(response.status_code)


def counts():
    """How many rows every table of the house has, but for the access log and read receipts, which a look may write."""
    models = [model for model in apps.get_models() if model._meta.app_label in settings.HOUSE_APPS]
    return {model._meta.label: model._base_manager.count() for model in models if model not in (AccessRecord, Reading)}


def sign_in(role, request) -> Client:
    client = Client()
    if role != "anonymous":
        client.force_login(request.getfixturevalue(role))
    return client


def measure(clients, objects):
    """What each role is answered when it looks at every address."""
    for name, names in addresses():
        url = reverse(name, kwargs=parameters(name, names, objects))
        yield name, {role: answer(client, "get", url) for role, client in clients.items()}


def test_every_address_has_its_row_and_every_row_its_address():
    known = {name for name, _names in addresses()}
    assert {name for name, _method in table()} == known


@pytest.mark.requirement("H-033")
def test_reading_is_as_the_table_says_and_changes_nothing(objects, request):
    clients = {role: sign_in(role, request) for role in ROLES}
    written, before = table(), counts()
    for name, outcome in measure(clients, objects):
        expected = {role: written[name, "get"][role] for role in ROLES}
        assert outcome == expected, name
    assert counts() == before


@pytest.mark.parametrize("role", ROLES)
def test_writing_is_as_the_table_says(objects, request, role):
    """An empty POST: refused, or answered by the form (422, or back to the page with a message); never 500."""
    written = table()
    client = sign_in(role, request)
    for name, names in addresses():
        url = reverse(name, kwargs=parameters(name, names, objects))
        if name in (
            "account_logout",
            "enterprises:act-for",
            "ledgers:invoice-discard",
            "ledgers:run-discard",
            "ledgers:stockpaper-discard",
        ):
            continue  # they do what they say without any input; their own tests look at them
        assert answer(client, "post", url) == written[name, "post"][role], name


def test_what_is_not_there_answers_like_what_is_a_stranger_s(objects, request):
    stranger = sign_in("stranger_clerk", request)
    for name, names in addresses():
        if "pk" not in names or name.startswith(
            ("catalog:product", "catalog:unit", "catalog:foodcategory", "certificates:rule", "accounts:", "portal:")
        ):
            continue
        foreign = stranger.get(reverse(name, kwargs=parameters(name, names, objects)))
        absent = stranger.get(reverse(name, kwargs=parameters(name, names, objects) | {"pk": ABSENT}))
        assert foreign.status_code == absent.status_code, name

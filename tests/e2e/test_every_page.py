"""Every page of the house as it is seen: wide and narrow, light and dark, on paper, and by those who cannot see."""

from __future__ import annotations

import re
import uuid
from datetime import timedelta
from decimal import Decimal
from urllib.parse import urlsplit

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from accounts.models import Authority
from alerts.contacts import keep_contact
from alerts.messaging import reply, send
from alerts.models import ContactPoint, Delivery, Message
from alerts.recipients import Choice
from attachments.services import store
from catalog.models import (
    AdditiveLimit,
    Component,
    FoodCategory,
    Listing,
    Packing,
    ProductImage,
    ProductMerge,
    ProductReport,
    Unit,
)
from certificates import services
from certificates.health import keep
from certificates.models import CertificateRequest, ConformityDocument, EvidenceRule, HealthCertificate
from enterprises.models import Claim, Closure, Proposal
from exchange.models import ApiClient
from exchange.services import check_run, start_run
from investigations.services import add_subject, merge_places, open_case, take_snapshot
from laws.models import CalendarDay, RuleParameter
from ledgers.chain.opening import open_trace
from ledgers.models import CorrectionProposal, Invoice, LedgerEntry
from ledgers.runs import confirm_run
from ledgers.stock_papers import confirm_stock_paper
from tests.alerts.conftest import an_alert
from tests.attachments.samples import as_file, phone_photo
from tests.certificates.conftest import public_licence
from tests.e2e.conftest import AXE_SCRIPT, barcode, make_written_draft
from tests.ledgers.conftest import make_opening, make_run
from tests.security.test_every_address import addresses, parameters, table

ROLES = ("anonymous", "clerk", "officer", "administrator")
NO_PAGE = re.compile(
    r"-export$|picture$|lookup$|number-look$|scan$|healthz|readyz|invoice-voucher$|-template$|-rejected$|attachment-\w+$|^api-v1:|-file$"
)
SAME_FOR_ALL = re.compile(r"-(delete|import)$")  # of these pages one register's shows what all look like
PLAIN_REGISTER = re.compile(r"(?:accounts|laws|enterprises|catalog|certificates):\w+-(list|add|edit)")
"""Pages of one template each: one of a kind is looked at in the dark as well."""
RULES_OF_COLOUR = ("color-contrast", "link-in-text-block")  # all that a theme can change
WIDTHS = (320, 1280)
FRAME = ".house-header, .house-navigation, .house-tabs, .portal-header form"


def pages():
    """Every address that shows a page, once, with the first role that may open it; the start page for each role."""
    rows = {name: row for (name, method), row in table().items() if method == "get"}
    once = set()
    for name, names in addresses():
        kind = SAME_FOR_ALL.search(name)
        if name in rows and not NO_PAGE.search(name) and not (kind and kind[0] in once):
            once.add(kind and kind[0])
            allowed = [role for role in ROLES if rows[name][role] == "200"]
            for role in allowed if name == "account_logout" else allowed[:1]:
                yield pytest.param(role, name, names, "", id=name)
    yield pytest.param("buyer_clerk", "ledgers:receipt-detail", ("pk",), "", id="a delivery to be answered")
    yield pytest.param("buyer_clerk", "ledgers:inbox", (), "", id="deliveries to be answered")
    yield pytest.param("officer", "alerts:alert-list", (), "", id="what officers have to do")
    for part in ("graph", "map", "timeline", "balance", "lots", "moves"):
        yield pytest.param("officer", "ledgers:trace-lot", ("pk",), f"?show={part}", id=f"the {part} of a chain")
    for role in ("buyer_clerk", "officer", "administrator", "laboratory"):
        yield pytest.param(role, "home", (), "", id=f"home of {role}")


@pytest.fixture(scope="package")
def objects(cast):
    """One row of everything, by the name under which addresses speak of it."""
    entry = LedgerEntry.objects.get(invoice=cast.paper)
    claim = Claim.objects.create(enterprise=cast.seller, evidence="示例", author=cast.clerk)
    proposal = Proposal.objects.create(enterprise=cast.seller, author=cast.clerk, changes={"address": "新址"})
    rule = RuleParameter.objects.create(key="x", value=1, unit="d", source="x", valid_from="2099-01-01")
    goods = cast.goods[-1]
    run, run_draft = (make_run(cast.seller, {entry.lot: 1}, {code: 1}, goods) for code in ("MADE", "DRAFT"))
    confirm_run(run, actor=cast.clerk)
    opened, opening = (make_opening(cast.seller, goods, lot=code) for code in ("OPENED", "OPENING"))
    confirm_stock_paper(opened, actor=cast.clerk)
    listing = Listing.objects.get(product=cast.goods[-1])
    limit = AdditiveLimit.objects.create(
        additive="示例剂",
        category=FoodCategory.objects.first(),
        max_grams_per_kg=1,
        source="示例",
        valid_from="2026-01-01",
    )
    line = Component.objects.create(owner=cast.seller, product=goods, part=cast.goods[0], quantity=1)
    document = ConformityDocument.objects.create(
        holder=cast.seller, kind_id="self_test", number="R-1", product=goods, valid_from="2026-01-01",
        uploaded_for=cast.seller,
    )  # fmt: skip
    services.add_pages(document, [store(as_file(phone_photo()), actor=cast.clerk)])
    message = send(
        Message(subject="示例通知", words="请检查冷库温度。\n今天答复。", is_urgent=True),
        Choice(numbers=[cast.seller.uscc]), files=[store(as_file(phone_photo()), actor=cast.officer)],
        actor=cast.officer,
    )  # fmt: skip
    photo = store(as_file(phone_photo()), actor=cast.clerk)
    conversation = message.conversations.get()
    reply(conversation, words="已检查。", token=uuid.uuid4(), actor=cast.clerk)
    contact = keep_contact(ContactPoint(channel="sms"), address="13800001234", actor=cast.clerk)
    open_trace(lot=entry.lot, why="drill", note="", actor=cast.officer)
    days = cast.paper.traded_on - timedelta(days=60), timezone.localdate()
    open_trace(period=(cast.seller, *days), why="drill", note="", actor=cast.officer)
    case = open_case(title="示例案件", reason="示例", lot=entry.lot, actor=cast.officer)
    add_subject(case, cast.buyer, weight=Decimal(2), actor=cast.officer)
    merge_places(case, cast.seller, cast.buyer, actor=cast.officer)
    return {
        "case": case.pk, "snapshot": take_snapshot(case, actor=cast.officer).pk,
        "shown": public_licence(cast.seller, photo).pk, "page": photo.pk,
        "message": message.pk, "conversation": conversation.pk, "contactpoint": contact.pk,
        "delivery": Delivery.objects.latest("pk").pk,
        "gtin": listing.product.code, "region": "230103", "authority": Authority.objects.get().pk,
        "user": cast.clerk.pk, "enterprise": cast.seller.pk, "partnership": cast.partnership.pk,
        "licence": cast.licence.pk, "document": document.pk, "review": document.pk, "certificate": document.pk,
        "closure": Closure.objects.create(
            enterprise=cast.seller, since="2099-01-01", until="2099-01-02", reason="装修"
        ).pk, "request": CertificateRequest.objects.create(
            requester=cast.buyer, asked=cast.seller, product=goods, author=cast.clerk
        ).pk, "certificatekind": "business", "alertrule": "OVERSALE", "healthcertificate": keep(
            HealthCertificate(
                enterprise=cast.seller, person="王示例", job="厨师", number="JK-1", issued_on="2026-03-01",
                valid_until="2027-03-01",
            ), identity="11010519491231002X", pages=[], actor=cast.clerk,
        ).pk, "rule": EvidenceRule.objects.first().pk,
        "listing": listing.pk, "product": listing.product_id,
        "invoice": cast.paper.pk, "claim": claim.pk, "unit": Unit.objects.get(code="bag").pk,
        "foodcategory": FoodCategory.objects.first().pk, "proposal": proposal.pk, "draft": make_written_draft(cast).pk,
        "purchases": entry.pk, "sales": entry.pk, "lot": entry.lot_id, "token": cast.paper.voucher_token,
        "code": entry.lot.code, "receipt": cast.paper.receipt.pk, "calendarday": CalendarDay.objects.first().pk,
        "importrun": make_checked_run(cast).pk, "alert": an_alert(cast.seller).pk, "ruleparameter": rule.pk,
        "correction": CorrectionProposal.objects.create(
            invoice=cast.paper, asked=cast.buyer, author=cast.clerk, reason="示例", differences={"1": "-1"}
        ).pk, "run": run.pk, "run_draft": run_draft.pk, "stockpaper": opened.pk, "stockpaper_draft": opening.pk,
        "apiclient": ApiClient.objects.create(
            name="示例程序", scopes=["products:read"], token_hash="x", author=cast.administrator
        ).pk, "additivelimit": limit.pk, "component": line.pk,
        "packing": Packing.objects.create(owner=cast.seller, product=goods, unit_id="case", quantity=24).pk,
        "productimage": ProductImage.objects.create(
            product=goods, attachment=store(as_file(phone_photo()), actor=cast.clerk), enterprise=cast.seller,
            author=cast.clerk,
        ).pk, "productreport": ProductReport.objects.create(
            product=listing.product, field="brand", says="示例牌", author=cast.clerk
        ).pk, "productmerge": ProductMerge.objects.create(
            survivor=goods, merged=cast.goods[0], reason="示例", author=cast.administrator
        ).pk,
    }  # fmt: skip


def make_checked_run(cast):
    """A file with a good document and one with a problem, checked."""
    head = "单据编号,客户,日期,条码,批号,数量\n"
    rows = (f"{number},{cast.buyer.name},2026-01-05,{barcode(1)},PN-1,{n}\n" for number, n in (("A", 1), ("B", "x")))
    file = SimpleUploadedFile("papers.csv", (head + "".join(rows)).encode())
    return check_run(start_run(file, enterprise=cast.seller, kind="sale", actor=cast.clerk))


def where(name, names, objects):
    """The address of a page about one of our rows."""
    chosen = {key: objects[key] for key in names if key == "gtin"}
    return reverse(name, kwargs=parameters(name, names, objects) | chosen)


def violations(page, *rules):
    """What axe finds, a line for each; without `rules` it looks for all it knows."""
    options = {"resultTypes": ["violations"]} | ({"runOnly": list(rules)} if rules else {})
    found = page.evaluate("options => axe.run(options)", options)["violations"]
    return [f"{rule['id']}: {node['target']} {node['failureSummary']}" for rule in found for node in rule["nodes"]]


def shown(page, selector):
    """What of it can be seen."""
    parts = "[...document.querySelectorAll(selector)].filter(part => part.checkVisibility())"
    return page.evaluate(f"selector => {parts}.map(part => part.className)", selector)


def overflows(page):
    """The widths at which the page is wider than its window."""
    wide = []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            wide.append(width)
    return wide


class Watched:
    """A page with what it asked for and complained of."""

    def __init__(self, context):
        context.add_init_script(AXE_SCRIPT)
        self.page = context.new_page()
        self.complaints, self.hosts, self.dark = [], set(), set()
        self.page.emulate_media(reduced_motion="reduce")  # colours are looked at, not their fading
        self.page.on("console", lambda line: line.type == "error" and self.complaints.append(line.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", lambda request: self.hosts.add(urlsplit(request.url).netloc))


@pytest.fixture(scope="package")
def watched_by(context_of, cast):
    """One page for each role, in Chinese."""
    pages = {}

    def open_page(role):
        if role not in pages:
            pages[role] = Watched(context_of(getattr(cast, role, None), language="zh-CN"))
        return pages[role]

    yield open_page
    for watched in pages.values():
        watched.page.context.close()


@pytest.mark.parametrize(("role", "name", "names", "query"), list(pages()))
def test_a_page_can_be_read_by_everyone_everywhere(watched_by, objects, address, role, name, names, query):
    watched = watched_by(role)
    page = watched.page
    page.emulate_media(media="screen", color_scheme="light")
    assert page.goto(where(name, names, objects) + query).status == 200
    assert overflows(page) == []
    assert violations(page) == []
    if not (plain := PLAIN_REGISTER.fullmatch(name)) or plain[1] not in watched.dark:
        watched.dark.add(plain and plain[1])
        page.emulate_media(color_scheme="dark")
        assert violations(page, *RULES_OF_COLOUR) == []
    page.emulate_media(media="print")
    assert shown(page, FRAME) == []
    assert watched.complaints == []
    assert watched.hosts == {urlsplit(address).netloc}


@pytest.mark.parametrize("path", ["/", "/home/", "/ledgers/sale/add/", "/ledgers/purchases/", "/catalog/listing/add/"])
def test_english_words_fit_as_well(visit, cast, path):
    assert overflows(visit(path, cast.clerk)) == []


@pytest.mark.parametrize("role", ["clerk", "officer", "anonymous"])
def test_what_is_not_there_is_told_in_a_page_like_any_other(watched_by, role):
    page = watched_by(role).page
    page.emulate_media(media="screen", color_scheme="light")
    assert page.goto("/ledgers/invoice/999999/" if role != "anonymous" else "/nothing/").status == 404
    watched_by(role).complaints.clear()  # a browser complains of every 404
    assert overflows(page) + violations(page) == []


def test_a_form_full_of_mistakes_can_be_read_too(watched_by, cast):
    page = watched_by("clerk").page
    page.emulate_media(media="screen", color_scheme="light")
    page.goto(f"/ledgers/invoice/{make_mistaken_draft(cast).pk}/edit/")
    page.get_by_role("button", name="核对并确认").click()
    page.locator("#error-summary").wait_for()
    watched_by("clerk").complaints.clear()  # a browser complains of every 422
    assert overflows(page) + violations(page) == []


def make_mistaken_draft(cast):
    draft = make_written_draft(cast)
    line = {"code": "?", "lot": "", "made": "9999", "until": "x", "quantity": "-1", "unit": "吨", "price": "1e9"}
    Invoice.objects.filter(pk=draft.pk).update(typed={**draft.typed, "partner": "?", "lines": [line] * 3})
    return draft

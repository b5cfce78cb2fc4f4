"""The demo story: complete, fictional, fresh, and with the mass balance of the peanuts as it is told."""

from __future__ import annotations

import datetime
from collections import Counter
from decimal import Decimal

import pytest
from django.contrib.auth import authenticate
from django.db import transaction
from django.db.models import F, QuerySet, Sum
from django.utils import timezone
from stdnum import ean
from stdnum.iso7064 import mod_11_10

from accounts.models import Authority, Region, User
from alerts.models import Alert
from alerts.raising import run_rules
from catalog.duplicates import likely_duplicates
from catalog.models import FieldConflict, Listing, Lot, Product, ProductCode, ProductReport
from certificates import evidence
from certificates.models import Licence
from config import story
from config.story.people import LOADER
from config.story.rows import rows
from enterprises.identifiers import validate_uscc
from enterprises.models import Enterprise, Partnership
from enterprises.scoping import Scope
from enterprises.services import keeps_books
from investigations.analysis import Analysis
from investigations.evidence import compare
from investigations.models import Case
from ledgers.additives import doses
from ledgers.chain.balance import balance_of_chain
from ledgers.models import (
    Acknowledgement,
    CorrectionProposal,
    Invoice,
    LedgerEntry,
    LotHold,
    ProductionRun,
    Receipt,
    StockBalance,
    StockPaper,
    StockPaperLine,
)
from ledgers.models.lots import EnterpriseDay, TradeDelta
from ledgers.recipes import fill_in, missing_parts
from ledgers.services import confirm_invoice
from ledgers.tracing import Trace, downstream, upstream
from ledgers.twins import twins_of
from ledgers.typed import read

STORES, SHOPS = 18, 42


# The story


@pytest.fixture(scope="module")
def told_story(django_db_setup, django_db_blocker):
    """The whole story, loaded once for this module and rolled back with it; what the load reported."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield story.load_story()
        transaction.set_rollback(True)


@pytest.fixture
def cast(told_story) -> dict[str, Enterprise]:
    """The enterprises by the key of their table."""
    by_name = {enterprise.name: enterprise for enterprise in Enterprise.objects.select_related("headquarters")}
    return {row["key"]: by_name[row["name"]] for row in rows("enterprises")}


@pytest.fixture
def lots(told_story) -> dict[str, Lot]:
    """The scripted lots by the key of their table."""
    names = {row["key"]: row["name"] for row in rows("products")}
    today = timezone.localdate()
    return {
        row["lot"]: Lot.objects.get(product__name=names[row["product"]], code=code(row, today)) for row in rows("lots")
    }


def code(row: dict[str, str], today: datetime.date) -> str:
    made_on = today + datetime.timedelta(days=int(row["made"]))
    return f"{row['prefix']}{made_on:%Y%m%d}{row['suffix']}"


@pytest.fixture
def finished(lots) -> list[Lot]:
    """The ten lots of luosifen with the peanuts in them."""
    return [lot for key, lot in lots.items() if key.startswith(("LSF-", "LH-")) and "clean" not in key]


@pytest.fixture
def trace(lots) -> Trace:
    """Where the peanuts went."""
    return downstream(lots["PN"])


def held(lots, enterprises) -> Decimal:
    return StockBalance.objects.filter(lot__in=lots, enterprise__in=enterprises).aggregate(n=Sum("quantity"))["n"]


def brought(lots, seller, buyers) -> Decimal:
    entries = LedgerEntry.objects.filter(lot__in=lots, seller=seller, buyer__in=buyers)
    return entries.aggregate(n=Sum("quantity"))["n"] or 0


def test_the_story_has_the_size_of_a_small_city(told_story):
    assert Region.objects.count() == told_story["regions"] >= 40
    assert 100 <= Enterprise.objects.active().count() <= told_story["enterprises"] <= 130
    assert traded().count() == told_story["products"] >= 200
    assert 1_950 <= Invoice.objects.confirmed().count() <= 2_200
    assert ProductionRun.objects.confirmed().count() == told_story["production runs"]


def test_stock_is_counted_written_off_destroyed_and_opened(told_story):
    assert told_story["stock papers"] == StockPaper.objects.in_force().count()
    lines = StockPaperLine.objects.in_force().values_list("paper__kind", flat=True)
    assert set(lines) == {"opening", "count", "write_off", "destruction"}


def test_every_level_of_the_administrative_tree_is_there(told_story):
    assert {len(region) for region in Region.objects.values_list("code", flat=True)} == {2, 4, 6, 9, 12}


def test_one_station_covers_two_streets(told_story):
    streets = Authority.objects.get(name__contains="大成荣市").regions.values_list("code", flat=True)
    assert [len(street) for street in streets] == [9, 9]


# Fiction that shows itself


def traded() -> QuerySet[Product]:
    """The products of the story, without the produce that every catalogue begins with."""
    return Product.objects.exclude(pk__in=Product.objects.generic())


def test_every_name_says_that_it_is_an_example(told_story):
    for rows_of_the_story in (Enterprise.objects.all(), Authority.objects.all(), traded()):
        assert not rows_of_the_story.exclude(name__contains="示例").exists()


def test_people_are_examples_too(told_story):
    people = Enterprise.objects.exclude(legal_representative__contains="示例")
    assert not people.exists()
    assert not User.objects.exclude(display_name__contains="示").exists()


def test_telephones_are_of_the_range_that_nobody_has(told_story):
    for model in (Enterprise, Authority):
        assert not model.objects.exclude(telephone__regex=r"^1380000\d{4}$").exists()


def test_credit_codes_are_valid_and_fictional(told_story):
    codes = Enterprise.objects.exclude(uscc="").values_list("uscc", flat=True)
    for uscc in codes:
        validate_uscc(uscc)
    assert all("DEM" in uscc for uscc in codes)


def test_barcodes_are_valid_and_of_the_demonstration_prefix(told_story):
    gtins = ProductCode.objects.values_list("gtin", flat=True)
    assert all(ean.is_valid(gtin) and gtin[1:4] == "952" for gtin in gtins)


def test_licence_numbers_have_the_right_check_digit(told_story):
    numbers = Licence.objects.verified().exclude(kind="business").values_list("number", flat=True)
    assert all(mod_11_10.is_valid(number[2:]) for number in numbers)


def test_the_rows_would_pass_the_forms(told_story):
    for row in [*Licence.objects.all(), *Product.objects.all(), *Enterprise.objects.all()]:
        row.clean_fields()
        row.clean()


def test_names_are_found_by_their_initials(told_story):
    assert Enterprise.objects.filter(name_initials__startswith="lzyfsl").exists()
    assert Product.objects.filter(name_initials__startswith="sllsf").exists()


# The registry


def test_the_supermarket_has_its_stores_as_places(cast):
    places = cast["H2"].places.all()
    assert len(places) == STORES
    assert {place.uscc for place in places} == {cast["H2"].uscc}
    assert len({place.place for place in places}) == STORES


def test_a_stall_stands_in_its_market(cast):
    assert cast["W3"].market == cast["M1"]


def test_a_farmer_is_known_to_the_one_who_keeps_him_alone(cast):
    assert cast["F1"].is_person
    assert cast["F1"].kept_by == cast["L4"]
    assert not Enterprise.objects.in_registry().filter(pk=cast["F1"].pk).exists()


def test_the_outside_firms_are_stubs(cast):
    assert {cast[f"O{n}"].status for n in range(1, 10)} == {Enterprise.Status.STUB}


def test_some_licences_have_expired_and_some_expire_soon(told_story):
    today = timezone.localdate()
    assert 2 <= Licence.objects.filter(valid_until__lt=today).count() <= 6
    assert 5 <= Licence.objects.expiring_on(today).count() <= 12


def test_every_active_trader_of_food_has_a_food_licence(told_story):
    traders = Enterprise.objects.active().exclude(uscc="").exclude(roles__overlap=["LABORATORY", "MARKET_OPERATOR"])
    without = traders.exclude(certificates__kind__in=["food_business", "food_production"])
    assert [enterprise.name for enterprise in without] == ["柳江示例酸笋种植专业合作社"]  # growing needs none


def test_twelve_shops_of_xiangfang_have_been_silent_for_nine_days(told_story):
    silent = Enterprise.objects.in_region("230110").silent_since(7)
    nine_days_ago = timezone.localdate() - datetime.timedelta(days=9)
    assert [timezone.localdate(shop.last_trade_at) for shop in silent] == [nine_days_ago] * 12


def test_everybody_else_has_traded_within_a_week(told_story):
    others = Enterprise.objects.silent_since(7).exclude(region__code__startswith="230110")
    assert not others.exists()


def test_both_sides_of_every_trade_have_each_other_on_their_lists(told_story):
    pairs = set(Partnership.objects.values_list("owner", "partner", "role"))
    deliveries = LedgerEntry.objects.exclude(invoice__kind=Invoice.Kind.RETURN)
    traded = deliveries.filter(buyer__status="active", seller__headquarters=None, buyer__headquarters=None)
    assert {(buyer, seller, "supplier") for seller, buyer in traded.values_list("seller", "buyer")} <= pairs


def test_sellers_have_what_they_sell_on_their_lists(told_story):
    listed = set(Listing.objects.values_list("enterprise", "product"))
    sold = LedgerEntry.objects.filter(seller__status="active", seller__headquarters=None)
    assert set(sold.values_list("seller", "product")) <= listed


def test_papers_of_goods_are_there_but_for_some(told_story):
    names = ("示例螺蛳粉 原味", "示例燕麦片", "示例桶装螺蛳粉")
    states = [evidence.state(product=Product.objects.get(name=name)).state for name in names]
    assert states == ["have", "expired", "missing"]


@pytest.mark.requirement("H-111")
def test_the_dairy_has_forgotten_one_lot(told_story):
    run_rules()
    assert Alert.objects.open().filter(rule="COA_MISSING", enterprise__name__contains="松北示例乳业").count() == 1


@pytest.mark.requirement("H-177")
def test_one_of_the_silent_shops_has_said_why(told_story):
    run_rules()
    told = Alert.objects.open().filter(rule="NO_TRADE_GRID", enterprise__region__code__startswith="230110")
    assert told.count() == 11


# Dates


def test_nothing_lies_in_the_future_and_the_newest_is_of_today(told_story):
    today = timezone.localdate()
    days = LedgerEntry.objects.values_list("traded_on", flat=True)
    assert today - datetime.timedelta(days=1) <= max(days) <= today
    assert not Lot.objects.filter(produced_on__gt=today).exists()
    assert not ProductionRun.objects.filter(produced_on__gt=today).exists()


def test_no_lot_was_traded_before_it_was_made(told_story):
    assert not LedgerEntry.objects.filter(traded_on__lt=F("lot__produced_on")).exists()


def test_lot_numbers_carry_the_shifted_days(lots):
    arrived = timezone.localdate() - datetime.timedelta(days=82)
    assert lots["PN"].code == f"PN-{arrived:%Y%m%d}"
    assert lots["LSF-3"].produced_on == arrived + datetime.timedelta(days=23)


# The peanuts


def test_the_raw_peanuts_add_up(cast, lots):
    raw = [lots["PN"]]
    assert held(raw, [cast["H1"]]) == 3_020
    assert held(raw, [cast["H7"]]) == 2_900
    assert held(raw, [cast["L3"]]) == 1_980
    assert brought(raw, cast["O1"], [cast["H1"]]) == 20_000


def test_the_difference_of_twenty_kilograms_is_a_paper_of_its_own(cast, lots):
    assert brought([lots["PN"]], cast["H1"], [cast["L3"]]) == 11_980
    assert Invoice.objects.confirmed().filter(adjusts__seller=cast["H1"], adjusts__buyer=cast["L3"]).count() == 1


def test_the_sachets_add_up(cast, lots):
    sachets = [lots["HS-1A"], lots["HS-1B"], lots["HS-2A"]]
    assert brought(sachets, cast["L3"], [cast["L1"]]) == 300_000
    assert brought(sachets, cast["L3"], [cast["L2"]]) == 150_000
    assert [held(sachets, [cast[key]]) for key in ("L3", "L1", "L2")] == [25_000, 20_000, 30_000]


@pytest.fixture
def groups(cast, finished) -> dict[str, list[Enterprise]]:
    """Who had bags, as `domain.md` puts them together."""
    shops = Enterprise.objects.filter(bought__seller=cast["H7"], bought__lot__in=finished).distinct()
    return {
        "plants": [cast["L1"], cast["L2"]],
        "stores": [cast["H2"], *cast["H2"].places.all()],
        "shops": [cast["H7"], *shops],
        "online": [cast["L6"]],
        "distributors": [cast[f"O{n}"] for n in range(2, 10)],
    }


def test_the_four_hundred_thousand_bags_went_where_the_story_says(cast, finished, groups):
    assert (len(finished), len(groups["stores"]), len(groups["shops"])) == (10, 1 + STORES, 1 + SHOPS)
    makers = groups["plants"]
    delivered = {name: sum(brought(finished, maker, members) for maker in makers) for name, members in groups.items()}
    assert delivered == {"plants": 0, "stores": 24_000, "shops": 16_000, "online": 180_000, "distributors": 120_000}
    assert held(finished, makers) == 60_000


@pytest.mark.requirement("H-096", "H-101")
def test_the_balance_of_the_bags_adds_up_to_the_bag(finished, groups):
    chain, lots = balance_of_chain(lot.pk for lot in finished), {lot.pk for lot in finished}
    figures = {
        name: (part.in_stock, part.sold_to_consumers, part.unexplained)
        for name, members in groups.items()
        for part in [chain.of(lots, {member.pk for member in members})]
    }
    assert figures == {
        "plants": (60_000, 0, 0), "stores": (9_400, 14_600, 0), "shops": (6_900, 9_020, 80),
        "online": (29_000, 151_000, 0), "distributors": (31_100, 86_400, 2_500),
    }  # fmt: skip
    whole = chain.of(lots)
    assert (whole.came, whole.made, whole.imported) == (400_000, 400_000, 0)
    assert (whole.in_stock, whole.sold_to_consumers, whole.unexplained) == (136_400, 261_020, 2_580)
    assert whole.percent_unexplained == Decimal("0.645")


@pytest.mark.requirement("H-101")
def test_the_case_of_the_peanuts_leads_to_their_maker(told_story, cast, lots):
    case = Case.objects.get()
    analysis = Analysis(case)
    full = {suspect.row.pk for suspect in analysis.enterprises() if suspect.score == 1}
    assert {cast[key].pk for key in ("O1", "H1", "L3", "L1")} <= full
    assert {lots[key].pk for key in ("PN", "HS-1B")} <= {suspect.row.pk for suspect in analysis.lots()[:10]}
    assert compare(case.snapshots.get()).is_sound


def test_the_balance_of_the_raw_peanuts_adds_up(lots):
    raw = balance_of_chain([lots["PN"].pk]).of({lots["PN"].pk})
    assert (raw.imported, raw.used, raw.unexplained) == (20_000, 10_000, 0)


def test_the_peanuts_are_traced_into_all_ten_lots(trace, lots, finished):
    toppings = {lots[key].pk for key in ("HS-1A", "HS-1B", "HS-2A")}
    assert set(trace.lots) == {lots["PN"].pk} | toppings | {lot.pk for lot in finished}


def test_the_trace_names_everybody_who_has_some(trace, cast):
    keys = ["H1", "H2", "H7", "L1", "L2", "L3", "L6", *(f"O{n}" for n in range(2, 10))]
    holders = {holder.enterprise_id for holder in trace.holders}
    assert {cast[key].pk for key in keys} <= holders
    assert {place.pk for place in cast["H2"].places.all()} <= holders


def test_a_bag_is_traced_back_to_its_peanuts(lots):
    assert set(upstream(lots["LSF-3"]).lots) == {lots[key].pk for key in ("LSF-3", "HS-1B", "PN")}


def test_the_later_lots_have_nothing_to_do_with_the_peanuts(trace, lots):
    assert not {lot.pk for key, lot in lots.items() if "clean" in key} & set(trace.lots)


# A bag made by recipe


@pytest.fixture
def run_by_recipe(lots) -> ProductionRun:
    return ProductionRun.objects.get(outputs__lot=lots["BAG-parts"])


def test_a_bag_leads_back_to_a_lot_of_every_sachet(lots, run_by_recipe):
    parts = {"NOODLES-A", "NOODLES-B", "BROTH", "BAMBOO", "HS-clean", "YUBA", "OIL", "ADDITIVE"}
    assert {lots[key].pk for key in parts} <= set(upstream(lots["BAG-parts"]).lots)
    assert missing_parts(run_by_recipe) == []


def test_its_additive_is_within_the_invented_limit(run_by_recipe):
    used = [(row.lot, row.quantity) for row in run_by_recipe.inputs.all()]
    made = [(row.product, row.quantity) for row in run_by_recipe.outputs.all()]
    (dose,) = doses(used, made, day=run_by_recipe.produced_on)
    assert "示例" in dose.limit.source
    assert (dose.used_grams, dose.made_grams, dose.is_over) == (300, 3_000 * 335, False)


def test_there_is_enough_left_for_another_run_by_recipe(cast):
    today = timezone.localdate().isoformat()
    form = {"produced_on": today, "outputs": [{"code": "9520001000010", "quantity": "2000"}], "inputs": []}
    filled = fill_in(form, enterprise=cast["L1"])
    assert (filled.rows >= 7, filled.short) == (True, [])


# The books


def test_one_trader_alone_has_sold_more_than_came_in(cast):
    short = StockBalance.objects.filter(quantity__lt=0, enterprise__status="active")
    assert [(balance.enterprise, balance.quantity) for balance in short] == [(cast["W1"], -40)]


def test_every_lot_is_released(told_story):
    assert LotHold.objects.exists()
    assert not LotHold.objects.filter(released_at=None).exists()


def test_purchases_written_by_the_buyer_wait_for_the_seller(cast):
    mine = Invoice.objects.confirmed().filter(author=cast["H3"], seller=cast["H7"])
    answered = Acknowledgement.objects.filter(invoice__in=mine)
    assert (mine.count(), answered.count()) == (2, 1)


def test_some_papers_are_reversed(told_story):
    assert 3 <= Invoice.objects.confirmed().exclude(reverses=None).count() <= 5


def test_goods_of_the_supermarket_went_back(cast):
    (back,) = Invoice.objects.in_force().filter(kind=Invoice.Kind.RETURN)
    assert (back.seller, back.returns.buyer, back.reason) == (cast["H2"], cast["H2"], "外包装破损")


def test_one_correction_was_agreed_to_and_one_waits(cast):
    agreed, asked = CorrectionProposal.objects.order_by("pk")
    assert agreed.paper.adjusts == agreed.invoice
    assert (asked.asked, asked.accepted) == (cast["H4"], None)


def test_of_two_deliveries_written_twice_one_is_linked_and_one_waits_to_be(cast):
    own = Invoice.objects.confirmed().filter(author=cast["H2"], buyer=cast["H2"], kind=Invoice.Kind.SALE)
    twins = own.filter(receipt=None, reverses=None).order_by("pk")
    linked, offered = [paper for paper in twins if paper.seller.status == "active"]
    assert linked.reversed_by.same_as.author == linked.seller
    assert twins_of(offered)[0].author == offered.seller


def test_some_papers_are_ready_to_be_confirmed_and_one_is_just_begun(told_story):
    drafts = Invoice.objects.drafts().select_related("author")
    roles = {draft: "supplier" if draft.is_purchase else "customer" for draft in drafts}
    ready = [read(draft.typed, author=draft.author, role=role).is_complete for draft, role in roles.items()]
    assert sorted(ready) == [False, True, True, True, True]


def test_a_new_draft_can_be_confirmed_by_its_clerk(told_story):
    draft = Invoice.objects.drafts().filter(author__uscc="91230110DEMH0001XB").exclude(lines=None).first()
    clerk = User.objects.get(username="wholesaler")
    with transaction.atomic():
        assert confirm_invoice(draft, actor=clerk).number
        transaction.set_rollback(True)


def test_deliveries_wait_for_the_buyers(told_story):
    assert Receipt.objects.filter(state=Receipt.State.PENDING).exists()


def test_people_have_something_to_do(told_story):
    run_rules()
    raised = Counter(Alert.objects.open().values_list("rule", flat=True))
    assert all(raised[rule] for rule in ("RECEIPT_DUE", "CLAIM_OPEN", "ACKNOWLEDGE", "LOT_EXPIRED", "LOT_EXPIRING"))
    assert raised["OVERSALE"] == 2  # the one trader, and its officers


def test_the_figures_of_the_days_are_folded(told_story):
    assert not TradeDelta.objects.exists()
    assert EnterpriseDay.objects.aggregate(n=Sum("sale_lines"))["n"] > 4_000


# The shared catalogue


def test_a_data_steward_has_something_to_settle(told_story):
    assert FieldConflict.objects.exists()
    assert {report.state for report in ProductReport.objects.all()} == {"open", "accepted", "rejected"}
    (pair,) = likely_duplicates()
    assert pair.product.name == pair.other.name


# People


@pytest.mark.parametrize("username", [username for username, _description in story.SIGN_INS])
def test_everybody_can_sign_in(told_story, username):
    assert authenticate(username=username, password=story.PASSWORD) == User.objects.get(username=username)


def test_the_sign_ins_are_those_of_the_contract_and_the_steward():
    promised = "harbin nangang liuzhou producer wholesaler retailer caterer lab admin"
    assert [username for username, _description in story.SIGN_INS] == [*promised.split(), "steward"]


@pytest.mark.parametrize(
    ("username", "key"), [("producer", "L1"), ("wholesaler", "H1"), ("retailer", "H2"), ("caterer", "H4")]
)
def test_traders_keep_the_books_of_their_enterprise(cast, username, key):
    assert keeps_books(User.objects.get(username=username), cast[key])


@pytest.mark.parametrize(("username", "region"), [("harbin", "2301"), ("nangang", "230103"), ("liuzhou", "4502")])
def test_officers_see_their_region(told_story, username, region):
    seen = Enterprise.objects.visible_to(Scope.of(User.objects.get(username=username)))
    assert seen.count() == Enterprise.objects.in_region(region).count() > 10


def test_the_account_that_loaded_the_story_is_closed(told_story):
    loader = User.objects.get(username=LOADER)
    assert (loader.is_active, loader.is_superuser, loader.has_usable_password()) == (False, False, False)


def test_the_story_is_loaded_once(told_story):
    assert story.is_loaded()
    with pytest.raises(story.StoryRefused, match="already"):
        story.load_story()

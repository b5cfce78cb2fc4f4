"""Rows in from a file: looked at first, good rows in, bad rows out, once; the same for every register."""

from __future__ import annotations

import csv
import io
import threading
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from openpyxl import load_workbook

from accounts.models import User
from catalog.models import Listing, Product
from enterprises.models import Enterprise, Partnership
from registers.actions import Action
from registers.models import Upload
from registers.tasks import forget_old_uploads
from tests.registers.test_every_register import (
    IMPORTABLE,
    REGISTERS,
    SAMPLES,
    Cast,
    a_barcode,
    a_uscc,
    enter,
    scope_of,
    texts,
)


@pytest.fixture
def cast(request, seller, buyer, peanuts) -> Cast:
    return Cast(request)


def table(*rows: dict[str, Any]) -> list[list[str]]:
    def cell(value: Any) -> str:
        return "、".join(value) if isinstance(value, list) else str(value)

    return [list(rows[0]), *([cell(row.get(name, "")) for name in rows[0]] for row in rows)]


def as_file(rows: list[list[str]], encoding: str = "utf-8-sig", name: str = "表.csv") -> SimpleUploadedFile:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return SimpleUploadedFile(name, text.getvalue().encode(encoding))


def look(client, register, rows: list[list[str]]):
    return client.post(register.url(Action.IMPORT), {"step": "look", "file": as_file(rows)})


def step(client, register, name: str, **more: str):
    upload = Upload.objects.latest("created_at").pk
    return client.post(register.url(Action.IMPORT), {"step": name, "upload": upload, **more})


def heading(page, name: str) -> str:
    """What the field is called on the page."""
    return next(label for field, label, _position in page.context["columns"] if field == name)


def partners(*rows: str) -> list[list[str]]:
    """A file of partners: `number name` each, customers all."""
    return [["licence number", "Name", "Role"], *([*row.split(" ", 1), "customer"] for row in rows)]


# Every register


@pytest.mark.requirement("H-036")
@pytest.mark.parametrize("name", IMPORTABLE)
def test_looking_at_a_file_saves_nothing(client, cast, name):
    register = enter(client, cast, name)
    before = register.model.objects.count()
    page = look(client, register, table(SAMPLES[name].typed(cast, 1), SAMPLES[name].typed(cast, 2)))
    assert page.status_code == 200
    assert 'value="import"' in page.text
    assert register.model.objects.count() == before


@pytest.mark.requirement("H-036", "H-083", "H-085", "H-086", "H-115", "H-116", "H-117")
@pytest.mark.parametrize("name", IMPORTABLE)
def test_good_rows_come_in_and_bad_ones_go_out(client, cast, name):
    register, sample = enter(client, cast, name), SAMPLES[name]
    before = register.model.objects.count()
    page = look(client, register, table(sample.typed(cast, 1), sample.typed(cast, 2) | sample.bad))
    (field, value), *_more = sample.bad.items()
    assert f'<td class="number">3</td><td>{heading(page, field)}</td><td>{value}</td>' in page.text
    refused = texts(step(client, register, "rejected"))
    assert len(refused) == 2
    assert refused[1][-2] == "3"
    assert refused[1][-1].startswith(f"{heading(page, field)}: ")
    assert step(client, register, "import").status_code == 302
    assert register.model.objects.count() == before + 1


@pytest.mark.parametrize("name", IMPORTABLE)
def test_the_template_is_understood(client, cast, name):
    register = enter(client, cast, name)
    file = client.get(register.url(Action.IMPORT), {"template": "xlsx"})
    headings = [cell.value for cell in load_workbook(io.BytesIO(file.content)).active[1]]
    typed = SAMPLES[name].typed(cast, 1)
    page = look(client, register, [headings, [str(value) for value in typed.values()]])
    assert all(position is not None for _field, _label, position in page.context["columns"])


@pytest.mark.parametrize("name", IMPORTABLE)
def test_the_same_step_twice_says_it_is_done(client, cast, name):
    register = enter(client, cast, name)
    look(client, register, table(SAMPLES[name].typed(cast, 1)))
    again = {"step": "import", "upload": Upload.objects.get().pk}
    assert client.post(register.url(Action.IMPORT), again).status_code == 302
    count = register.model.objects.count()
    second = client.post(register.url(Action.IMPORT), again)
    assert second.status_code == 422
    assert second.context["refusal"]
    assert register.model.objects.count() == count


@pytest.mark.parametrize("name", IMPORTABLE)
def test_the_same_file_twice_makes_no_second_row(client, cast, name):
    register = enter(client, cast, name)
    for _time in range(2):
        look(client, register, table(SAMPLES[name].typed(cast, 1)))
        step(client, register, "import")
    shown = SAMPLES[name].shown.format(n=1)
    found = [row for row in register.rows(scope_of(cast, name)) if any(shown in word for word in _words(row))]
    assert len(found) == 1


def _words(row: Any) -> list[str]:
    return [str(row), *map(str, vars(row).values())]


@pytest.mark.parametrize("name", sorted({*IMPORTABLE} & {name for name, s in SAMPLES.items() if s.stranger}))
def test_a_file_does_not_change_a_stranger_s_rows(client, cast, name):
    register, sample = enter(client, cast, name), SAMPLES[name]
    look(client, register, table(sample.typed(cast, 1)))
    step(client, register, "import")
    kept = list(register.model.objects.order_by("pk").values())
    client.force_login(getattr(cast, sample.stranger))
    look(client, register, table(sample.typed(cast, 1) | sample.change))
    if Upload.objects.exists():
        step(client, register, "import")
    assert list(register.model.objects.filter(pk__in=[row["id"] for row in kept]).order_by("pk").values()) == kept


# What a file says and does not say


def test_a_column_that_is_not_in_the_file_is_left_alone(client, cast):
    register = enter(client, cast, "enterprises.enterprise")
    row = Enterprise.objects.create(
        name="旧名", uscc=a_uscc(1), region_id="230103001", roles=["RETAILER"], telephone="0451-1", address="老街 1 号"
    )
    look(client, register, [["uscc", "Name"], [a_uscc(1), "新名"]])
    step(client, register, "import")
    row.refresh_from_db()
    assert (row.name, row.telephone, row.address, row.roles, row.region_id) == (
        "新名", "0451-1", "老街 1 号", ["RETAILER"], "230103001",
    )  # fmt: skip


def test_a_file_without_the_column_locks_nobody_out(client, cast):
    register = enter(client, cast, "accounts.user")
    look(client, register, [["username", "Role", "New password"], ["li", "trader", "long enough 314"]])
    step(client, register, "import")
    assert User.objects.get(username="li").is_active


@pytest.mark.parametrize(("word", "means"), [("是", True), ("Yes", True), ("1", True), ("否", False), ("no", False)])
def test_yes_and_no_are_read_as_words(client, cast, word, means):
    register = enter(client, cast, "accounts.user")
    look(client, register, [["username", "Role", "password", "is_active"], ["li", "trader", "long enough 314", word]])
    step(client, register, "import")
    assert User.objects.get(username="li").is_active is means


def test_a_code_in_small_letters_or_full_width_is_the_same_enterprise(client, cast):
    register = enter(client, cast, "enterprises.enterprise")
    Enterprise.objects.create(name="旧名", uscc=a_uscc(1), region_id="230103001", roles=["RETAILER"])
    full_width = a_uscc(1).lower().translate({ord(c): ord(c) + 0xFEE0 for c in "0123456789demt"})
    look(client, register, [["uscc", "Name"], [full_width, "新名"]])
    step(client, register, "import")
    assert Enterprise.objects.get(uscc=a_uscc(1)).name == "新名"


def test_an_old_number_means_only_the_enterprise_that_has_it(client, cast):
    """Another place with the same place number and no code is not written over."""
    register = enter(client, cast, "enterprises.enterprise")
    other = Enterprise.objects.create(name="别家", legacy_number="110108000000016", place="2", region_id="230103001")
    look(client, register, [
        ["uscc", "legacy_number", "place", "name", "roles", "region"],
        ["", "230102100028866", "2", "老店", "RETAILER", "230103"],
    ])  # fmt: skip
    step(client, register, "import")
    other.refresh_from_db()
    assert (other.name, other.legacy_number) == ("别家", "110108000000016")


def test_the_headings_of_an_export_are_understood(client, cast):
    register = enter(client, cast, "certificates.licence")
    row = SAMPLES["certificates.licence"].make(cast, 1)
    exported = texts(client.get(register.url(Action.EXPORT), {"format": "csv"}))
    holder = exported[0].index(str(register.table_columns()[2].label))
    exported[0][holder], exported[1][holder] = "holder", cast.seller.uscc
    page = look(client, register, exported)
    assert 'value="import"' in page.text, page.text
    step(client, register, "import")
    assert type(row).objects.count() == 1


def test_columns_can_be_matched_by_hand(client, cast):
    register = enter(client, cast, "enterprises.partnership")
    unknown = look(client, register, [["甲", "乙", "丙"], [a_uscc(1), "某店", "customer"]])
    assert unknown.context["refusal"]
    page = step(client, register, "look", column_number="0", column_name="1", column_role="2")
    assert 'value="import"' in page.text
    step(client, register, "import", column_number="0", column_name="1", column_role="2")
    assert Partnership.objects.get().partner.name == "某店"


@pytest.mark.parametrize("nonsense", ["²", "99", "-1", "x", ""])
def test_a_nonsense_column_is_no_column(client, cast, nonsense):
    register = enter(client, cast, "enterprises.partnership")
    look(client, register, partners(f"{a_uscc(1)} 某店"))
    assert step(client, register, "look", column_number=nonsense).status_code == 200


def test_a_short_row_keeps_its_reason_in_the_last_column(client, cast):
    register = enter(client, cast, "enterprises.partnership")
    look(client, register, [["number", "name", "role"], ["12"]])
    heading, row = texts(step(client, register, "rejected"))
    assert len(heading) == len(row)
    assert row[-2] == "2"


def test_without_any_known_column_nothing_is_imported(client, cast):
    register = enter(client, cast, "enterprises.partnership")
    assert 'value="import"' not in look(client, register, [["甲", "乙"], ["1", "2"]]).text
    assert step(client, register, "import").status_code == 422


@pytest.mark.parametrize("upload", ["", "x", "\0", "00000000-0000-0000-0000-000000000000"])
@pytest.mark.parametrize("name", ["look", "import", "rejected", "胡说"])
def test_an_upload_that_is_not_there_is_said(client, cast, upload, name):
    register = enter(client, cast, "enterprises.partnership")
    answer = client.post(register.url(Action.IMPORT), {"step": name, "upload": upload})
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text


def test_nobody_takes_somebody_else_s_upload(client, cast):
    register = enter(client, cast, "enterprises.partnership")
    look(client, register, partners(f"{a_uscc(1)} 某店"))
    client.force_login(cast.stranger_clerk)
    assert step(client, register, "import").status_code == 422
    assert not Partnership.objects.exists()


def test_an_upload_belongs_to_its_register(client, cast):
    register = enter(client, cast, "enterprises.partnership")
    look(client, register, partners(f"{a_uscc(1)} 某店"))
    assert step(client, REGISTERS["catalog.listing"], "import").status_code == 422


def test_a_row_that_bursts_takes_no_other_row_along(client, cast, monkeypatch):
    register = enter(client, cast, "enterprises.partnership")
    save = type(register).form_class.save

    def burst(form, commit=True):
        if form.cleaned_data["name"] == "坏":
            raise RuntimeError
        return save(form, commit)

    monkeypatch.setattr(type(register).form_class, "save", burst)
    page = look(client, register, partners(f"{a_uscc(1)} 好", f"{a_uscc(2)} 坏"))
    assert '<td class="number">3</td>' in page.text
    step(client, register, "import")
    assert [str(row.partner) for row in Partnership.objects.all()] == ["好"]


def test_a_service_s_refusal_is_a_sentence_of_its_row(client, cast):
    """The item number is free as far as the form can tell; only the database's constraint knows better."""
    register = enter(client, cast, "catalog.listing")
    rows = [["barcode", "name", "unit", "kind", "item_number"], [a_barcode(1), "某货", "bag", "prepacked", "H-1"]]
    page = look(client, register, rows)
    assert '<td class="number">2</td>' in page.text
    assert step(client, register, "import").status_code == 302
    assert not Listing.objects.exclude(product=cast.peanuts).exists()


def test_a_wrong_check_digit_names_the_right_number(client, cast):
    register = enter(client, cast, "catalog.listing")
    wrong = a_barcode(1)[:-1] + str((int(a_barcode(1)[-1]) + 1) % 10)
    page = look(client, register, [["barcode", "name", "unit", "kind"], [wrong, "某货", "bag", "prepacked"]])
    assert a_barcode(1) in page.text
    assert not Product.objects.filter(name="某货").exists()


def test_a_wrong_licence_number_names_the_right_sign(client, cast):
    register = enter(client, cast, "enterprises.partnership")
    right = a_uscc(1)
    wrong = right[:-1] + ("A" if right[-1] != "A" else "B")
    page = look(client, register, partners(f"{wrong} 某店"))
    assert f" {right[-1]}" in page.text.split('<td class="number">2</td>')[1].split("</tr>")[0]


def test_an_unknown_unit_is_refused_in_its_row(client, cast):
    register = enter(client, cast, "catalog.listing")
    page = look(client, register, [["barcode", "name", "unit", "kind"], [a_barcode(1), "某货", "斗", "prepacked"]])
    assert f'<td class="number">2</td><td>{heading(page, "unit")}</td><td>斗</td>' in page.text


def test_yesterday_s_uploads_are_forgotten(client, cast, time_machine):
    register = enter(client, cast, "enterprises.partnership")
    look(client, register, partners(f"{a_uscc(1)} 某店"))
    forget_old_uploads()
    assert Upload.objects.count() == 1
    Upload.objects.update(created_at="2020-01-01T00:00+08:00")
    forget_old_uploads()
    assert Upload.objects.count() == 0


# Where transactions are real


def test_each_step_works_outside_a_test_s_transaction(real_database, request, client):
    cast = Cast(request)
    register = enter(client, cast, "enterprises.partnership")
    cast.seller  # noqa: B018
    look(client, register, partners(f"{a_uscc(1)} 某店", "12 坏"))
    assert step(client, register, "look").status_code == 200
    assert len(texts(step(client, register, "rejected"))) == 2
    assert step(client, register, "import").status_code == 302
    assert Partnership.objects.get().partner.name == "某店"


def test_two_presses_on_import_are_one_import(real_database, request, client):
    cast = Cast(request)
    register = enter(client, cast, "enterprises.partnership")
    clerk = cast.clerk
    look(client, register, partners(*(f"{a_uscc(n)} 某店{n}" for n in range(20))))
    upload, codes = Upload.objects.get().pk, []

    def press() -> None:
        browser = Client(raise_request_exception=False)
        browser.force_login(clerk)
        codes.append(browser.post(register.url(Action.IMPORT), {"step": "import", "upload": upload}).status_code)
        connection.close()

    threads = [threading.Thread(target=press) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(codes) == [302, 422]
    assert Partnership.objects.count() == 20

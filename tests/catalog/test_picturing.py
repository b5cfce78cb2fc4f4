"""Pictures of goods: given by those who list them, shown to everybody, taken away with a reason, never lost."""

from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import translation
from PIL import Image

from attachments.checking import check
from catalog.merging import merge_products
from catalog.models import ImageRemoval, Listing, Product, ProductCode, ProductImage, Unit
from catalog.picturing import IMAGES_MAX, add_pictures, remove_picture
from tests.attachments.samples import as_file, encoded, pdf, phone_photo

GTIN = "9520004000017"


@pytest.fixture(autouse=True)
def in_english():
    with translation.override("en"):
        yield


@pytest.fixture(autouse=True)
def root(settings, tmp_path):
    settings.ATTACHMENTS_ROOT = tmp_path


def plain(n):
    """A photo that is not like that of another number."""
    return encoded(Image.new("RGB", (900, 600), (n * 30, 0, 0)))


@pytest.fixture
def listed(peanuts, seller):
    Listing.objects.get_or_create(product=peanuts, enterprise=seller)
    return peanuts


@pytest.fixture
def page(client, clerk):
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    client.force_login(clerk)
    return client


def send(client, product, *files):
    return client.post(reverse("catalog:product-pictures", args=[product.pk]), {"photos": [*files]})


@pytest.fixture
def image(page, listed):
    send(page, listed, as_file(plain(7), "花生.jpg"))
    return ProductImage.objects.get()


def test_who_lists_the_goods_adds_a_picture_and_everybody_sees_it(image, listed, buyer_clerk, seller):
    assert image.enterprise == seller
    other = Client()
    other.force_login(buyer_clerk)
    assert other.get(reverse("attachments:attachment-thumbnail", args=[image.attachment_id])).status_code == 200
    shown = other.get(reverse("catalog:product-detail", args=[listed.pk])).text
    assert reverse("attachments:attachment-thumbnail", args=[image.attachment_id]) in shown
    assert "Take away" not in other.get(reverse("catalog:product-pictures", args=[listed.pk])).text


def test_the_same_photo_again_is_one_picture(image, page, listed):
    assert send(page, listed, as_file(plain(7), "again.jpg")).status_code == 302
    assert ProductImage.objects.count() == 1


def test_who_does_not_list_the_goods_adds_none(peanuts, buyer, buyer_clerk, client):
    client.force_login(buyer_clerk)
    assert send(client, peanuts, as_file(phone_photo())).status_code == 403
    assert not ProductImage.objects.exists()


def test_a_pdf_no_file_and_too_many_are_refused_with_a_sentence(page, listed):
    assert "not a PDF" in send(page, listed, as_file(pdf(), "a.pdf")).text
    assert send(page, listed).status_code == 422
    many = [as_file(plain(n), f"{n}.jpg") for n in range(IMAGES_MAX)]
    assert send(page, listed, *many).status_code == 302
    assert "Take one away first" in send(page, listed, as_file(phone_photo())).text
    assert ProductImage.objects.count() == IMAGES_MAX


def test_the_giver_takes_it_away_with_a_reason(image, page, listed):
    address = reverse("catalog:productimage-remove", args=[image.pk])
    assert page.post(address, {"reason": ""}).status_code == 422
    assert page.post(address, {"reason": "包装已更换"}).status_code == 302
    assert ImageRemoval.objects.get().reason == "包装已更换"
    assert page.get(reverse("attachments:attachment-thumbnail", args=[image.attachment_id])).status_code == 200  # own
    assert page.post(address, {"reason": "again"}).status_code == 404


def test_a_steward_takes_away_any_and_a_stranger_none(image, steward, buyer, buyer_clerk):
    with pytest.raises(PermissionDenied):
        remove_picture(image, reason="mine is nicer", enterprise=buyer, actor=buyer_clerk)
    with pytest.raises(ValidationError):
        remove_picture(image, reason=" ", enterprise=None, actor=steward)
    remove_picture(image, reason="不是此商品", enterprise=None, actor=steward)
    assert not ProductImage.objects.standing().exists()


def test_pictures_of_a_self_made_code_stay_with_its_enterprise(page, seller, buyer_clerk):
    own = Product.objects.create(name="散装花生", unit=Unit.objects.get(code="bag"), owner=seller, self_code="Z1")
    Listing.objects.create(product=own, enterprise=seller)
    assert send(page, own, as_file(phone_photo())).status_code == 302
    other = Client()
    other.force_login(buyer_clerk)
    image = ProductImage.objects.get()
    assert other.get(reverse("attachments:attachment-download", args=[image.attachment_id])).status_code == 404
    assert other.get(reverse("catalog:product-pictures", args=[own.pk])).status_code == 404


def test_they_follow_a_merge(image, listed, steward):
    survivor = Product.objects.create(name="示例花生", unit=Unit.objects.get(code="bag"))
    ProductCode.objects.create(product=survivor, gtin="09520004000024")
    merge_products(survivor, listed, values={}, reason="同一商品", actor=steward)
    assert [row.pk for row in ProductImage.objects.of(survivor)] == [image.pk]


def test_the_maker_s_own_come_first(image, listed, buyer, buyer_clerk):
    Listing.objects.create(product=listed, enterprise=buyer)
    Product.objects.filter(pk=listed.pk).update(maker=image.enterprise)
    (later,) = add_pictures(listed, [check(as_file(plain(8), "other.jpg"))], enterprise=buyer, actor=buyer_clerk)
    listed.refresh_from_db()
    assert [row.pk for row in ProductImage.objects.of(listed)] == [image.pk, later.pk]


def test_the_database_keeps_them_as_they_are(image, clerk):
    with pytest.raises(DatabaseError), transaction.atomic():
        ProductImage.objects.filter(pk=image.pk).update(enterprise=None)
    with pytest.raises(DatabaseError), transaction.atomic():
        image.delete()
    with pytest.raises(IntegrityError), transaction.atomic():
        ImageRemoval.objects.create(image=image, reason="", author=clerk)
    ImageRemoval.objects.create(image=image, reason="旧包装", author=clerk)
    with pytest.raises(DatabaseError), transaction.atomic():
        ImageRemoval.objects.update(reason="anders")


def test_the_public_sees_them_until_they_are_taken_away(image, listed, steward):
    visitor = Client(headers={"accept-language": "en"})
    address = reverse("portal:picture", args=[GTIN, image.pk])
    assert f'src="{address}?small"' in visitor.get(reverse("portal:product", args=[GTIN])).text
    assert visitor.get(reverse("portal:product", args=[GTIN]), headers={"accept": "application/json"}).json()[
        "pictures"
    ] == [address]
    whole, small = visitor.get(address), visitor.get(address, {"small": ""})
    assert (whole.status_code, whole["Content-Type"], whole["Cache-Control"]) == (
        200,
        "image/jpeg",
        "public, max-age=300",
    )
    assert len(small.content) < len(whole.content)
    assert not visitor.cookies
    assert visitor.get(address, headers={"if-none-match": whole["ETag"]}).status_code == 304
    assert visitor.get(reverse("portal:picture", args=["9520004000024", image.pk])).status_code == 404
    assert visitor.get(reverse("portal:picture", args=["nonsense", image.pk])).status_code == 404
    remove_picture(image, reason="不是此商品", enterprise=None, actor=steward)
    assert visitor.get(address).status_code == 404

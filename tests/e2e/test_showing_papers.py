"""Papers in a browser: uploaded by a telephone, checked by the station, seen by the customer, renewed in time."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from certificates.models import Licence
from tests.attachments.samples import phone_photo
from tests.e2e.conftest import session_of

NUMBER = "JY12301030000024"
UPLOAD, REVIEW = reverse("certificates:licence-add"), reverse("certificates:review-list")


@pytest.fixture
def signed_in(browser, address):
    """A page of somebody's browser."""
    contexts = []

    def open_page(user, *, width=1280):
        contexts.append(browser.new_context(locale="en", base_url=address, viewport={"width": width, "height": 800}))
        contexts[-1].add_cookies([session_of(user, address)])
        return contexts[-1].new_page()

    yield open_page
    for context in contexts:
        context.close()


def upload(page, today) -> None:
    """A telephone's photo with a number mistyped first, and the last day forgotten first."""
    page.goto(UPLOAD)
    page.get_by_label("Kind").select_option("food_business")
    page.get_by_label("Number of the paper").fill("JY12301030000028")
    expect(page.get_by_text("One digit is wrong")).to_be_visible()
    page.get_by_label("Number of the paper").fill(NUMBER)
    expect(page.get_by_text("The check digit fits.")).to_be_visible()
    page.get_by_label("Valid from").fill(str(today))
    photo = {"name": "licence.jpg", "mimeType": "image/jpeg", "buffer": phone_photo()}
    page.get_by_label("Photos or PDF").set_input_files([photo])
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Type the last day on which it is good.").first).to_be_visible()
    expect(page.get_by_text("licence.jpg")).to_be_visible()  # not to be sent again
    page.get_by_label("Valid until").fill(str(today + timedelta(days=20)))
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Not checked yet")).to_be_visible()


@pytest.mark.requirement("H-049", "H-063", "H-065", "H-110", "H-025")
def test_a_licence_goes_from_the_telephone_to_the_customer(signed_in, cast):
    today, page = timezone.localdate(), signed_in(cast.clerk, width=390)
    upload(page, today)
    row = Licence.objects.get(number=NUMBER)
    address = reverse("certificates:licence-detail", args=[row.pk])

    station = signed_in(cast.officer)
    station.goto(REVIEW)
    station.get_by_role("link", name=NUMBER).click()
    expect(station.locator("img.page-image")).to_be_visible()
    station.get_by_role("button", name="Paper and text agree: approve").click()
    expect(station.get_by_text("is approved")).to_be_visible()

    customer = signed_in(cast.buyer_clerk)
    customer.goto(address)
    expect(customer.get_by_text("Expires soon")).to_be_visible()
    expect(customer.locator(".photos img").first).not_to_have_js_property("naturalWidth", 0)  # it loads when it is seen

    page.goto(address)
    page.get_by_role("link", name="Upload a new version").click()
    page.get_by_label("Valid from").fill(str(today + timedelta(days=1)))
    page.get_by_label("Valid until").fill(str(today + timedelta(days=1500)))
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Other versions")).to_be_visible()
    assert not Licence.objects.current().filter(pk=row.pk).exists()

"""Signing in, and what a guesser learns: nothing."""

from __future__ import annotations

import pytest
from django.core.cache import cache
from django.urls import reverse

LOGIN = "/accounts/login/"


@pytest.fixture(autouse=True)
def fresh_counters():
    cache.clear()
    yield
    cache.clear()


def sign_in(client, username, password):
    return client.post(LOGIN, {"login": username, "password": password})


@pytest.mark.requirement("H-033")
def test_an_officer_lands_on_the_own_area(client, officer):
    assert sign_in(client, "nangang", "pass").url == reverse("home")
    assert client.get(reverse("home")).url == reverse("dashboards:region")


def test_a_wrong_password_and_an_unknown_name_answer_alike(client, officer):
    wrong, unknown = (sign_in(client, name, "guess").context["form"].errors for name in ("nangang", "nobody"))
    assert wrong == unknown
    assert wrong


def test_guessing_is_slowed_down(client, officer):
    for n in range(6):
        sign_in(client, "nangang", f"guess {n}")
    assert sign_in(client, "nangang", "pass").status_code != 302


def test_who_may_not_sign_in_does_not(client, officer):
    officer.is_active = False
    officer.save()
    sign_in(client, "nangang", "pass")
    assert LOGIN in client.get(reverse("home")).url


def test_nobody_is_sent_elsewhere_after_signing_in(client, officer):
    page = client.post(f"{LOGIN}?next=https://evil.example/", {"login": "nangang", "password": "pass"})
    assert page.url == reverse("home")


def test_signing_out_ends_the_session(client, officer):
    client.force_login(officer)
    key = client.session.session_key
    client.post(reverse("account_logout"))
    client.cookies["sessionid"] = key
    assert LOGIN in client.get(reverse("home")).url


def test_the_key_changes_at_sign_in(client, officer):
    client.get(LOGIN)
    before = client.cookies.get("sessionid")
    sign_in(client, "nangang", "pass")
    assert client.cookies["sessionid"].value != (before and before.value)


def test_a_role_taken_away_is_gone_with_the_next_request(client, officer):
    client.force_login(officer)
    assert client.get(reverse("ledgers:trace-search")).status_code == 200
    officer.groups.clear()
    assert client.get(reverse("ledgers:trace-search")).status_code == 403


def test_the_language_is_chinese_by_default_and_can_be_switched(client, db):
    assert 'lang="zh-hans"' in client.get("/").text
    assert 'lang="en"' in client.get("/", headers={"Accept-Language": "en"}).text
    client.post(reverse("set_language"), {"language": "en", "next": "/"})
    assert 'lang="en"' in client.get("/", headers={"Accept-Language": "zh-CN"}).text

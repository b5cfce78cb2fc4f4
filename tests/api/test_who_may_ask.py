"""Tokens: who gets one, what it opens, how often, and when it is over."""

from __future__ import annotations

import datetime

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError
from django.test import Client
from django.utils import translation
from redis import RedisError

from exchange import limits
from exchange.clients import client_behind, make_client, revoke_client
from exchange.models import ApiClient
from tests.api.conftest import GTIN

ADDRESS = f"/api/v1/products/{GTIN}"


def ask(authorization=None, **headers):
    headers = {"accept-language": "en"} | headers | ({"authorization": authorization} if authorization else {})
    return Client().get(ADDRESS, headers=headers)


def a_client(**fields):
    return ApiClient(**{"name": "示例程序", "scopes": ["products:read"]} | fields)


@pytest.mark.parametrize("header", [None, "Bearer", "Bearer ", "Basic eDp5", "Bearer ft_wrong", "Bearer 密\x7f"])
def test_without_a_working_token_nothing_is_told(peanuts, header):
    answer = ask(header)
    assert answer.status_code == 401
    assert answer["WWW-Authenticate"].startswith("Bearer realm=")
    assert answer.json()["status"] == 401


def test_a_token_is_shown_once_and_kept_as_a_hash(token):
    client = ApiClient.objects.get()
    assert token not in map(str, vars(client).values())
    assert token.startswith(client.prefix)


def test_the_last_use_is_written_once_a_day(token, django_assert_num_queries, today):
    assert client_behind(token)
    assert ApiClient.objects.get().last_used_on == today
    with django_assert_num_queries(1):
        client_behind(token)


def test_a_withdrawn_token_is_refused_and_stays_withdrawn_by_who_did_it(token, administrator, clerk, peanuts):
    client = revoke_client(ApiClient.objects.get(), actor=administrator)
    assert ask(f"Bearer {token}").status_code == 401
    assert revoke_client(client, actor=administrator).revoked_at == client.revoked_at
    with pytest.raises(PermissionDenied):
        revoke_client(client, actor=clerk)


def test_an_expired_token_is_refused(token, peanuts, today):
    ApiClient.objects.update(expires_on=today)
    assert ask(f"Bearer {token}").status_code == 200
    ApiClient.objects.update(expires_on=today - datetime.timedelta(days=1))
    assert ask(f"Bearer {token}").status_code == 401


def test_a_cookie_opens_nothing_and_costs_nothing(peanuts, administrator, django_assert_num_queries):
    client = Client()
    client.force_login(administrator)
    with django_assert_num_queries(0):
        assert client.get(ADDRESS).status_code == 401


def test_a_missing_scope_is_named(token, peanuts):
    ApiClient.objects.update(scopes=["invoices:write"])
    answer = ask(f"Bearer {token}")
    assert answer.status_code == 403
    assert 'scope="products:read"' in answer["WWW-Authenticate"]


# How often


def test_who_asks_too_often_is_told_when_to_come_again(token, peanuts):
    ApiClient.objects.update(limit_per_minute=2)
    answers = [ask(f"Bearer {token}") for _ in range(3)]
    if len({answer["RateLimit-Reset"] for answer in answers}) > 2:
        pytest.skip("the minute ended meanwhile")
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert [answer["RateLimit-Remaining"] for answer in answers] == ["1", "0", "0"]
    assert 0 < int(answers[2]["Retry-After"]) <= 60


def test_a_refusal_is_in_the_reader_s_language_and_kept_by_nobody(peanuts):
    answer = ask(**{"accept-language": "zh-CN"})
    assert (answer["Content-Language"], answer["Cache-Control"]) == ("zh-hans", "no-store")


class Broken:
    def pipeline(self):
        raise RedisError("down")


def test_without_redis_each_process_counts_for_itself_and_says_so_once(settings, monkeypatch, caplog):
    settings.REDIS_URL = "redis://nowhere"
    monkeypatch.setattr(limits, "_redis", lambda url: Broken())
    monkeypatch.setattr(limits, "_shared", limits.SharedCount())
    assert [limits.take(-1, limit=1).is_exceeded for _ in range(2)] == [False, True]
    assert len(caplog.records) == 1


class Counting:
    """As much of Redis as is asked for."""

    def __init__(self):
        self.used = 0

    def pipeline(self):
        return self

    def incr(self, key):
        self.used += 1
        return self

    def expire(self, key, seconds):
        return self

    def execute(self):
        return [self.used, True]


def test_with_redis_all_processes_count_together(settings, monkeypatch):
    settings.REDIS_URL = "redis://here"
    shared = Counting()
    monkeypatch.setattr(limits, "_redis", lambda url: shared)
    monkeypatch.setattr(limits, "_shared", limits.SharedCount())
    shared.used = 5
    assert limits.take(-2, limit=9).used == 6


# Who makes them


def test_only_the_administrator_makes_clients(clerk):
    with pytest.raises(PermissionDenied):
        make_client(a_client(), actor=clerk)


@pytest.mark.parametrize(
    "fault", [{"limit_per_minute": 0}, {"limit_per_minute": 60_001}, {"scopes": []}, {"scopes": ["all"]}, {"name": ""},
              {"expires_on": datetime.date(2020, 1, 1)}]
)  # fmt: skip
def test_a_client_that_makes_no_sense_is_refused(administrator, fault):
    with pytest.raises(ValidationError):
        make_client(a_client(**fault), actor=administrator)


def test_a_client_belongs_to_an_enterprise_or_an_authority(administrator, seller, officer):
    with translation.override("en"), pytest.raises(ValidationError, match="not both"):
        make_client(a_client(enterprise=seller, authority=officer.authority), actor=administrator)


@pytest.mark.parametrize("change", [{"limit_per_minute": 0}, {"scopes": []}, {"revoked_at": "2026-01-01T00:00Z"}])
def test_the_database_refuses_what_the_form_refuses(token, change):
    with pytest.raises(IntegrityError):
        ApiClient.objects.update(**change)


def test_the_administrator_makes_one_sees_the_token_once_and_withdraws_it(client, administrator, seller, peanuts):
    client.force_login(administrator)
    typed = {"name": "示例超市", "enterprise": seller.uscc, "scopes": ["products:read"], "limit_per_minute": "60"}
    page = client.post("/exchange/apiclient/add/", typed)
    token = page.context["token"]
    assert (page.status_code, token in page.text) == (201, True)
    assert "no-store" in page["Cache-Control"]
    row = ApiClient.objects.get(enterprise=seller)
    assert token not in client.get(f"/exchange/apiclient/{row.pk}/").text
    assert ask(f"Bearer {token}").status_code == 200
    client.post(f"/exchange/apiclient/{row.pk}/revoke/")
    assert ask(f"Bearer {token}").status_code == 401


@pytest.mark.parametrize("fault", [{"enterprise": "91NOBODY"}, {"name": "示例程序"}, {"scopes": []}, {"name": "a\0b"}])
def test_the_form_says_what_is_wrong(client, token, administrator, fault):
    client.force_login(administrator)
    typed = {"name": "新的", "scopes": ["products:read"], "limit_per_minute": "60"} | fault
    page = client.post("/exchange/apiclient/add/", typed)
    assert (page.status_code, 'id="error-summary"' in page.text) == (422, True)
    assert ApiClient.objects.count() == 1

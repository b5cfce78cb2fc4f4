"""The to-do list and one alert, as its readers use them."""

from __future__ import annotations

import datetime

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from alerts.models import Alert
from alerts.raising import close_gone, raise_alerts
from alerts.services import acknowledge, comment
from tests.alerts.conftest import BOTH, OWN, a_fact, an_alert
from tests.conftest import make_clerk

LIST = reverse("alerts:alert-list")


@pytest.fixture
def signed_in(database):
    def browser(user) -> Client:
        client = Client(headers={"accept-language": "en"})
        client.force_login(user)
        return client

    return browser


def press(client, alert, step, **typed):
    return client.post(reverse("alerts:alert-handle", args=[alert.pk]), {"step": step, **typed})


def listed(client, **asked) -> list[Alert]:
    return list(client.get(LIST, asked).context["page"])


# The list


def test_the_list_leads_to_the_fix_by_one_button(signed_in, alert, clerk):
    page = signed_in(clerk).get(LIST).text
    assert page.count('class="btn btn-primary"') == 1
    assert 'href="/ledgers/stock/?state=oversold"' in page


def test_the_most_urgent_stands_first_then_what_is_due_first(signed_in, seller, clerk):
    now = timezone.now()
    for subject, hours in (("later", 9), ("sooner", 2), ("some day", None)):
        due = now + datetime.timedelta(hours=hours) if hours else None
        raise_alerts(OWN, [a_fact(seller, subject=subject, due_at=due)])
    raise_alerts("LOT_EXPIRED", [a_fact(seller, subject="red", facts={"n": 1, "expires_on": "2026-01-05"})])
    assert [alert.subject for alert in listed(signed_in(clerk))] == ["red", "sooner", "later", "some day"]


@pytest.mark.parametrize(("hours", "words"), [(49, "2\xa0days left"), (-30, "overdue for 1\xa0day"), (None, "")])
def test_the_time_that_is_left_is_told_in_words(signed_in, seller, clerk, hours, words):
    due = timezone.now() + datetime.timedelta(hours=hours, minutes=1) if hours else None
    raise_alerts(OWN, [a_fact(seller, due_at=due)])
    assert words in signed_in(clerk).get(LIST).text


def test_what_is_closed_does_not_show_unless_asked_for(signed_in, alert, seller, clerk):
    close_gone(BOTH, still=[])
    client = signed_in(clerk)
    assert listed(client) == []
    assert listed(client, state="closed") == listed(client, state="all") == [alert]


def test_the_list_is_narrowed_by_state_rule_and_urgency(signed_in, alert, seller, clerk):
    raise_alerts(OWN, [a_fact(seller)])
    acknowledge(alert, actor=clerk)
    client = signed_in(clerk)
    assert listed(client, state="acknowledged") == listed(client, rule=BOTH) == [alert]
    assert [row.rule_id for row in listed(client, state="waiting")] == [OWN]
    assert (len(listed(client, severity=2)), listed(client, severity=3)) == (2, [])


def test_the_header_counts_what_nobody_has_seen(signed_in, alert, seller, clerk, officer, laboratory):
    client = signed_in(clerk)
    assert client.get(LIST).context["todo_count"] == 1
    acknowledge(alert, actor=clerk)
    assert client.get(LIST).context["todo_count"] == 0
    assert signed_in(officer).get(LIST).context["todo_count"] == 1
    assert "to-do-count" not in signed_in(laboratory).get(reverse("home")).text


# One alert


def test_one_press_says_that_it_was_seen(signed_in, alert, clerk):
    answer = press(signed_in(clerk), alert, "acknowledge", back="list")
    assert answer.url == LIST
    alert.refresh_from_db()
    assert alert.acknowledged_by == clerk


def test_what_was_done_stands_on_the_page(signed_in, alert, clerk):
    client = signed_in(clerk)
    press(client, alert, "comment", words="<b>联系供应商</b>")
    press(client, alert, "close", words="已补录")
    page = client.get(reverse("alerts:alert-detail", args=[alert.pk])).text
    assert "&lt;b&gt;联系供应商" in page
    assert "已补录" in page
    assert 'value="close"' not in page


@pytest.mark.parametrize("step", ["close", "dismiss", "comment"])
def test_without_words_nothing_is_written_and_the_page_says_what_to_type(signed_in, alert, clerk, step):
    answer = press(signed_in(clerk), alert, step, words=" \0 ")
    assert (answer.status_code, alert.notes.count()) == (422, 0)
    assert 'id="error-summary"' in answer.text


def test_words_that_are_too_long_are_cut_and_never_break_the_page(signed_in, alert, clerk):
    assert press(signed_in(clerk), alert, "dismiss", words="长" * 9_000).status_code == 302
    assert len(alert.notes.get().words) == 500


def test_it_is_given_to_a_colleague(signed_in, alert, seller, clerk):
    colleague, client = make_clerk("second", seller), signed_in(clerk)
    assert str(colleague) in client.get(reverse("alerts:alert-detail", args=[alert.pk])).text
    assert press(client, alert, "assign", to=colleague.pk).status_code == 302
    alert.refresh_from_db()
    assert alert.assigned_to == colleague


@pytest.mark.parametrize("who", ["", "0", "²", "9" * 30, "stranger"])
def test_it_is_given_to_nobody_else(signed_in, alert, clerk, stranger_clerk, who):
    assert (
        press(signed_in(clerk), alert, "assign", to=stranger_clerk.pk if who == "stranger" else who).status_code == 422
    )


def test_what_a_colleague_closed_meanwhile_is_said(signed_in, alert, clerk):
    client = signed_in(clerk)
    press(client, alert, "dismiss", words="x")
    answer = press(client, alert, "dismiss", words="y")
    assert (answer.status_code, alert.notes.count()) == (422, 1)


def test_who_may_look_but_not_keep_books_gets_no_buttons(signed_in, alert, seller, clerk):
    clerk.groups.clear()
    clerk.user_permissions.add(Permission.objects.get(codename="view_alert"))
    page = signed_in(clerk).get(reverse("alerts:alert-detail", args=[alert.pk]))
    assert page.status_code == 200
    assert "<textarea" not in page.text


def test_officers_give_it_to_one_another(signed_in, officers_alert, officer):
    client = signed_in(officer)
    assert press(client, officers_alert, "assign", to=officer.pk).status_code == 302
    comment(officers_alert, words="x", actor=officer)
    assert officer.username in client.get(reverse("alerts:alert-detail", args=[officers_alert.pk])).text


def test_a_stranger_s_alert_is_not_there(signed_in, alert, stranger_clerk, officer):
    for user in (stranger_clerk, officer):
        assert press(signed_in(user), alert, "acknowledge").status_code == 404


def test_many_cost_as_much_as_one(signed_in, seller, clerk, django_assert_num_queries):
    client, counts = signed_in(clerk), []
    for number in range(12):
        an_alert(seller, subject=str(number))
        if number in (0, 11):
            with django_assert_num_queries(24, exact=False) as queries:
                client.get(LIST)
            counts.append(len(queries))
    assert counts[0] == counts[1]

"""What officers and enterprises write to each other: to one or many, answered, read, closed, and only theirs."""

from __future__ import annotations

import datetime
import uuid

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from alerts.messaging import close, read, reply, send, write
from alerts.models import Alert, Conversation, Message, Reading, Reply
from alerts.recipients import Choice
from enterprises.models import Enterprise
from enterprises.scoping import Scope
from tests.attachments.samples import as_file, phone_photo
from tests.conftest import make_officer

pytestmark = [pytest.mark.requirement("H-028"), pytest.mark.usefixtures("in_english")]
ADD, WRITE = "/alerts/message/add/", "/alerts/conversation/add/"


def to_all(officer, *, subject="停电通知", choice=None, files=(), **fields) -> Message:
    return send(
        Message(subject=subject, words="请检查冷库。", **fields), choice or Choice(), files=files, actor=officer
    )


@pytest.fixture
def conversation(officer, seller) -> Conversation:
    """The officer has written to the seller alone."""
    message = to_all(officer, choice=Choice(numbers=[seller.uscc]))
    return message.conversations.get()


def alerts_of(user, rule="MESSAGE") -> list[Alert]:
    return list(Alert.objects.visible_to(Scope.of(user)).open().filter(rule=rule))


# Sent


def test_officers_write_to_everybody_of_their_area_and_to_nobody_beyond(officer, seller, buyer, stranger):
    message = to_all(officer)
    assert set(message.conversations.values_list("enterprise", flat=True)) == {seller.pk, buyer.pk}


@pytest.mark.parametrize(
    ("choice", "names"),
    [
        (Choice(roles=["RETAILER"]), ["buyer"]), (Choice(numbers=["91230110DEMH0001XB"]), ["seller"]),
        (Choice(roles=["RETAILER", "WHOLESALER"]), ["buyer", "seller"]),
    ],
)  # fmt: skip
def test_kinds_and_numbers_narrow_whom_it_goes_to(officer, seller, buyer, choice, names):
    cast = {seller.pk: "seller", buyer.pk: "buyer"}
    sent = to_all(officer, choice=choice).conversations.values_list("enterprise", flat=True)
    assert sorted(cast[pk] for pk in sent) == names


def test_a_street_is_narrower_than_its_district(officer, seller, buyer):
    choice = Choice(region=buyer.region)
    assert to_all(officer, choice=choice).conversations.get().enterprise == buyer


def test_nobody_is_written_to_who_is_not_in_business(officer, seller, buyer):
    Enterprise.objects.filter(pk=buyer.pk).update(status="closed")
    assert to_all(officer).conversations.get().enterprise == seller


def test_a_choice_that_means_nobody_sends_nothing(officer, stranger):
    with pytest.raises(ValidationError, match="Nobody who is chosen"):
        to_all(officer, choice=Choice(numbers=[stranger.uscc]))
    assert not Message.objects.exists()


def test_the_same_token_twice_is_one_message(officer, seller, buyer):
    token = uuid.uuid4()
    assert to_all(officer, token=token) == to_all(officer, token=token)
    assert Conversation.objects.count() == 2


def test_traders_cannot_write_to_many(clerk, seller):
    with pytest.raises(PermissionDenied):
        to_all(clerk)


def test_a_message_to_many_takes_as_many_statements_as_one_to_one(officer, seller, buyer):
    with CaptureQueriesContext(connection) as to_one:
        send(Message(subject="一", words="x"), Choice(numbers=[seller.uscc]), actor=officer)
    with CaptureQueriesContext(connection) as to_many:
        message = to_all(officer)
    assert message.conversations.count() > 1
    assert len(to_many) <= len(to_one)


# Read and answered


def test_a_message_is_something_to_do_until_it_is_read(
    conversation, clerk, officer, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        to_all(officer, subject="第二次")
    assert [str(alert) for alert in alerts_of(clerk)] == ["nangang 市场监督管理局 wrote: 第二次"]
    with django_capture_on_commit_callbacks(execute=True):
        read(Conversation.objects.get(message__subject="第二次", enterprise=conversation.enterprise), actor=clerk)
    assert alerts_of(clerk) == []


def test_an_answer_that_was_asked_for_is_owed_after_reading(
    officer, seller, clerk, today, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        row = to_all(officer, answer_due_on=today).conversations.get(enterprise=seller)
        read(row, actor=clerk)
    [alert] = alerts_of(clerk)
    assert timezone.localdate(alert.due_at) == today + datetime.timedelta(days=1)
    with django_capture_on_commit_callbacks(execute=True):
        reply(row, words="已检查。", token=uuid.uuid4(), actor=clerk)
    assert alerts_of(clerk) == []
    row.refresh_from_db()
    assert row.answered_at is not None


def test_each_new_answer_of_officers_is_something_to_do_again(
    conversation, clerk, officer, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        read(conversation, actor=clerk)
        reply(conversation, words="还有一件事。", token=uuid.uuid4(), actor=officer)
    assert len(alerts_of(clerk)) == 1


def test_an_enterprise_writes_and_its_officers_have_it_to_do_until_they_answer(
    seller, clerk, officer, officer_elsewhere, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        row = write(Message(subject="请教", words="怎样申报？"), enterprise=seller, actor=clerk)
    assert len(alerts_of(officer, "MESSAGE_WAITING")) == 1
    assert alerts_of(officer_elsewhere, "MESSAGE_WAITING") == []
    with django_capture_on_commit_callbacks(execute=True):
        reply(row, words="请到窗口。", token=uuid.uuid4(), actor=officer)
    assert alerts_of(officer, "MESSAGE_WAITING") == []


def test_an_officer_closes_what_needs_no_answer_and_new_words_open_it(seller, clerk, officer):
    row = write(Message(subject="谢谢", words="收到。"), enterprise=seller, actor=clerk)
    close(row, actor=officer)
    assert row.state == "closed"
    reply(row, words="还有……", token=uuid.uuid4(), actor=clerk)
    row.refresh_from_db()
    assert row.closed_at is None


def test_reading_is_kept_once_for_each_reader_and_text(conversation, clerk):
    first = read(conversation, actor=clerk)
    assert read(conversation, actor=clerk) == first
    conversation.refresh_from_db()
    assert conversation.seen_at == first.read_at


def test_whoever_wrote_does_not_make_it_read(conversation, officer):
    read(conversation, actor=officer)
    conversation.refresh_from_db()
    assert conversation.seen_at is None


def test_the_same_answer_sent_twice_is_one(conversation, clerk):
    token = uuid.uuid4()
    assert reply(conversation, words="好", token=token, actor=clerk) == reply(
        conversation, words="好", token=token, actor=clerk
    )


@pytest.mark.parametrize("who", ["stranger_clerk", "officer_elsewhere", "buyer_clerk", "laboratory"])
def test_nobody_else_answers_reads_or_closes(conversation, who, request):
    other = request.getfixturevalue(who)
    with pytest.raises(PermissionDenied):
        reply(conversation, words="我", token=uuid.uuid4(), actor=other)
    with pytest.raises(PermissionDenied):
        close(conversation, actor=other)
    assert read(conversation, actor=other) is None


def test_an_answer_has_words(conversation, clerk):
    with pytest.raises(ValidationError, match="Type your answer"):
        reply(conversation, words="  ", token=uuid.uuid4(), actor=clerk)


@pytest.mark.parametrize("model", [Message, Reply, Reading])
def test_what_was_written_or_read_is_never_changed(conversation, clerk, model):
    reply(conversation, words="好", token=uuid.uuid4(), actor=clerk)
    read(conversation, actor=clerk)
    for statement in (f"UPDATE {model._meta.db_table} SET id = id", f"DELETE FROM {model._meta.db_table}"):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


# On the screen


def written(**fields) -> dict[str, object]:
    return {"subject": "通知", "words": "请自查。", "token": str(uuid.uuid4()), **fields}


def test_many_are_counted_and_asked_about_before_anything_is_sent(client, officer, seller, buyer):
    client.force_login(officer)
    asked = client.post(ADD, written())
    assert asked.status_code == 422
    assert "This goes to 2 enterprises" in asked.text
    assert not Message.objects.exists()
    sure = asked.context["form"]["sure"].value()
    assert client.post(ADD, written(sure=sure)).status_code == 302
    assert Conversation.objects.count() == 2


def test_a_number_that_nobody_has_is_named(client, officer, seller, stranger):
    client.force_login(officer)
    answer = client.post(ADD, written(numbers=f"{seller.uscc} {stranger.uscc}"))
    assert f"nobody has this number: {stranger.uscc}" in answer.text
    assert not Message.objects.exists()


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("subject", "", "required"), ("words", "字" * 4001, "at most 4000"), ("answer_due_on", "2020-01-01", "is over"),
        ("numbers", "1 " * 501, "At most 500"), ("region", "45", "Select a valid choice"),
    ],
)  # fmt: skip
def test_bad_input_is_told_beside_its_field(client, officer, seller, field, value, sentence):
    client.force_login(officer)
    answer = client.post(ADD, written(numbers=seller.uscc) | {field: value})
    assert answer.status_code == 422
    assert sentence in " ".join(answer.context["form"].errors[field])


@pytest.mark.requirement("H-180")
def test_an_officer_writes_from_the_page_of_an_enterprise_with_a_photo(client, officer, seller, clerk):
    client.force_login(officer)
    page = client.get(f"/enterprises/enterprise/{seller.pk}/").text
    assert f"{ADD}?to={seller.uscc}" in page
    client.post(ADD, written(numbers=seller.uscc, pages=[as_file(phone_photo())]))
    row = Conversation.objects.get()
    client.force_login(clerk)
    assert "attachments/" in client.get(f"/alerts/conversation/{row.pk}/").text
    assert row.readings.get().reader == clerk


def test_the_other_side_sees_who_has_read(client, conversation, clerk, officer):
    client.force_login(clerk)
    client.get(f"/alerts/conversation/{conversation.pk}/")
    client.force_login(officer)
    assert "Read by clerk" in " ".join(client.get(f"/alerts/conversation/{conversation.pk}/").text.split())


def test_an_enterprise_writes_and_answers_on_its_screen(client, clerk, seller):
    client.force_login(clerk)
    assert client.post(WRITE, written()).status_code == 302
    row = Conversation.objects.get()
    address = f"/alerts/conversation/{row.pk}/"
    assert client.post(address, {"words": "", "token": str(uuid.uuid4())}).status_code == 422
    assert client.post(address, {"words": "补充。", "token": str(uuid.uuid4())}).status_code == 302
    assert "补充。" in client.get(address).text


def test_what_was_typed_and_sent_is_not_lost_by_a_mistake(client, clerk, seller):
    client.force_login(clerk)
    answer = client.post(WRITE, written(subject="", pages=[as_file(phone_photo())]))
    assert "请自查。" in answer.text
    assert "Kept already" in answer.text


def test_the_sent_message_counts_who_has_read_and_answered(client, officer, seller, buyer, clerk):
    message = to_all(officer)
    mine = message.conversations.get(enterprise=seller)
    read(mine, actor=clerk)
    reply(mine, words="好", token=uuid.uuid4(), actor=clerk)
    client.force_login(officer)
    page = client.get(f"/alerts/message/{message.pk}/")
    assert (page.context["row"].sent_to, page.context["row"].read_by, page.context["row"].answered_by) == (2, 1, 1)
    assert [row.enterprise for row in page.context["silent"]] == [buyer]


def test_officers_find_the_conversations_that_wait(client, officer, seller, buyer, clerk):
    to_all(officer)
    write(Message(subject="请教", words="?"), enterprise=seller, actor=clerk)
    client.force_login(officer)
    for state, count in (("unanswered", 1), ("unread", 2), ("owed", 0), ("closed", 0)):
        assert len(client.get(f"/alerts/conversation/?state={state}").context["page"].object_list) == count


def test_a_message_of_the_province_is_seen_by_the_district_but_sent_under_its_own_name(officer, seller, clerk):
    province = make_officer("heilongjiang", "23")
    row = to_all(province).conversations.get(enterprise=seller)
    assert Conversation.objects.visible_to(Scope.of(officer)).filter(pk=row.pk).exists()
    assert not Message.objects.visible_to(Scope.of(officer)).exists()
    assert Message.objects.visible_to(Scope.of(province)).exists()


def test_a_long_conversation_takes_as_many_statements_as_a_short_one(
    client, conversation, clerk, officer, django_assert_max_num_queries
):
    for number in range(20):
        reply(conversation, words=f"{number}", token=uuid.uuid4(), actor=clerk if number % 2 else officer)
    client.force_login(clerk)
    client.get(f"/alerts/conversation/{conversation.pk}/")
    with django_assert_max_num_queries(25):
        client.get(f"/alerts/conversation/{conversation.pk}/")

"""The gateways speak to their providers as those ask for it: a server of our own stands in for them."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.util import find_spec
from smtplib import SMTPRecipientsRefused
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core import mail
from django.utils import timezone

from alerts.gateways import Outgoing, Refused, Standing, Unavailable, gateway_for
from alerts.gateways.local import Console, File
from alerts.gateways.smtp import Smtp

UID = "5f0c6a52-6d7a-4f0e-9f57-0d2a4bd1c0de"
needs = {
    "aliyun": pytest.mark.skipif(
        not find_spec("alibabacloud_dysmsapi20170525"), reason="pip install -r requirements/sms.txt"
    ),
    "tencent": pytest.mark.skipif(not find_spec("tencentcloud"), reason="pip install -r requirements/sms.txt"),
}


def outgoing(**fields) -> Outgoing:
    given = {
        "uid": UID, "address": "13800001234", "template": "alert", "params": {"what": "到期"}, "subject": "提醒",
        "text": "到期", "since": timezone.now(), **fields,
    }  # fmt: skip
    return Outgoing(**given)


@pytest.fixture
def provider(settings):
    """A server that keeps what it was asked and answers what the test says."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            size = int(self.headers.get("Content-Length") or 0)
            asked.append({"path": self.path, "headers": dict(self.headers), "body": self.rfile.read(size).decode()})
            content = json.dumps(answers.pop(0)).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST  # noqa: N815 -- the name that the library asks for

        def log_message(self, *_words):
            pass

    asked, answers = [], []
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    settings.SMS_OPTIONS = {
        "key_id": "id", "key_secret": "secret", "sign_name": "食安溯源", "app_id": "1400", "protocol": "http",
        "endpoint": f"127.0.0.1:{server.server_port}", "templates": {"alert": "SMS_1", "code": "SMS_2"},
    }  # fmt: skip
    yield asked, answers
    server.shutdown()
    server.server_close()


def use(settings, name):
    settings.GATEWAYS = {**settings.GATEWAYS, "sms": name}
    return gateway_for("sms")


@needs["aliyun"]
def test_aliyun_is_given_the_template_and_our_number(provider, settings):
    asked, answers = provider
    answers.append({"Code": "OK", "Message": "OK", "BizId": "B-1", "RequestId": "R"})
    assert use(settings, "aliyun").send(outgoing()) == "B-1"
    sent = {name: values[0] for name, values in parse_qs(urlsplit(asked[0]["path"]).query).items()}
    assert sent["OutId"] == UID
    assert (sent["PhoneNumbers"], sent["TemplateCode"], sent["SignName"]) == ("13800001234", "SMS_1", "食安溯源")
    assert json.loads(sent["TemplateParam"]) == {"what": "到期"}


@needs["aliyun"]
@pytest.mark.parametrize(
    ("code", "raised"),
    [
        ("isv.MOBILE_NUMBER_ILLEGAL", Refused),
        ("isv.BUSINESS_LIMIT_CONTROL", Unavailable),
        ("isv.OUT_OF_SERVICE", Refused),
    ],
)
def test_aliyun_says_no(provider, settings, code, raised):
    provider[1].append({"Code": code, "Message": "nein", "RequestId": "R"})
    with pytest.raises(raised, match="nein"):
        use(settings, "aliyun").send(outgoing())


@needs["aliyun"]
@pytest.mark.parametrize(
    ("rows", "standing"),
    [
        ([{"OutId": UID, "SendStatus": 3}], Standing.DELIVERED), ([{"OutId": UID, "SendStatus": 2}], Standing.FAILED),
        ([{"OutId": UID, "SendStatus": 1}], Standing.ON_ITS_WAY), ([{"OutId": "x"}], Standing.NEVER_CAME),
        ([], Standing.NEVER_CAME),
    ],
)  # fmt: skip
def test_aliyun_is_asked_what_became_of_our_number(provider, settings, rows, standing):
    dtos = {"SmsSendDetailDTO": rows}
    provider[1].append({"Code": "OK", "Message": "OK", "RequestId": "R", "TotalCount": "1", "SmsSendDetailDTOs": dtos})
    assert use(settings, "aliyun").look_up(outgoing()) == standing


@needs["tencent"]
def test_tencent_is_given_the_template_and_our_number(provider, settings):
    asked, answers = provider
    answers.append(
        {"Response": {"RequestId": "R", "SendStatusSet": [{"Code": "Ok", "SerialNo": "S-1", "Message": ""}]}}
    )
    assert use(settings, "tencent").send(outgoing()) == "S-1"
    sent = json.loads(asked[0]["body"])
    assert (sent["PhoneNumberSet"], sent["TemplateParamSet"]) == (["+8613800001234"], ["到期"])
    assert (sent["SessionContext"], sent["TemplateId"], sent["SmsSdkAppId"]) == (UID, "SMS_1", "1400")


@needs["tencent"]
@pytest.mark.parametrize(
    ("code", "raised"), [("InvalidParameterValue.IncorrectPhoneNumber", Refused), ("LimitExceeded.Daily", Unavailable)]
)
def test_tencent_says_no(provider, settings, code, raised):
    provider[1].append({"Response": {"RequestId": "R", "SendStatusSet": [{"Code": code, "Message": "nein"}]}})
    with pytest.raises(raised, match="nein"):
        use(settings, "tencent").send(outgoing())


@needs["tencent"]
@pytest.mark.parametrize(
    ("status", "ref", "standing"),
    [("SUCCESS", "S-1", Standing.DELIVERED), ("FAIL", "S-1", Standing.FAILED), ("SUCCESS", "S-2", Standing.ON_ITS_WAY)],
)
def test_tencent_is_asked_by_its_serial_number(provider, settings, status, ref, standing):
    rows = [{"SerialNo": "S-1", "ReportStatus": status}]
    provider[1].append({"Response": {"RequestId": "R", "PullSmsSendStatusSet": rows}})
    assert use(settings, "tencent").look_up(outgoing(ref=ref)) == standing


@needs["tencent"]
def test_tencent_without_a_serial_number_cannot_say(settings, provider):
    assert use(settings, "tencent").look_up(outgoing()) == Standing.CANNOT_SAY


@pytest.mark.parametrize("name", [pytest.param(name, marks=mark) for name, mark in needs.items()])
def test_a_provider_that_is_not_there_is_unavailable(provider, settings, name):
    settings.SMS_OPTIONS = {**settings.SMS_OPTIONS, "endpoint": "127.0.0.1:9"}
    gateway = use(settings, name)
    with pytest.raises(Unavailable):
        gateway.send(outgoing())


def test_a_mail_carries_our_number():
    reference = Smtp().send(outgoing(address="wang@example.com"))
    [sent] = mail.outbox
    assert (sent.to, sent.subject, sent.extra_headers["Message-ID"]) == (["wang@example.com"], "提醒", reference)
    assert Smtp().look_up(outgoing()) == Standing.CANNOT_SAY


@pytest.mark.parametrize(
    ("fault", "raised"), [(SMTPRecipientsRefused({}), Refused), (ConnectionRefusedError(), Unavailable)]
)
def test_a_mail_server_says_no(monkeypatch, fault, raised):
    monkeypatch.setattr("django.core.mail.EmailMessage.send", lambda *_named: (_ for _ in ()).throw(fault))
    with pytest.raises(raised):
        Smtp().send(outgoing())


def test_the_console_shows_no_address(capsys):
    Console().send(outgoing())
    said = capsys.readouterr().out
    assert "到期" in said
    assert "13800001234" not in said


def test_the_file_is_found_again():
    assert File().look_up(outgoing()) == Standing.NEVER_CAME
    File().send(outgoing())
    assert File().look_up(outgoing()) == Standing.DELIVERED

"""Text messages by Tencent Cloud (SMS 2021-01-11); needs the extra `sms-tencent`."""

from __future__ import annotations

from typing import Any

from django.conf import settings

from alerts.gateways.protocol import Outgoing, Refused, Standing, Unavailable

BUSY = ("LimitExceeded.", "InternalError", "RequestLimitExceeded", "FailedOperation.")
STANDINGS = {"SUCCESS": Standing.DELIVERED, "FAIL": Standing.FAILED}


class Tencent:
    name = "tencent"

    def __init__(self) -> None:
        from tencentcloud.common import credential  # noqa: PLC0415 -- an extra, and slow to load
        from tencentcloud.common.profile.client_profile import ClientProfile  # noqa: PLC0415
        from tencentcloud.common.profile.http_profile import HttpProfile  # noqa: PLC0415
        from tencentcloud.sms.v20210111 import models, sms_client  # noqa: PLC0415

        options = settings.SMS_OPTIONS
        self.models: Any = models
        profile = HttpProfile(
            protocol=options.get("protocol", "https"), endpoint=options.get("endpoint", "sms.tencentcloudapi.com"),
            reqTimeout=10,
        )  # fmt: skip
        self.client: Any = sms_client.SmsClient(
            credential.Credential(options["key_id"], options["key_secret"]),
            options.get("region", "ap-guangzhou"),
            ClientProfile(httpProfile=profile),
        )

    def send(self, outgoing: Outgoing) -> str:
        request = self.models.SendSmsRequest()
        request.PhoneNumberSet = [f"+86{outgoing.address}"]
        request.SmsSdkAppId, request.SignName = settings.SMS_OPTIONS["app_id"], settings.SMS_OPTIONS["sign_name"]
        request.TemplateId = settings.SMS_OPTIONS["templates"][outgoing.template]
        request.TemplateParamSet = list(outgoing.params.values())
        request.SessionContext = outgoing.uid
        answer = self._ask(self.client.SendSms, request).SendStatusSet[0]
        if answer.Code == "Ok":
            return str(answer.SerialNo)
        said = f"{answer.Code}: {answer.Message}"[:200]
        raise Unavailable(said) if answer.Code.startswith(BUSY) else Refused(said)

    def look_up(self, outgoing: Outgoing) -> Standing:
        """By its serial number; what has none yet cannot be told from other texts to the same telephone."""
        if not outgoing.ref:
            return Standing.CANNOT_SAY
        request = self.models.PullSmsSendStatusByPhoneNumberRequest()
        request.BeginTime, request.Offset, request.Limit = int(outgoing.since.timestamp()), 0, 100
        request.PhoneNumber, request.SmsSdkAppId = f"+86{outgoing.address}", settings.SMS_OPTIONS["app_id"]
        for row in self._ask(self.client.PullSmsSendStatusByPhoneNumber, request).PullSmsSendStatusSet or ():
            if row.SerialNo == outgoing.ref:
                return STANDINGS.get(row.ReportStatus, Standing.ON_ITS_WAY)
        return Standing.ON_ITS_WAY

    def _ask(self, call: Any, request: Any) -> Any:
        try:
            return call(request)
        except Exception as fault:  # the library raises whatever its transport does
            raise Unavailable(str(fault)[:200]) from fault

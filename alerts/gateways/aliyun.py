"""Text messages by Alibaba Cloud (Dysmsapi 2017-05-25); needs the extra `sms-aliyun`."""

from __future__ import annotations

import json
from typing import Any

from django.conf import settings
from django.utils import timezone

from alerts.gateways.protocol import Outgoing, Refused, Standing, Unavailable

BUSY = {"isv.BUSINESS_LIMIT_CONTROL", "isv.DAY_LIMIT_CONTROL", "isp.SYSTEM_ERROR", "isp.GATEWAY_EXCEPTION"}
STANDINGS = {1: Standing.ON_ITS_WAY, 2: Standing.FAILED, 3: Standing.DELIVERED}


class Aliyun:
    name = "aliyun"

    def __init__(self) -> None:
        from alibabacloud_dysmsapi20170525 import client, models  # noqa: PLC0415 -- an extra, and slow to load
        from alibabacloud_tea_openapi.models import Config  # noqa: PLC0415

        options = settings.SMS_OPTIONS
        self.models: Any = models
        self.client: Any = client.Client(
            Config(
                access_key_id=options["key_id"], access_key_secret=options["key_secret"],
                endpoint=options.get("endpoint", "dysmsapi.aliyuncs.com"), protocol=options.get("protocol", "https"),
                connect_timeout=5_000, read_timeout=10_000,
            )
        )  # fmt: skip

    def send(self, outgoing: Outgoing) -> str:
        """`OutId` is our number: what was sent is found again by it."""
        answer = self._ask(
            self.client.send_sms,
            self.models.SendSmsRequest(
                phone_numbers=outgoing.address, sign_name=settings.SMS_OPTIONS["sign_name"],
                template_code=settings.SMS_OPTIONS["templates"][outgoing.template], out_id=outgoing.uid,
                template_param=json.dumps(dict(outgoing.params), ensure_ascii=False),
            ),
        )  # fmt: skip
        return str(answer.biz_id)

    def look_up(self, outgoing: Outgoing) -> Standing:
        answer = self._ask(
            self.client.query_send_details,
            self.models.QuerySendDetailsRequest(
                phone_number=outgoing.address, biz_id=outgoing.ref or None, page_size=50, current_page=1,
                send_date=f"{timezone.localtime(outgoing.since):%Y%m%d}",
            ),
        )  # fmt: skip
        found = answer.sms_send_detail_dtos.sms_send_detail_dto if answer.sms_send_detail_dtos else None
        for row in found or ():
            if row.out_id == outgoing.uid:
                return STANDINGS.get(row.send_status, Standing.ON_ITS_WAY)
        return Standing.NEVER_CAME

    def _ask(self, call: Any, request: Any) -> Any:
        try:
            answer = call(request).body
        except Exception as fault:  # the library raises whatever its transport does
            raise Unavailable(str(fault)[:200]) from fault
        if answer.code == "OK":
            return answer
        said = f"{answer.code}: {answer.message}"[:200]
        raise Unavailable(said) if answer.code in BUSY else Refused(said)

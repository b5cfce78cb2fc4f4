"""Who carries a text message or an e-mail: one small class for each provider, named by the settings."""

from __future__ import annotations

from django.conf import settings
from django.utils.module_loading import import_string

from alerts.gateways.protocol import Gateway, Outgoing, Refused, Standing, Unavailable

__all__ = ["GATEWAYS", "Gateway", "Outgoing", "Refused", "Standing", "Unavailable", "gateway_for"]

GATEWAYS = {
    "console": "alerts.gateways.local.Console",
    "file": "alerts.gateways.local.File",
    "smtp": "alerts.gateways.smtp.Smtp",
    "aliyun": "alerts.gateways.aliyun.Aliyun",
    "tencent": "alerts.gateways.tencent.Tencent",
}


def gateway_for(channel: str) -> Gateway:
    """The gateway that the settings name for this channel."""
    gateway: Gateway = import_string(GATEWAYS[settings.GATEWAYS[channel]])()
    return gateway

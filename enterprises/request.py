"""The shape of a request of somebody who works for an enterprise."""

from accounts.request import HouseRequest
from enterprises.models import Enterprise


class EnterpriseRequest(HouseRequest):
    """`enterprise` is the one the person acts for now, None for officers and administrators."""

    enterprise: Enterprise | None

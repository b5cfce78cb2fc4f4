"""The shape of a request of somebody who works for an enterprise."""

from typing import TypedDict

from accounts.models import User
from accounts.request import HouseRequest
from enterprises.models import Enterprise


class EnterpriseRequest(HouseRequest):
    """`enterprise` is the one the person acts for now, None for officers and administrators."""

    enterprise: Enterprise | None


class Who(TypedDict):
    """Who acts: the person, and the enterprise acted for; None for an authority."""

    enterprise: Enterprise | None
    actor: User


def who(request: EnterpriseRequest) -> Who:
    """Who asks here, as services want to know it."""
    return {"enterprise": request.enterprise, "actor": request.user}

"""What the screens of a certificate show: its pages, what a machine noticed, its life, and what one may do now."""

from __future__ import annotations

from typing import Any

from certificates.findings import findings_of
from certificates.models import Certificate
from certificates.services import may_renew, may_verify, may_withdraw
from enterprises.request import EnterpriseRequest, who


def certificate_page(request: EnterpriseRequest, row: Certificate) -> dict[str, Any]:
    """One certificate for one reader."""
    may_judge = may_verify(row, **who(request))
    versions = [version for version in (row.replaces, row.replaced_by.order_by("-pk").first()) if version]
    return {
        "photos": [page.attachment for page in row.pages.select_related("attachment")],
        "findings": findings_of(row) if may_judge or row.state != "verified" else [],
        "steps": row.steps.select_related("author", "enterprise"),
        "versions": versions,
        "may_judge": may_judge,
        "may_withdraw": may_withdraw(row, **who(request)),
        "may_renew": request.user.has_perm("certificates.add_licence") and may_renew(row, **who(request)),
    }

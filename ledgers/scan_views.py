"""What the scan box and the camera of a paper ask: what a code means here, and which codes a photo shows."""

from __future__ import annotations

from django.contrib.auth.decorators import permission_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from catalog.photos import codes_in
from catalog.scans import SCAN_MAX
from enterprises.models import Enterprise
from enterprises.request import EnterpriseRequest
from enterprises.services import keeps_books
from ledgers.drafts import partner_role
from ledgers.scanning import described, meaning_of
from ledgers.typed import partners_called


@require_safe
@permission_required("ledgers.add_invoice", raise_exception=True)
def scan(request: EnterpriseRequest) -> HttpResponse:
    """Goods, lot, dates and quantity of `code` on a paper with `partner`; else a sentence that says what to do."""
    enterprise = _bookkeeper_of(request)
    code, name = (request.GET.get(key, "").replace("\0", "")[: SCAN_MAX + 1] for key in ("code", "partner"))
    is_purchase = request.GET.get("side") == "purchase"
    role = partner_role(is_purchase=is_purchase)
    partner = partners_called([name], author=enterprise, role=role).get(name)
    meaning = meaning_of(code, enterprise=enterprise, partner=partner, is_purchase=is_purchase)
    return JsonResponse(
        {
            "found": described(meaning),
            "fill": meaning.fill,
            "last": meaning.last,
            "remarks": meaning.remarks,
            "refusal": meaning.refusal,
        }
    )


@require_POST
@permission_required("ledgers.add_invoice", raise_exception=True)
def scan_photo(request: EnterpriseRequest) -> HttpResponse:
    """The codes in the photo that was sent; the photo is not kept."""
    _bookkeeper_of(request)
    photo = request.FILES.get("photo")
    try:
        if photo is None:
            raise ValidationError(_("Choose a photo of the code first."))
        codes = codes_in(photo)
    except ValidationError as refusal:
        return JsonResponse({"refusal": " ".join(refusal.messages)}, status=422)
    return JsonResponse({"codes": codes})


def _bookkeeper_of(request: EnterpriseRequest) -> Enterprise:
    if request.enterprise is None or not keeps_books(request.user, request.enterprise):
        raise PermissionDenied
    return request.enterprise

"""The only way to a file: each asks every time whether this person may see the row, and answers strictly."""

from __future__ import annotations

import logging
from pathlib import Path

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.cache import get_conditional_response
from django.utils.http import content_disposition_header, quote_etag
from django.views.decorators.http import require_safe

from accounts.request import HouseRequest
from attachments import storage
from attachments.models import Attachment

STRICT = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
    "X-Content-Type-Options": "nosniff",
}
logger = logging.getLogger(__name__)


@require_safe
def download(request: HouseRequest, pk: int) -> HttpResponse:
    """The file: a photo is shown, a PDF is never rendered from our address but saved."""
    row: Attachment = get_object_or_404(Attachment.objects.visible_to(request.scope), pk=pk)
    return answer(request, row)


@require_safe
def thumbnail(request: HouseRequest, pk: int) -> HttpResponse:
    """The small picture of a photo."""
    photos = Attachment.objects.visible_to(request.scope).filter(kind=Attachment.Kind.IMAGE)
    row: Attachment = get_object_or_404(photos, pk=pk)
    return answer(request, row, is_small=True)


def answer(
    request: HttpRequest, row: Attachment, *, is_small: bool = False, cache: str = "private, no-cache"
) -> HttpResponse:
    """A file to whoever may see it, which the caller has made sure of; `is_small` is the thumbnail of a photo.

    Unless `cache` says otherwise, the browser may keep it, but asks again each time: the next person at this machine
    may not see it.
    """
    place = (storage.thumbnail_of if is_small else storage.place_of)(row.sha256)
    etag = quote_etag(f"{row.sha256}-thumbnail" if is_small else row.sha256)
    response: HttpResponse = get_conditional_response(request, etag=etag) or _whole(row, place)
    for header, value in (STRICT | {"Cache-Control": cache, "ETag": etag}).items():
        response.headers[header] = value
    return response


def _whole(row: Attachment, place: Path) -> HttpResponse:
    """Read in one go: nothing that was stored is larger than 10 MB."""
    try:
        content = place.read_bytes()
    except FileNotFoundError:
        logger.error("Attachment %s has no file: restore %s.", row.pk, place)
        raise Http404 from None
    disposition = content_disposition_header(not row.is_image, row.saved_as)
    return HttpResponse(content, content_type=row.content_type, headers={"Content-Disposition": disposition})

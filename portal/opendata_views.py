"""The open data of the shared catalogue: the page that tells of the file, and the file."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.cache import get_conditional_response
from django.utils.http import http_date
from django.views.decorators.http import require_safe

from catalog.opendata import latest
from portal.views import public_page


@public_page
def opendata(request: HttpRequest) -> HttpResponse:
    """What there is, since when, how large, under what conditions."""
    return render(request, "portal/opendata.html", {"file": latest()})


@login_not_required
@require_safe
def opendata_file(request: HttpRequest) -> HttpResponseBase:
    """The newest file, sent piece by piece; who has it already gets 304."""
    file = latest()
    if file is None:
        raise Http404
    etag, modified = f'"{file.sha256[:32]}"', int(file.moment.timestamp())
    if seen := get_conditional_response(request, etag, modified):
        return seen
    response = FileResponse(
        file.path.open("rb"), as_attachment=True, filename=file.name, content_type="application/gzip"
    )
    response["ETag"], response["Last-Modified"] = etag, http_date(modified)
    response["Cache-Control"] = "public, max-age=3600"
    return response

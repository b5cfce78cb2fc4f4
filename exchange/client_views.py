"""Screens of the programs that may ask the JSON API: make one, withdraw one."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from enterprises.request import EnterpriseRequest
from exchange.client_form import ApiClientForm
from exchange.clients import make_client, revoke_client
from exchange.models import ApiClient


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("exchange.add_apiclient", raise_exception=True)
def add(request: EnterpriseRequest) -> HttpResponse:
    """Make a client. The answer shows its token, and nothing shows it again: so there is no redirect."""
    form = ApiClientForm(request.POST if request.method == "POST" else None, request=request)
    if form.is_valid():
        try:
            token = make_client(form.instance, actor=request.user)
        except ValidationError as refusal:
            form.add_error(None, refusal)
        else:
            return render(request, "exchange/apiclient_token.html", {"row": form.instance, "token": token}, status=201)
    return render(request, "exchange/apiclient_add.html", {"form": form}, status=422 if form.errors else 200)


@require_POST
@permission_required("exchange.change_apiclient", raise_exception=True)
def revoke(request: EnterpriseRequest, pk: int) -> HttpResponse:
    """From now on the token is refused."""
    client = get_object_or_404(ApiClient.objects.visible_to(request.scope), pk=pk)
    revoke_client(client, actor=request.user)
    messages.success(request, _("The token of %(client)s is withdrawn.") % {"client": client})
    return redirect("exchange:apiclient-detail", pk)

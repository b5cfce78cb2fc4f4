"""A conversation and its answer; the code of an address; what is sent again by hand."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.request import HouseRequest
from alerts import messaging
from alerts.contacts import confirm, send_code
from alerts.forms import ReplyForm
from alerts.message_presenting import conversation_page
from alerts.models import ContactPoint, Conversation, Delivery
from alerts.outbox import RESEND, resend


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("alerts.view_conversation", raise_exception=True)
def conversation_detail(request: HouseRequest, pk: int) -> HttpResponse:
    """Read it: who opens it has read it, which the other side sees. Answer it: POST."""
    row = _conversation(request, pk)
    if request.method != "POST":
        reading = messaging.read(row, actor=request.user)
        page = conversation_page(row, reading.side if reading else None, ReplyForm(initial={"token": uuid.uuid4()}))
        return render(request, "alerts/conversation_detail.html", page)
    side = messaging.side_of(row, request.user)
    if side is None:
        raise PermissionDenied
    form = ReplyForm(request.POST, request.FILES)
    form.file_owner = request.user
    if not form.is_valid():
        page = conversation_page(row, side, form)
        return render(request, "alerts/conversation_detail.html", page, status=422)
    typed = form.cleaned_data
    messaging.reply(row, words=typed["words"], files=form.files_given, token=typed["token"], actor=request.user)
    messages.success(request, _("Your answer is sent."))
    return redirect("alerts:conversation-detail", pk)


@require_POST
@permission_required("alerts.add_message", raise_exception=True)
def conversation_close(request: HouseRequest, pk: int) -> HttpResponse:
    """Nothing is left to answer."""
    messaging.close(_conversation(request, pk), actor=request.user)
    messages.success(request, _("Closed. What is written later opens it again."))
    return redirect("alerts:conversation-list")


@require_POST
@permission_required("alerts.change_contactpoint", raise_exception=True)
def contact_confirm(request: HouseRequest, pk: int) -> HttpResponse:
    """Type the code that came."""
    try:
        row = confirm(_contact(request, pk), code=request.POST.get("code", "")[:20], actor=request.user)
    except ValidationError as refusal:
        messages.error(request, " ".join(refusal.messages))
    else:
        messages.success(request, _("%(address)s is confirmed. From now on you are told there.") % {"address": row})
    return redirect("alerts:contactpoint-detail", pk)


@require_POST
@permission_required("alerts.change_contactpoint", raise_exception=True)
def contact_code(request: HouseRequest, pk: int) -> HttpResponse:
    """Send a new code."""
    send_code(_contact(request, pk), actor=request.user)
    messages.success(request, _("A code is on its way. It takes up to a minute."))
    return redirect("alerts:contactpoint-detail", pk)


@require_POST
@permission_required(RESEND, raise_exception=True)
def delivery_resend(request: HouseRequest, pk: int) -> HttpResponse:
    """Send by hand what failed, or of which nobody knows."""
    row = get_object_or_404(Delivery.objects.visible_to(request.scope), pk=pk)
    try:
        again = resend(row, actor=request.user)
    except ValidationError as refusal:
        messages.error(request, " ".join(refusal.messages))
        return redirect("alerts:delivery-detail", pk)
    messages.success(request, _("It is sent again."))
    return redirect("alerts:delivery-detail", again.pk)


def _conversation(request: HouseRequest, pk: int) -> Conversation:
    rows = Conversation.objects.visible_to(request.scope).select_related("message__author__authority", "enterprise")
    return get_object_or_404(rows, pk=pk)


def _contact(request: HouseRequest, pk: int) -> ContactPoint:
    return get_object_or_404(ContactPoint.objects.visible_to(request.scope), pk=pk)

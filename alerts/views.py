"""What is done about an alert: one address for every step."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.models import User
from accounts.request import HouseRequest
from alerts import services
from alerts.models import Alert
from alerts.presenting import alert_page


@require_POST
@permission_required("alerts.handle_alert", raise_exception=True)
def alert_handle(request: HouseRequest, pk: int) -> HttpResponse:
    """One of the steps; the service checks for itself who may take it."""
    alert = get_object_or_404(Alert.objects.visible_to(request.scope).select_related("rule", "enterprise"), pk=pk)
    step = STEPS.get(request.POST.get("step", ""))
    if step is None:
        return redirect("alerts:alert-detail", pk)
    try:
        said = step(request, alert)
    except ValidationError as refusal:
        alert.refresh_from_db()
        context = {**alert_page(request, alert), "refusal": " ".join(refusal.messages), "typed": request.POST}
        return render(request, "alerts/alert_detail.html", context, status=422)
    messages.success(request, said)
    return redirect("alerts:alert-list") if request.POST.get("back") == "list" else redirect("alerts:alert-detail", pk)


def _acknowledge(request: HouseRequest, alert: Alert) -> str:
    services.acknowledge(alert, actor=request.user)
    return _("Noted that you have seen it.")


def _assign(request: HouseRequest, alert: Alert) -> str:
    asked = request.POST.get("to", "")
    to = User.objects.filter(pk=int(asked)).first() if asked.isdecimal() and len(asked) < 18 else None
    if to is None:
        raise ValidationError({"to": _("Choose somebody who may take care of this alert.")})
    services.assign(alert, to=to, actor=request.user)
    return _("%(person)s takes care of it.") % {"person": to}


def _comment(request: HouseRequest, alert: Alert) -> str:
    services.comment(alert, words=_words(request), actor=request.user)
    return _("Your remark is kept.")


def _close(request: HouseRequest, alert: Alert) -> str:
    services.close(alert, note=_words(request), actor=request.user)
    return _("Closed as done.")


def _dismiss(request: HouseRequest, alert: Alert) -> str:
    services.dismiss(alert, reason=_words(request), actor=request.user)
    return _("Dismissed.")


STEPS: dict[str, Callable[[HouseRequest, Alert], str]] = {
    "acknowledge": _acknowledge,
    "assign": _assign,
    "comment": _comment,
    "close": _close,
    "dismiss": _dismiss,
}


def _words(request: HouseRequest) -> str:
    return request.POST.get("words", "").replace("\0", "")

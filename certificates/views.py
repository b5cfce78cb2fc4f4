"""Screens of certificates beyond the registers: judge one, take one back, ask what a number tells."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from certificates import services
from certificates.asking import take_back
from certificates.findings import number_findings
from certificates.forms import ReasonForm
from certificates.health import REVEAL, read_identity
from certificates.models import Certificate, CertificateKind, CertificateRequest, HealthCertificate
from certificates.presenting import certificate_page
from certificates.registers import ReviewRegister
from enterprises.models import Enterprise
from enterprises.request import EnterpriseRequest, who

RELATED = ("kind", "holder", "product", "uploaded_for")


@require_POST
@permission_required(services.VERIFY, raise_exception=True)
def certificate_judge(request: EnterpriseRequest, pk: int) -> HttpResponse:
    """Approve it or send it back; then to the next that waits."""
    row = _visible(request, pk)
    step = request.POST.get("step", "")
    try:
        if step == "approve":
            services.approve(row, **who(request))
            messages.success(request, _("%(paper)s is approved.") % {"paper": row})
        else:
            services.send_back(row, reason=request.POST.get("reason", "").replace("\0", ""), **who(request))
            messages.success(request, _("%(paper)s is sent back with your reason.") % {"paper": row})
    except ValidationError as refusal:
        row.refresh_from_db()
        context = certificate_page(request, row) | {"row": row, "refusal": " ".join(refusal.messages)}
        return render(request, "certificates/review_detail.html", context, status=422)
    following = ReviewRegister().rows(request.scope).first()
    return redirect("certificates:review-detail", following.pk) if following else redirect("certificates:review-list")


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("certificates.change_licence", raise_exception=True)
def certificate_withdraw(request: EnterpriseRequest, pk: int) -> HttpResponse:
    """Take a certificate back, with a reason."""
    row = _visible(request, pk)
    if not services.may_withdraw(row, **who(request)):
        raise PermissionDenied
    form = ReasonForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        services.withdraw(row, reason=form.cleaned_data["reason"], **who(request))
        messages.success(request, _("%(paper)s does not count any more.") % {"paper": row})
        return redirect(address_of(row))
    context = {"row": row, "form": form, "back": address_of(row)}
    return render(request, "certificates/withdraw.html", context, status=422 if form.errors else 200)


@require_POST
@permission_required("certificates.add_certificaterequest", raise_exception=True)
def request_withdraw(request: EnterpriseRequest, pk: int) -> HttpResponse:
    """Take a request back."""
    row = get_object_or_404(CertificateRequest.objects.visible_to(request.scope), pk=pk)
    try:
        take_back(row, **who(request))
    except ValidationError as refusal:
        messages.error(request, " ".join(refusal.messages))
    else:
        messages.success(request, _("The request is taken back."))
    return redirect("certificates:request-detail", pk)


@never_cache
@require_POST
@permission_required(REVEAL, raise_exception=True)
def healthcertificate_reveal(request: EnterpriseRequest, pk: int) -> HttpResponse:
    """The whole identity number, once, for a reason that is kept."""
    row = get_object_or_404(HealthCertificate.objects.visible_to(request.scope), pk=pk)
    try:
        identity = read_identity(row, reason=request.POST.get("reason", "").replace("\0", ""), actor=request.user)
    except ValidationError as refusal:
        context = {"row": row, "refusal": " ".join(refusal.messages)}
        return render(request, "certificates/identity.html", context, status=422)
    return render(request, "certificates/identity.html", {"row": row, "identity": identity})


@require_safe
@permission_required("certificates.view_licence", raise_exception=True)
def number_look(request: EnterpriseRequest) -> HttpResponse:
    """What a number tells of itself while it is typed."""
    kind = CertificateKind.objects.filter(key=request.GET.get("kind", "")[:24].replace("\0", "")).first()
    number = "".join(request.GET.get("number", "")[:40].replace("\0", "").split()).upper()
    holder = Enterprise.objects.visible_to(request.scope).by_number(request.GET.get("holder", "")[:30]).first()
    found = number_findings(kind, number, holder) if kind else ()
    return JsonResponse({"findings": [{"tone": row.tone, "sentence": row.sentence} for row in found]})


def address_of(row: Certificate) -> str:
    """The page of a licence or of a paper about goods."""
    return reverse(f"certificates:{'document' if row.is_about_goods else 'licence'}-detail", args=[row.pk])


def _visible(request: EnterpriseRequest, pk: int) -> Certificate:
    return get_object_or_404(Certificate.objects.visible_to(request.scope).select_related(*RELATED), pk=pk)

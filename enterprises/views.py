"""Screens of the registry that are not plain registers."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse, JsonResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from guardian.models import UserObjectPermission

from accounts.models import User
from enterprises.forms import ClaimForm, DecisionForm, MemberForm, ProposalForm
from enterprises.identifiers import normalise
from enterprises.middleware import SESSION_KEY
from enterprises.models import Claim, Enterprise, Partnership, Proposal
from enterprises.request import EnterpriseRequest
from enterprises.services import (
    appoint,
    claim_enterprise,
    decide_claim,
    decide_proposal,
    may_manage_members,
    propose_correction,
)

get_or_post = require_http_methods(["GET", "HEAD", "POST"])


@require_POST
def act_for(request: EnterpriseRequest) -> HttpResponse:
    """Choose which of one's enterprises one acts for."""
    chosen = request.POST.get("enterprise", "")
    if chosen.isdecimal() and int(chosen) in request.scope.enterprise_ids:
        request.session[SESSION_KEY] = int(chosen)
    return redirect("home")


@require_safe
@permission_required("enterprises.add_partnership", raise_exception=True)
def lookup(request: EnterpriseRequest) -> HttpResponse:
    """What the registry tells anybody who has the number: enough to fill in a partner, no contact of persons."""
    number = normalise(request.GET.get("number", "").replace("\0", ""))[:18]
    found = list(Enterprise.objects.by_number(number).order_by("place", "pk")[:20]) if number else []
    facts = [
        {"name": row.name, "address": row.address, "place": row.place, "legal_representative": row.legal_representative}
        for row in found
    ]
    return JsonResponse({"found": facts})


@get_or_post
@permission_required("enterprises.add_proposal", raise_exception=True)
def partner_propose(request: EnterpriseRequest, pk: int) -> HttpResponse:
    """Propose a correction of a partner's shared record."""
    partnership = get_object_or_404(Partnership.objects.visible_to(request.scope), pk=pk)
    form = ProposalForm(_posted(request), instance=Enterprise.objects.get(pk=partnership.partner_id))
    if request.method == "POST" and form.is_valid():
        try:
            propose_correction(
                Enterprise.objects.get(pk=partnership.partner_id), changes=form.cleaned_data,
                proposed_by=partnership.owner, actor=request.user,
            )  # fmt: skip
        except ValidationError as refusal:
            form.add_error(None, refusal)
        else:
            messages.success(request, _("Your correction waits for the owner of the record or its station."))
            return redirect("enterprises:partnership-detail", pk)
    context = {"form": form, "partnership": partnership}
    return render(request, "enterprises/partner_propose.html", context, status=422 if form.errors else 200)


@get_or_post
@permission_required("enterprises.add_claim", raise_exception=True)
def claim(request: EnterpriseRequest) -> HttpResponse:
    """Say that an enterprise of the registry is one's own; the station decides."""
    form = ClaimForm(_posted(request))
    if request.method == "POST" and form.is_valid():
        try:
            claim_enterprise(form.cleaned_data["number"], evidence=form.cleaned_data["evidence"], actor=request.user)
        except ValidationError as refusal:
            form.add_error(None, refusal.messages[0])
        else:
            messages.success(request, _("Your claim waits for the station. Until it decides you see nothing of it."))
            return redirect("home")
    return render(request, "enterprises/claim_add.html", {"form": form}, status=422 if form.errors else 200)


@require_POST
@permission_required("enterprises.decide_claim", raise_exception=True)
def claim_decide(request: EnterpriseRequest, pk: int) -> HttpResponse:
    """The station accepts or refuses a claim."""
    return _decide(request, get_object_or_404(Claim.objects.visible_to(request.scope), pk=pk), decide_claim)


@require_POST
@permission_required("enterprises.decide_proposal", raise_exception=True)
def proposal_decide(request: EnterpriseRequest, pk: int) -> HttpResponse:
    """The owner of a record, or its station, accepts or refuses a correction."""
    return _decide(request, get_object_or_404(Proposal.objects.visible_to(request.scope), pk=pk), decide_proposal)


def _decide(request: EnterpriseRequest, decision: Any, service: Any) -> HttpResponse:
    form = DecisionForm(request.POST)
    try:
        if not form.is_valid():
            raise ValidationError([message for told in form.errors.values() for message in told])
        accept = form.cleaned_data["decision"] == "accept"
        service(decision, accept=accept, answer=form.cleaned_data["answer"], actor=request.user)
    except ValidationError as refusal:
        messages.error(request, " ".join(refusal.messages))
    else:
        messages.success(request, _("Your decision is recorded."))
    return redirect(f"enterprises:{decision._meta.model_name}-detail", decision.pk)


@get_or_post
@permission_required("enterprises.view_enterprise", raise_exception=True)
def members(request: EnterpriseRequest, pk: int) -> HttpResponse:
    """Who works for an enterprise, and what each may do."""
    enterprise = get_object_or_404(Enterprise.objects.visible_to(request.scope), pk=pk)
    if not may_manage_members(request.user, enterprise):
        raise PermissionDenied
    form = MemberForm(_posted(request))
    if request.method == "POST" and form.is_valid():
        typed = form.cleaned_data
        appoint(
            typed["username"], enterprise=enterprise, keeps_books=typed["keeps_books"],
            manages_members=typed["manages_members"], actor=request.user,
        )  # fmt: skip
        messages.success(request, _("%(user)s: saved.") % {"user": typed["username"]})
        return redirect("enterprises:enterprise-members", pk)
    context = {"form": form, "enterprise": enterprise, "people": _people_of(enterprise)}
    return render(request, "enterprises/members.html", context, status=422 if form.errors else 200)


def _posted(request: EnterpriseRequest) -> QueryDict | None:
    """What was sent, also when it is empty: an empty form is answered, not shown anew."""
    return request.POST if request.method == "POST" else None


def _people_of(enterprise: Enterprise) -> list[tuple[User, set[str]]]:
    """Each person with any right on the enterprise, and the rights."""
    rights: dict[User, set[str]] = {}
    granted = UserObjectPermission.objects.filter(
        content_type=ContentType.objects.get_for_model(Enterprise), object_pk=str(enterprise.pk)
    ).select_related("user", "permission")
    for grant in granted.order_by("user__username"):
        rights.setdefault(grant.user, set()).add(grant.permission.codename)
    return list(rights.items())

"""The shared record changes only by its owner or an authority; a stub is handed over only by its station."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse

from accounts.models import User
from accounts.roles import Role
from enterprises.models import Claim, Enterprise, Partnership, Proposal
from enterprises.services import (
    appoint,
    claim_enterprise,
    decide_claim,
    decide_proposal,
    keeps_books,
    propose_correction,
)
from ledgers.services import confirm_invoice
from tests.conftest import make_draft


@pytest.fixture
def proposal(buyer, seller, clerk):
    return propose_correction(buyer, changes={"telephone": "13900000000"}, proposed_by=seller, actor=clerk)


def test_a_partner_s_edit_is_a_proposal_never_a_silent_change(client, clerk, seller, buyer):
    row = Partnership.objects.create(owner=seller, partner=buyer, role="customer")
    client.force_login(clerk)
    typed = {field: getattr(buyer, field) for field in Proposal.FIELDS}
    client.post(reverse("enterprises:partner-propose", args=[row.pk]), {**typed, "telephone": "13900000000"})
    buyer.refresh_from_db()
    assert buyer.telephone == "13800001234"
    assert Proposal.objects.get().changes == {"telephone": "13900000000"}


@pytest.mark.parametrize("who", ["buyer_clerk", "officer"])
def test_the_owner_or_the_station_decides(request, proposal, buyer, who):
    decide_proposal(proposal, accept=True, actor=request.getfixturevalue(who))
    buyer.refresh_from_db()
    assert buyer.telephone == "13900000000"


@pytest.mark.parametrize("who", ["clerk", "stranger_clerk", "officer_elsewhere"])
def test_nobody_else_does(request, proposal, buyer, who):
    with pytest.raises(PermissionDenied):
        decide_proposal(proposal, accept=True, actor=request.getfixturevalue(who))


def test_a_decision_is_made_once(proposal, officer):
    decide_proposal(proposal, accept=False, answer="电话无误", actor=officer)
    with pytest.raises(ValidationError):
        decide_proposal(proposal, accept=True, actor=officer)


def test_a_refusal_needs_its_reason(client, proposal, officer):
    client.force_login(officer)
    client.post(reverse("enterprises:proposal-decide", args=[proposal.pk]), {"decision": "refuse"})
    proposal.refresh_from_db()
    assert proposal.state == "waiting"


def test_only_real_changes_of_open_fields_are_proposed(buyer, seller, clerk):
    for changes in ({"telephone": buyer.telephone}, {"uscc": "X", "status": "closed"}):
        with pytest.raises(ValidationError):
            propose_correction(buyer, changes=changes, proposed_by=seller, actor=clerk)


# Claims


@pytest.fixture
def stub(buyer):
    Enterprise.objects.filter(pk=buyer.pk).update(status="stub")
    buyer.refresh_from_db()
    return buyer


@pytest.fixture
def newcomer(database):
    user = User.objects.create_user("newcomer", "pass")
    user.groups.add(Group.objects.get(name=Role.TRADER))
    return user


@pytest.fixture
def claim(stub, newcomer):
    return claim_enterprise(stub, evidence="回拨 13800001234", actor=newcomer)


def test_before_the_station_approves_the_claimant_sees_nothing(client, claim, newcomer, stub, seller, clerk, peanuts):
    paper = confirm_invoice(make_draft(seller, stub, peanuts), actor=clerk)
    client.force_login(newcomer)
    assert client.get(reverse("ledgers:invoice-detail", args=[paper.pk])).status_code == 404
    assert client.get(reverse("enterprises:enterprise-detail", args=[stub.pk])).status_code == 404
    assert paper.number not in client.get(reverse("ledgers:purchases-list")).text


def test_approved_the_whole_history_is_theirs(client, claim, newcomer, officer, stub, seller, clerk, peanuts):
    paper = confirm_invoice(make_draft(seller, stub, peanuts), actor=clerk)
    client.force_login(officer)
    client.post(reverse("enterprises:claim-decide", args=[claim.pk]), {"decision": "accept"})
    stub.refresh_from_db()
    assert stub.is_active
    assert keeps_books(newcomer, stub)
    client.force_login(newcomer)
    assert paper.number in client.get(reverse("ledgers:purchases-list")).text


@pytest.mark.parametrize("who", ["newcomer", "clerk", "stranger_clerk", "officer_elsewhere", "laboratory"])
def test_only_the_station_of_the_region_decides_a_claim(request, claim, who):
    with pytest.raises(PermissionDenied):
        decide_claim(claim, accept=True, actor=request.getfixturevalue(who))


def test_what_has_its_people_is_not_claimed(seller, newcomer):
    with pytest.raises(ValidationError):
        claim_enterprise(seller, evidence="x", actor=newcomer)


def test_a_second_claimant_is_told_when_the_first_was_accepted(claim, stub, stranger_clerk, officer):
    second = claim_enterprise(stub, evidence="y", actor=stranger_clerk)
    decide_claim(claim, accept=True, actor=officer)
    with pytest.raises(ValidationError):
        decide_claim(second, accept=True, actor=officer)


def test_one_claim_of_one_person_waits_at_a_time(claim, stub, newcomer):
    with pytest.raises(ValidationError):
        claim_enterprise(stub, evidence="again", actor=newcomer)
    with pytest.raises(IntegrityError), transaction.atomic():
        Claim.objects.create(enterprise=stub, evidence="again", author=newcomer)


def test_a_decision_without_a_signature_is_refused_by_the_database(claim):
    with pytest.raises(IntegrityError), transaction.atomic():
        Claim.objects.filter(pk=claim.pk).update(accepted=True)


# People


def test_a_manager_appoints_and_takes_off_a_colleague(client, clerk, seller, newcomer):
    client.force_login(clerk)
    page = reverse("enterprises:enterprise-members", args=[seller.pk])
    client.post(page, {"username": "newcomer", "keeps_books": "on"})
    assert keeps_books(User.objects.get(pk=newcomer.pk), seller)
    client.post(page, {"username": "newcomer"})
    assert not keeps_books(User.objects.get(pk=newcomer.pk), seller)


def test_who_only_keeps_books_appoints_nobody(client, seller, newcomer, clerk):
    appoint(newcomer, enterprise=seller, keeps_books=True, manages_members=False, actor=clerk)
    client.force_login(newcomer)
    assert client.post(reverse("enterprises:enterprise-members", args=[seller.pk]), {}).status_code == 403


def test_an_officer_is_not_made_a_clerk(client, clerk, seller, officer):
    client.force_login(clerk)
    page = client.post(reverse("enterprises:enterprise-members", args=[seller.pk]), {"username": officer.username})
    assert page.status_code == 422

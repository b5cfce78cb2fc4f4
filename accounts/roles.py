"""Who may do what: the one table of roles and their Django permissions.

A role says which screens a person may use at all; which rows they see there is decided by their scope, and what they
may do for one enterprise by the object permissions `keep_books` and `manage_members` on it.
"""

from __future__ import annotations

from collections.abc import Mapping

from django.contrib.auth.models import Group, Permission
from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Role(TextChoices):
    ADMINISTRATOR = "administrator", _("Administrator")
    OFFICER = "officer", _("Officer")
    TRADER = "trader", _("Food business")
    LABORATORY = "laboratory", _("Laboratory")
    STEWARD = "steward", _("Data steward")


VIEW, ADD, CHANGE, DELETE = "view", "add", "change", "delete"
KEEP = (VIEW, ADD, CHANGE)
ALL = (VIEW, ADD, CHANGE, DELETE)

PERMISSIONS: Mapping[Role, Mapping[str, tuple[str, ...]]] = {
    Role.ADMINISTRATOR: {
        "accounts.region": ALL,
        "accounts.authority": ALL,
        "accounts.user": KEEP,
        "alerts.alertrule": (VIEW, CHANGE),
        "alerts.delivery": (VIEW, "resend"),
        "alerts.contactpoint": ALL,
        "laws.ruleparameter": ALL,
        "laws.calendarday": ALL,
        "enterprises.enterprise": (*KEEP, "manage_members_of"),
        "enterprises.claim": (VIEW, "decide"),
        "enterprises.proposal": (VIEW, "decide"),
        "certificates.licence": (VIEW,),
        "certificates.conformitydocument": (VIEW,),
        "certificates.certificatekind": KEEP,
        "certificates.evidencerule": (VIEW, ADD, DELETE),
        "catalog.unit": ALL,
        "catalog.foodcategory": ALL,
        "catalog.additivelimit": ALL,
        "catalog.product": (VIEW, CHANGE, "steward"),
        "ledgers.retentionyear": (VIEW,),
        "ledgers.traceopening": (VIEW,),
        "exchange.apiclient": KEEP,
    },
    Role.OFFICER: {
        "accounts.region": (VIEW,),
        "accounts.authority": (VIEW,),
        "laws.ruleparameter": (VIEW,),
        "laws.calendarday": (VIEW,),
        "enterprises.enterprise": KEEP,
        "enterprises.closure": (VIEW,),
        "enterprises.claim": (VIEW, "decide"),
        "enterprises.proposal": (VIEW, "decide"),
        "alerts.alert": (VIEW, "handle"),
        "alerts.message": (VIEW, ADD),
        "alerts.conversation": (VIEW, ADD),
        "alerts.contactpoint": ALL,
        "certificates.licence": KEEP,
        "certificates.conformitydocument": KEEP,
        "certificates.certificate": ("verify",),
        "certificates.certificaterequest": (VIEW,),
        "certificates.healthcertificate": (VIEW, "reveal"),
        "certificates.evidencerule": (VIEW,),
        "catalog.product": (VIEW,),
        "catalog.additivelimit": (VIEW,),
        "ledgers.invoice": (VIEW,),
        "ledgers.invoicewarning": (VIEW,),
        "ledgers.correctionproposal": (VIEW,),
        "ledgers.receipt": (VIEW, "decide"),
        "ledgers.productionrun": (VIEW,),
        "ledgers.stockpaper": (VIEW,),
        "ledgers.stockbalance": (VIEW,),
        "ledgers.ledgerentry": (VIEW,),
        "ledgers.lothold": (VIEW, ADD, CHANGE),
        "ledgers.traceopening": (VIEW,),
        "investigations.case": KEEP,
        "catalog.lot": (VIEW, "trace"),
    },
    Role.TRADER: {
        "enterprises.enterprise": (VIEW, CHANGE),
        "enterprises.partnership": ALL,
        "enterprises.closure": ALL,
        "enterprises.claim": (VIEW, ADD),
        "enterprises.proposal": (VIEW, ADD, "decide"),
        "alerts.alert": (VIEW, "handle"),
        "alerts.conversation": (VIEW, ADD),
        "alerts.contactpoint": ALL,
        "certificates.licence": KEEP,
        "certificates.conformitydocument": KEEP,
        "certificates.certificate": ("verify",),
        "certificates.certificaterequest": (VIEW, ADD),
        "certificates.healthcertificate": (*KEEP, "reveal"),
        "certificates.evidencerule": (VIEW,),
        "catalog.product": (VIEW,),
        "catalog.listing": ALL,
        "catalog.component": ALL,
        "catalog.packing": ALL,
        "ledgers.invoice": (*ALL, "confirm", "reverse"),
        "ledgers.invoicewarning": (VIEW,),
        "ledgers.correctionproposal": (VIEW,),
        "ledgers.receipt": (VIEW, "answer"),
        "ledgers.productionrun": (*ALL, "confirm", "reverse"),
        "ledgers.stockpaper": (*ALL, "confirm", "reverse"),
        "ledgers.stockbalance": (VIEW,),
        "ledgers.ledgerentry": (VIEW,),
        "exchange.importrun": (VIEW, ADD),
    },
    Role.LABORATORY: {
        "catalog.product": (VIEW,),
    },
    Role.STEWARD: {
        "catalog.product": (VIEW, CHANGE, "steward"),
    },
}


def codenames(role: Role) -> set[tuple[str, str]]:
    """The (app label, codename) pairs of a role."""
    return {
        (label.split(".")[0], f"{verb}_{label.split('.')[1]}")
        for label, verbs in PERMISSIONS[role].items()
        for verb in verbs
    }


def sync_roles(*, using: str = "default") -> None:
    """Make one group per role and give it exactly its permissions; apps not migrated yet are skipped."""
    known = {
        (permission.content_type.app_label, permission.codename): permission
        for permission in Permission.objects.using(using).select_related("content_type")
    }
    for role in Role:
        group, _created = Group.objects.using(using).get_or_create(name=role.value)
        group.permissions.set(known[name] for name in codenames(role) if name in known)

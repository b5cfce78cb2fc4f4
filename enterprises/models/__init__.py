"""Who trades: the registry of enterprises, who deals with whom, and how the shared record is changed."""

from enterprises.models.decisions import Claim, Decision, DecisionQuerySet, Proposal
from enterprises.models.partners import Partnership
from enterprises.models.registry import Closure, Enterprise, EnterpriseQuerySet, EnterpriseRole

__all__ = [
    "Claim",
    "Closure",
    "Decision",
    "DecisionQuerySet",
    "Enterprise",
    "EnterpriseQuerySet",
    "EnterpriseRole",
    "Partnership",
    "Proposal",
]

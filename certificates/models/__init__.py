"""What entitles an enterprise to trade, and its goods to be sold."""

from certificates.models.asking import CertificateRequest
from certificates.models.certificates import STANDING, Certificate, CertificateQuerySet, ConformityDocument, Licence
from certificates.models.health import HealthCertificate, HealthPage, IdentityReading
from certificates.models.kinds import CertificateKind
from certificates.models.life import CertificatePage, CertificateStep
from certificates.models.rules import EvidenceRule

__all__ = [
    "STANDING",
    "Certificate",
    "CertificateKind",
    "CertificatePage",
    "CertificateQuerySet",
    "CertificateRequest",
    "CertificateStep",
    "ConformityDocument",
    "EvidenceRule",
    "HealthCertificate",
    "HealthPage",
    "IdentityReading",
    "Licence",
]

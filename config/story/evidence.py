"""Papers of goods in the story: reports for most, some old, some missing, some to be checked, some asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.utils import timezone

from accounts.models import User
from attachments.models import Attachment
from catalog.models import Lot, Product
from certificates.health import keep
from certificates.models import (
    Certificate,
    CertificatePage,
    CertificateRequest,
    CertificateStep,
    HealthCertificate,
    Licence,
)
from config.story.drawn_papers import draw_page
from config.story.goods import Goods
from config.story.rows import days_from, rows
from enterprises.models import Closure, Enterprise

FRESH, OLD = timedelta(days=40), timedelta(days=230)
State, Step = Certificate.State, CertificateStep.Kind


@dataclass(frozen=True)
class Drawn:
    """One picture for all papers of a kind: who looks at one closely has one of its own."""

    report: Attachment
    farm: Attachment


def load_evidence(goods: Mapping[str, Goods], cast: Mapping[str, Enterprise], today: date, *, actor: User) -> int:
    """Enter the papers of goods, those that wait or were asked for, and closures; returns how many papers."""
    report = [("报告类型", "企业自检"), ("检验结论", "合格"), ("说明", "演示数据，非真实报告")]
    farm = [("承诺", "不使用禁用农药"), ("说明", "演示数据，非真实证明")]
    drawn = Drawn(draw_page("检验报告", report, actor=actor), draw_page("承诺达标合格证", farm, actor=actor))
    exceptions = {row["goods"]: row["what"] for row in rows("evidence_exceptions")}
    papers = [
        *_reports_of_goods(goods, exceptions, today),
        *_reports_of_lots(goods, "05", "self_test", "H5"),
        *_reports_of_lots(goods, "41", "farm_coc", "W3"),
        *_reports_of_lots(goods, "42", "farm_coc", "W3"),
        *_reports_of_lots(goods, "45", "farm_coc", "W3"),
    ]
    _keep(papers, drawn, actor)
    _wait_to_be_checked(cast, today, actor)
    _ask(goods, cast, actor)
    for row in rows("staff"):
        person = HealthCertificate(
            enterprise=cast[row["enterprise"]], person=row["person"], job=row["job"], number=row["number"],
            issued_on=days_from(today, row["issued"]), valid_until=days_from(today, row["until"]),
        )  # fmt: skip
        keep(person, identity=row["identity"], pages=[], actor=actor)
    for row in rows("closures"):
        Closure.objects.create(
            enterprise=cast[row["enterprise"]], since=days_from(today, row["since"]),
            until=days_from(today, row["until"]), reason=row["reason"],
        )  # fmt: skip
    return len(papers)


def _reports_of_goods(goods: Mapping[str, Goods], exceptions: Mapping[str, str], today: date) -> Iterator[Certificate]:
    """One report for each prepackaged product of a maker of the story, and customs papers of what is imported."""
    for key, article in goods.items():
        product, what = article.product, exceptions.get(key, "")
        if product.kind != "prepacked" or product.maker is None or product.owner_id or what == "missing":
            continue
        age = OLD if what == "old" else FRESH + timedelta(days=product.pk * 7 % 100)
        yield _paper(product.maker, product, "self_test", f"ZJ-{key}", today - age)


def _reports_of_lots(goods: Mapping[str, Goods], category: str, kind: str, maker: str) -> Iterator[Certificate]:
    """One paper for each lot of these goods but the latest, which its maker has forgotten."""
    mine = {row.product.pk for key, row in goods.items() if row.maker == maker or key.startswith(f"{maker}-")}
    lots = Lot.objects.filter(product__in=mine, product__category=category).select_related("product", "declared_by")
    forgotten = lots.filter(product__self_code="", entries__isnull=False).order_by("-produced_on", "-pk").first()
    for lot in lots.order_by("pk"):
        if lot != forgotten:
            made = lot.produced_on or timezone.localdate()
            yield _paper(lot.declared_by, lot.product, kind, f"PC-{lot.pk}", made, lot.code)


def _paper(holder: Enterprise, product: Product, kind: str, number: str, issued: date, lot: str = "") -> Certificate:
    given = timezone.make_aware(datetime.combine(issued, time(17)))
    return Certificate(
        kind_id=kind, holder=holder.firm, product=product, number=number, issued_on=issued, valid_from=issued,
        issuer=f"{holder.firm.name}检验室", state=State.VERIFIED, uploaded_for=holder.firm,
        uploaded_at=min(given, timezone.now()), lot_code=lot, lot_key=lot.upper(),
    )  # fmt: skip


def _keep(papers: list[Certificate], drawn: Drawn, actor: User) -> None:
    """All of them at once, each with its page and its steps."""
    for paper in papers:
        paper.uploaded_by = actor
    made = Certificate.objects.bulk_create(papers)
    CertificatePage.objects.bulk_create(
        CertificatePage(certificate=row, attachment=drawn.farm if row.kind_id == "farm_coc" else drawn.report)
        for row in made
    )
    CertificateStep.objects.bulk_create(
        CertificateStep(certificate=row, kind=kind, author=actor, enterprise=enterprise)
        for row in made
        for kind, enterprise in ((Step.SUBMITTED, row.uploaded_for), (Step.APPROVED, None))
    )


def _wait_to_be_checked(cast: Mapping[str, Enterprise], today: date, actor: User) -> None:
    """Licences with pages of their own that a station has not looked at, and one that it has sent back."""
    for row in rows("uploads"):
        holder, giver = cast[row["holder"]], cast[row["giver"]]
        known = Licence.objects.filter(holder=holder, kind=row["kind"]).first()
        licence = Certificate(
            kind_id=row["kind"], holder=holder, number=row["number"], holder_name=holder.name,
            issuer=row["issuer"], issued_on=days_from(today, row["since"]), valid_from=days_from(today, row["since"]),
            valid_until=days_from(today, row["until"]), uploaded_for=giver, uploaded_by=actor,
            uploaded_at=timezone.now() - timedelta(days=int(row["waits"])), replaces=known,
        )  # fmt: skip
        if row["reason"]:
            licence.state, licence.ended_at = State.RETURNED, timezone.now()
        licence.save()
        facts = [("经营者名称", holder.name), ("编号", licence.number), ("住所", holder.address),
                 ("有效期至", str(licence.valid_until)), ("发证机关", row["issuer"])]  # fmt: skip
        page = draw_page(str(row["title"]), facts, actor=actor)
        CertificatePage.objects.create(certificate=licence, attachment=page)
        CertificateStep.objects.create(certificate=licence, kind=Step.SUBMITTED, author=actor, enterprise=giver)
        if row["reason"]:
            CertificateStep.objects.create(certificate=licence, kind=Step.RETURNED, reason=row["reason"], author=actor)


def _ask(goods: Mapping[str, Goods], cast: Mapping[str, Enterprise], actor: User) -> None:
    """What customers have asked for and nobody has given yet."""
    for row in rows("requests"):
        product = goods[row["goods"]].product if row["goods"] else None
        request = CertificateRequest.objects.create(
            requester=cast[row["requester"]], asked=cast[row["asked"]], product=product, words=row["words"],
            author=actor,
        )  # fmt: skip
        asked_at = timezone.now() - timedelta(days=int(row["days"]))
        CertificateRequest.objects.filter(pk=request.pk).update(asked_at=asked_at)

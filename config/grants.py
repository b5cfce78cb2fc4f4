"""What the application's database login may do: the one table of grants, applied after every migration.

The owner of the tables only migrates. The application owns nothing: what is a confirmed fact it may read, and at most
add to; the books themselves it cannot even add to, save through the functions of the ledgers.
"""

from __future__ import annotations

from django.apps import apps
from django.db import connections

READ, ADD_ONLY, ALL = "SELECT", "SELECT, INSERT", "SELECT, INSERT, UPDATE, DELETE"
WRITTEN_BY_FUNCTIONS = (
    "ledgers_ledgerentry", "ledgers_stockbalance", "ledgers_receipt", "ledgers_acknowledgement", "ledgers_lotlink",
    "ledgers_receiptclaim", "ledgers_claimsettlement", "portal_publishedvoucher",
    "catalog_fieldvalue", "catalog_fieldchange", "catalog_fieldconflict", "catalog_productsearch",
    "catalog_frequentgram",
)  # fmt: skip
NEVER_CHANGED = (
    "catalog_contribution", "catalog_lotalias", "accounts_accessrecord", "ledgers_receiptphoto",
    "ledgers_stockpaperphoto", "ledgers_traceopening", "ledgers_invoicewarning", "ledgers_pricecorrection",
    "attachments_attachment",
    "investigations_casenote", "investigations_casesnapshot",
    "alerts_alertnote", "alerts_message", "alerts_reply", "alerts_messagefile", "alerts_reading",
    "catalog_fielddecision", "catalog_productmerge",
    "certificates_healthpage", "certificates_identityreading",
    "certificates_certificatepage", "certificates_certificatestep",
    "catalog_reportphoto", "catalog_productimage", "catalog_imageremoval",
)  # fmt: skip
FUNCTIONS = (
    "ledgers_confirm_invoice(bigint, text, bigint, uuid, text)",
    "ledgers_acknowledge(bigint, bigint)",
    "ledgers_confirm_run(bigint, text, bigint, uuid)",
    "ledgers_confirm_stock_paper(bigint, text, bigint, uuid)",
    "ledgers_answer_receipt(bigint, text, bigint, text, jsonb)",
    "ledgers_end_claims(bigint, text, bigint)",
    "catalog_take_in(bigint)",
    "catalog_resolve(bigint[], bigint, bigint)",
    "catalog_recount(bigint[])",
    "catalog_refresh_search(integer)",
)
HIDDEN_FUNCTIONS = (
    "ledgers_move_stock(bigint, boolean, boolean)", "ledgers_needs_acknowledgement(bigint, bigint)",
    "ledgers_next_number(text)", "ledgers_dispute_stock(bigint[], integer)",
    "ledgers_close_claims(bigint[])", "ledgers_settle_claims(bigint, bigint, bigint, timestamp with time zone)",
)  # fmt: skip


def apply_grants(*, owner_alias: str, application: str) -> None:
    """Give the login `application` exactly what the table says; run by the owner's connection `owner_alias`."""
    connection = connections[owner_alias]
    login = connection.ops.quote_name(application)
    with connection.cursor() as cursor:
        for statement in _statements(connection.introspection.table_names(), login):
            cursor.execute(statement)


def _statements(tables: list[str], login: str) -> list[str]:
    return [
        f"GRANT USAGE ON SCHEMA public TO {login}",
        f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {login}",
        f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM PUBLIC, {login}",
        *(f"GRANT {rights_on(table)} ON {table} TO {login}" for table in tables),
        *(f"REVOKE ALL ON FUNCTION {function} FROM PUBLIC" for function in (*FUNCTIONS, *HIDDEN_FUNCTIONS)),
        *(f"GRANT EXECUTE ON FUNCTION {function} TO {login}" for function in FUNCTIONS),
    ]


def rights_on(table: str) -> str:
    """The rights of the application on one table."""
    if table == "django_migrations" or table in WRITTEN_BY_FUNCTIONS:
        return READ
    return ADD_ONLY if table in NEVER_CHANGED or table in history_tables() else ALL


def history_tables() -> set[str]:
    """The tables of pghistory's events: what happened is added, never edited."""
    events = [model for model in apps.get_models() if hasattr(model, "pgh_tracked_model")]
    return {model._meta.db_table for model in events}

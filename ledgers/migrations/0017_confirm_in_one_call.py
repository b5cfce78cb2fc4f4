"""Taking a draft up and confirming it is one call, whose plan the session keeps: the statement was planned each time."""

from django.db import migrations

# OFFSET 0 keeps the condition ahead of the function.
CONFIRM_DRAFT = """
CREATE FUNCTION ledgers_confirm_draft(
    paper bigint, person bigint, may_all boolean, day date, looked_over integer, new_token uuid, voucher text,
    sale_prefix text, return_prefix text
) RETURNS TABLE (
    id bigint, number varchar, status varchar, version integer, token uuid, reverses_id bigint,
    confirmed_at timestamptz, confirmed_by_id bigint, kind varchar, author_id bigint, seller_id bigint,
    buyer_id bigint, traded_on date, adjusts_id bigint, voucher_token varchar,
    is_keeper boolean, refusal text, at_line smallint,
    held text, suspended text, new_number text, at timestamptz
) LANGUAGE plpgsql AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    SELECT draft.*, written.*
    FROM ledgers_take_up(paper, person, day) draft
    LEFT JOIN LATERAL (
        SELECT * FROM ledgers_confirm_invoice(
            paper, CASE draft.kind WHEN 'return' THEN return_prefix ELSE sale_prefix END, person, new_token, voucher)
        WHERE draft.status = 'draft' AND draft.refusal IS NULL AND (may_all OR draft.is_keeper)
          AND COALESCE(draft.version = looked_over, true)
        OFFSET 0
    ) written ON true;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("ledgers", "0016_lines_join_at_once")]
    operations = [migrations.RunSQL(CONFIRM_DRAFT, "DROP FUNCTION ledgers_confirm_draft")]

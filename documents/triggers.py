"""The last lock: PostgreSQL itself refuses to change a confirmed paper, its lines, or a row that is only ever added."""

from __future__ import annotations

from django.db import migrations

FREEZE = """
CREATE FUNCTION {table}_freeze() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.status = 'confirmed' THEN
        RAISE EXCEPTION '{table} % is confirmed', OLD.id USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN COALESCE(NEW, OLD);
END $$;
CREATE TRIGGER {table}_freeze BEFORE UPDATE OR DELETE ON {table}
    FOR EACH ROW EXECUTE FUNCTION {table}_freeze();
ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_freeze;
"""
FREEZE_LINES = """
CREATE FUNCTION {table}_freeze() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE state text;
BEGIN
    -- Both owners: the one a line leaves and the one it joins. FOR SHARE waits for a confirmation in flight,
    -- and the test stands outside the query, so it sees the row as it is after the wait.
    FOR state IN
        SELECT status FROM {parent}
        WHERE id IN (CASE WHEN TG_OP <> 'INSERT' THEN OLD.{parent_key} END,
                     CASE WHEN TG_OP <> 'DELETE' THEN NEW.{parent_key} END)
        ORDER BY id FOR SHARE
    LOOP
        IF state = 'confirmed' THEN
            RAISE EXCEPTION '{table}: the {parent} is confirmed' USING ERRCODE = 'restrict_violation';
        END IF;
    END LOOP;
    RETURN COALESCE(NEW, OLD);
END $$;
CREATE TRIGGER {table}_freeze BEFORE INSERT OR UPDATE OR DELETE ON {table}
    FOR EACH ROW EXECUTE FUNCTION {table}_freeze();
ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_freeze;
"""
JOIN_AT_ONCE = """
CREATE FUNCTION {table}_joins() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE state text;
BEGIN
    -- As {table}_freeze, once for all new lines of a statement: they stand already, so a confirmation that has not seen
    -- them is waited for here, and one that comes later waits for us.
    FOR state IN
        SELECT status FROM {parent} WHERE id IN (SELECT DISTINCT {parent_key} FROM fresh) ORDER BY id FOR SHARE
    LOOP
        IF state = 'confirmed' THEN
            RAISE EXCEPTION '{table}: the {parent} is confirmed' USING ERRCODE = 'restrict_violation';
        END IF;
    END LOOP;
    RETURN NULL;
END $$;
CREATE TRIGGER {table}_joins AFTER INSERT ON {table} REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION {table}_joins();
ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_joins;
DROP TRIGGER {table}_freeze ON {table};
CREATE TRIGGER {table}_freeze BEFORE UPDATE OR DELETE ON {table}
    FOR EACH ROW EXECUTE FUNCTION {table}_freeze();
ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_freeze;
"""
JOIN_ONE_BY_ONE = """
DROP TRIGGER {table}_joins ON {table};
DROP FUNCTION {table}_joins();
DROP TRIGGER {table}_freeze ON {table};
CREATE TRIGGER {table}_freeze BEFORE INSERT OR UPDATE OR DELETE ON {table}
    FOR EACH ROW EXECUTE FUNCTION {table}_freeze();
ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_freeze;
"""
APPEND_ONLY = """
CREATE FUNCTION {table}_freeze() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '{table} is only ever added to' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER {table}_freeze BEFORE UPDATE OR DELETE ON {table}
    FOR EACH ROW EXECUTE FUNCTION {table}_freeze();
ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_freeze;
"""
NEVER_DELETED = """
CREATE FUNCTION {table}_lasts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '{table} % is spoken of in the books', OLD.id USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER {table}_lasts BEFORE DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION {table}_lasts();
ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_lasts;
"""
NO_TRUNCATE = """
CREATE TRIGGER {table}_stays BEFORE TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION documents_refuse_truncate();
ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_stays;
"""
REFUSE_TRUNCATE = """
CREATE FUNCTION documents_refuse_truncate() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% holds confirmed papers', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;
"""
UNDYING = "DROP TRIGGER {table}_stays ON {table}; DROP TRIGGER {table}_lasts ON {table}; DROP FUNCTION {table}_lasts();"
THAW = "DROP TRIGGER {table}_stays ON {table}; DROP TRIGGER {table}_freeze ON {table}; DROP FUNCTION {table}_freeze();"


def freeze(table: str) -> migrations.RunSQL:
    """A paper whose status is confirmed is neither changed nor deleted."""
    return migrations.RunSQL((FREEZE + NO_TRUNCATE).format(table=table), THAW.format(table=table))


def freeze_lines(table: str, *, parent: str, parent_key: str) -> migrations.RunSQL:
    """A line neither joins, leaves nor changes in a confirmed paper."""
    names = {"table": table, "parent": parent, "parent_key": parent_key}
    return migrations.RunSQL((FREEZE_LINES + NO_TRUNCATE).format(**names), THAW.format(**names))


def join_at_once(table: str, *, parent: str, parent_key: str) -> migrations.RunSQL:
    """After `freeze_lines`: new lines are checked once a statement, not one by one, for papers that come in bulk."""
    names = {"table": table, "parent": parent, "parent_key": parent_key}
    return migrations.RunSQL(JOIN_AT_ONCE.format(**names), JOIN_ONE_BY_ONE.format(**names))


def append_only(table: str) -> migrations.RunSQL:
    """Rows are added and never changed or removed."""
    return migrations.RunSQL((APPEND_ONLY + NO_TRUNCATE).format(table=table), THAW.format(table=table))


def never_deleted(table: str) -> migrations.RunSQL:
    """Rows may change, but stay: the books name them without a foreign key of their own."""
    return migrations.RunSQL((NEVER_DELETED + NO_TRUNCATE).format(table=table), UNDYING.format(table=table))

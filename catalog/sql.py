"""SQL of the catalogue that is not ORM."""

# Who is still writing: whatever they changed already is dated at or after the begin of their transaction.
SETTLED_UNTIL = """
SELECT LEAST(clock_timestamp(), min(xact_start)) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
"""

"""The grams by which texts are found: every sign and every pair of signs, so that one Chinese character is enough."""

from django.db import migrations

GRAMS = """
CREATE FUNCTION catalog_grams(line text) RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT AS $$
    SELECT array_agg(DISTINCT gram)
    FROM generate_series(1, length(line)) n CROSS JOIN LATERAL (VALUES (substr(line, n, 1)), (substr(line, n, 2))) g (gram)
$$;
"""


class Migration(migrations.Migration):
    dependencies = [("catalog", "0008_resolution")]
    operations = [migrations.RunSQL(GRAMS, "DROP FUNCTION catalog_grams(text)")]

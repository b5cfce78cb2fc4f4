"""Where rows of a file wait to become products: emptied in the transaction that filled it, so nobody else sees them."""

from django.db import migrations

STAGING = """
CREATE UNLOGGED TABLE catalog_productstaging (
    gtin varchar(14) NOT NULL,
    name varchar(120) NOT NULL,
    name_pinyin varchar(400) NOT NULL,
    name_initials varchar(120) NOT NULL,
    brand varchar(60) NOT NULL,
    pack_size varchar(60) NOT NULL,
    origin varchar(120) NOT NULL,
    maker_name varchar(120) NOT NULL,
    maker_licence varchar(20) NOT NULL,
    unit_id varchar(12),
    shelf_life_days smallint
)
"""


class Migration(migrations.Migration):
    dependencies = [("catalog", "0012_api")]
    operations = [migrations.RunSQL(STAGING, "DROP TABLE catalog_productstaging")]

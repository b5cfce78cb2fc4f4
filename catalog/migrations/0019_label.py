"""What else a package says: storage, ingredients and the nutrition panel, each resolved like the other fields."""

from importlib import import_module

import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models

# The functions of migration 0008 go field by field: the same ones, with three fields more.
MORE = ("storage", "ingredients", "nutrition")
before = import_module("catalog.migrations.0008_resolution")
ADDED = (
    (before.NAMES, before.NAMES + "".join(f", '{field}'" for field in MORE)),
    (before.PRESENT, before.PRESENT + "".join(f" WHEN '{field}' THEN p.{field}::text" for field in MORE)),
    (before.TAKEN, before.TAKEN + "".join(f", {field} = COALESCE(n.{field}, p.{field})" for field in MORE)),
    (before.NEW, before.NEW + "".join(f", max(after) FILTER (WHERE field = '{field}') AS {field}" for field in MORE)),
)


def with_more(function):
    for old, new in ADDED:
        function = function.replace(old, new)
    return function.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")


def as_before(function):
    return function.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")


FUNCTIONS = (before.RESOLVE, before.TAKE_IN, before.RECOUNT)


class Migration(migrations.Migration):

    dependencies = [
        ('catalog', '0018_packing'),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name='product',
            name='insert_insert',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='product',
            name='update_update',
        ),
        migrations.AddField(
            model_name='product',
            name='ingredients',
            field=models.CharField(blank=True, db_default='', default='', help_text='As printed on the package, in its order.', max_length=600, verbose_name='Ingredients'),
        ),
        migrations.AddField(
            model_name='product',
            name='nutrition',
            field=models.CharField(blank=True, db_default='', default='', help_text='As printed: per 100 g, energy 1850 kJ, protein 24.5 g, fat 44 g, carbohydrate 20 g, sodium 10 mg.', max_length=160, verbose_name='Nutrition facts'),
        ),
        migrations.AddField(
            model_name='product',
            name='storage',
            field=models.CharField(blank=True, db_default='', default='', max_length=120, verbose_name='Storage'),
        ),
        migrations.AddField(
            model_name='productevent',
            name='ingredients',
            field=models.CharField(blank=True, db_default='', default='', help_text='As printed on the package, in its order.', max_length=600, verbose_name='Ingredients'),
        ),
        migrations.AddField(
            model_name='productevent',
            name='nutrition',
            field=models.CharField(blank=True, db_default='', default='', help_text='As printed: per 100 g, energy 1850 kJ, protein 24.5 g, fat 44 g, carbohydrate 20 g, sodium 10 mg.', max_length=160, verbose_name='Nutrition facts'),
        ),
        migrations.AddField(
            model_name='productevent',
            name='storage',
            field=models.CharField(blank=True, db_default='', default='', max_length=120, verbose_name='Storage'),
        ),
        migrations.AlterField(
            model_name='fieldchange',
            name='after',
            field=models.CharField(max_length=600),
        ),
        migrations.AlterField(
            model_name='fieldchange',
            name='before',
            field=models.CharField(blank=True, max_length=600),
        ),
        migrations.AlterField(
            model_name='fielddecision',
            name='instead_of',
            field=models.CharField(blank=True, max_length=600),
        ),
        migrations.AlterField(
            model_name='fielddecision',
            name='value',
            field=models.CharField(max_length=600, null=True),
        ),
        migrations.AlterField(
            model_name='fieldvalue',
            name='value',
            field=models.CharField(max_length=600),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='product',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "catalog_productevent" ("brand", "category_id", "id", "ingredients", "kind", "maker_id", "maker_licence", "maker_name", "merged_into_id", "name", "name_initials", "name_pinyin", "nutrition", "origin", "owner_id", "pack_size", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "self_code", "shelf_life_days", "storage", "unit_id") VALUES (NEW."brand", NEW."category_id", NEW."id", NEW."ingredients", NEW."kind", NEW."maker_id", NEW."maker_licence", NEW."maker_name", NEW."merged_into_id", NEW."name", NEW."name_initials", NEW."name_pinyin", NEW."nutrition", NEW."origin", NEW."owner_id", NEW."pack_size", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."self_code", NEW."shelf_life_days", NEW."storage", NEW."unit_id"); RETURN NULL;', hash='1da643b43a7e290e7b5b49443e6bffd77cdad2b1', operation='INSERT', pgid='pgtrigger_insert_insert_ae3fa', table='catalog_product', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='product',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."brand" IS DISTINCT FROM (NEW."brand") OR OLD."category_id" IS DISTINCT FROM (NEW."category_id") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."ingredients" IS DISTINCT FROM (NEW."ingredients") OR OLD."kind" IS DISTINCT FROM (NEW."kind") OR OLD."maker_id" IS DISTINCT FROM (NEW."maker_id") OR OLD."maker_licence" IS DISTINCT FROM (NEW."maker_licence") OR OLD."maker_name" IS DISTINCT FROM (NEW."maker_name") OR OLD."merged_into_id" IS DISTINCT FROM (NEW."merged_into_id") OR OLD."name" IS DISTINCT FROM (NEW."name") OR OLD."name_initials" IS DISTINCT FROM (NEW."name_initials") OR OLD."name_pinyin" IS DISTINCT FROM (NEW."name_pinyin") OR OLD."nutrition" IS DISTINCT FROM (NEW."nutrition") OR OLD."origin" IS DISTINCT FROM (NEW."origin") OR OLD."owner_id" IS DISTINCT FROM (NEW."owner_id") OR OLD."pack_size" IS DISTINCT FROM (NEW."pack_size") OR OLD."self_code" IS DISTINCT FROM (NEW."self_code") OR OLD."shelf_life_days" IS DISTINCT FROM (NEW."shelf_life_days") OR OLD."storage" IS DISTINCT FROM (NEW."storage") OR OLD."unit_id" IS DISTINCT FROM (NEW."unit_id"))', func='INSERT INTO "catalog_productevent" ("brand", "category_id", "id", "ingredients", "kind", "maker_id", "maker_licence", "maker_name", "merged_into_id", "name", "name_initials", "name_pinyin", "nutrition", "origin", "owner_id", "pack_size", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "self_code", "shelf_life_days", "storage", "unit_id") VALUES (NEW."brand", NEW."category_id", NEW."id", NEW."ingredients", NEW."kind", NEW."maker_id", NEW."maker_licence", NEW."maker_name", NEW."merged_into_id", NEW."name", NEW."name_initials", NEW."name_pinyin", NEW."nutrition", NEW."origin", NEW."owner_id", NEW."pack_size", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."self_code", NEW."shelf_life_days", NEW."storage", NEW."unit_id"); RETURN NULL;', hash='269dd2fccf66a9715932695d6219af97a6e1031f', operation='UPDATE', pgid='pgtrigger_update_update_580c5', table='catalog_product', when='AFTER')),
        ),
        migrations.RunSQL("".join(map(with_more, FUNCTIONS)), "".join(map(as_before, FUNCTIONS))),
    ]

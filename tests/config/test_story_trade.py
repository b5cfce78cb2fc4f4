"""Before the demo story is written: who may not have it, and the everyday trade that is made up for it."""

from __future__ import annotations

import datetime

import pytest
from django.utils import timezone

from config import story
from config.story.goods import load_products
from config.story.regions import load_regions
from config.story.registry import load_enterprises
from config.story.steps import Paper, Run
from config.story.trade import everyday
from enterprises.models import Enterprise


@pytest.fixture
def goods(db):
    load_regions()
    return load_products(load_enterprises(timezone.localdate()))


def test_production_refuses_the_story(settings):
    settings.PRODUCTION = True
    with pytest.raises(story.StoryRefused, match="production"):
        story.load_story()


def test_a_load_that_is_killed_leaves_nothing_behind(real_database, monkeypatch):
    monkeypatch.setattr(story, "write_steps", None)
    with pytest.raises(TypeError):
        story.load_story()
    assert not story.is_loaded()
    assert not Enterprise.objects.exists()


def test_the_everyday_trade_is_alike_on_every_loading(goods):
    today = timezone.localdate()
    assert everyday(goods, today) == everyday(goods, today)


def test_the_everyday_trade_does_not_depend_on_the_day_of_loading(goods):
    today = timezone.localdate()
    later = everyday(goods, today + datetime.timedelta(days=3))
    assert [told(step) for step in everyday(goods, today)] == [told(step) for step in later]


def told(step: Paper | Run) -> object:
    lines = step.lines if isinstance(step, Paper) else (*step.inputs, *step.outputs)
    return type(step), [(line.batch.product, line.quantity, line.factor) for line in lines]


def test_nobody_orders_what_has_gone_off(goods):
    sales = [step for step in everyday(goods, timezone.localdate()) if isinstance(step, Paper)]
    assert all(line.batch.expires_on >= sale.day for sale in sales for line in sale.lines)

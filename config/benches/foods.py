"""Names of foods that do not exist, as many as asked for, with some signs far more frequent than others."""

from __future__ import annotations

import random
from collections.abc import Iterator

WORDS = """
东北 川味 老街 江畔 山里 草原 海边 田园 古镇 湖畔 高原 岭南 塞外 北谷
鱼峰

示例 农家 阿婆 老字号 好味 鲜丰 金穗 福满 三餐 禾悦 绿野 味源 知食 谷香
喜粮 百家

原味 香辣 麻辣 五香 酸辣 甜味 咸香 蒜香 葱香 孜然 泡椒 藤椒 番茄 黄油
奶香 抹茶 桂花 玫瑰 红枣 蜂蜜 陈皮 黑椒 酱香 烧烤 海苔 芥末

花生 瓜子 大米 小米 面粉 牛奶 酸奶 豆腐 豆干 辣条 饼干 面包 蛋糕 月饼
粽子 汤圆 水饺 馄饨 香肠 火腿 牛肉 猪肉 鸡肉 鸭脖 鱼片 虾仁 海带 紫菜
木耳 香菇 竹笋 酸笋 螺蛳粉 米线 粉丝 挂面 方便面 果汁 苹果 橘子 山楂
葡萄干 核桃 腰果 杏仁 红糖 白糖 酱油 陈醋 料酒 食用油 香油 辣椒酱 豆瓣酱
火锅底料 茶叶 咖啡 可可 巧克力 糖果 果冻 冰淇淋 罐头 蜂蜜 银耳 莲子 绿豆
红豆 黄豆 玉米 燕麦 藕粉 芝麻糊 鸡蛋 皮蛋

粉 片 块 条 丝 粒 酱 干 卷 饼 汁 膏 酥 糕 串 礼盒 组合 分享装 家庭装
小包 大袋 罐装 瓶装 盒装

王 明 山 水 春 秋 月 星 云 风 林 泉 石 玉 宝 庆 和 安 康 乐 佳 美
新 元 龙 凤 鹤 松 梅 兰 竹 菊
"""
PLACES, MAKERS, TASTES, THINGS, FORMS, ENDS = (words.split() for words in WORDS.split("\n\n"))


def names(count: int, *, seed: int = 1) -> Iterator[str]:
    """`count` names, the same for the same seed; the first words of each list are the most frequent."""
    dice = random.Random(seed)
    for _ in range(count):
        parts = [_one(dice, PLACES), _one(dice, MAKERS), _one(dice, ENDS), _one(dice, TASTES), _one(dice, THINGS)]
        kept = [part for part in parts[:-1] if dice.random() < 0.7]
        size = dice.choice((80, 100, 120, 150, 200, 250, 300, 500, 1000))
        yield f"{''.join(kept)}{parts[-1]}{_one(dice, FORMS)}{size}g"


def _one(dice: random.Random, words: list[str]) -> str:
    return words[int(len(words) * dice.random() ** 1.6)]

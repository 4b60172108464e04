"""What law forbids to collect cannot be put in a catalog, and what only sounds like it can."""

from __future__ import annotations

import pytest

from forms.catalog.forbidden import forbidden_ground

FORBIDDEN = [
    ("宗教信仰", "宗教信仰"),
    ("信教情况", "宗教信仰"),
    ("所属教派", "宗教信仰"),
    ("基因信息", "基因"),
    ("ＤＮＡ样本编号", "基因"),
    ("遗传信息", "基因"),
    ("指纹", "指纹"),
    ("指纹图像", "指纹"),
    ("人脸照片", "指纹"),
    ("血型", "血型"),
    ("ABO血型", "血型"),
    ("疾病", "疾病和病史"),
    ("既往病史", "疾病和病史"),
    ("病历号", "疾病和病史"),
    ("是否患病", "疾病和病史"),
    ("残疾等级", "疾病和病史"),
    ("健康状况", "疾病和病史"),
    ("疾病预防控制中心出具的诊断", "疾病和病史"),
]
LAWFUL = [
    "疾病预防控制中心",
    "处罚机关（市疾病预防控制中心）",
    "省疾控局",
    "宗教活动场所名称",
    "民族宗教事务局",
    "残疾人就业保障金",
    "传染病防治法",
    "职业病危害项目申报",
    "行政相对人名称",
    "血液制品生产许可证",
    "基层单位",
    "基本信息",
    "指定代表",
    "病虫害防治",
]


@pytest.mark.parametrize(("title", "ground"), FORBIDDEN, ids=[title for title, _ in FORBIDDEN])
def test_a_title_that_asks_for_it_is_refused_with_the_ground(title, ground):
    found = forbidden_ground(title)

    assert found is not None
    assert found.name == ground


@pytest.mark.parametrize("title", LAWFUL)
def test_a_title_that_only_sounds_like_it_is_allowed(title):
    assert forbidden_ground(title) is None


def test_no_field_that_is_shipped_asks_for_it(catalog_set):
    titles = [
        field.title
        for item in catalog_set.items.values()
        for field in (item, *item.fields)
        if field is not item
    ]

    assert [title for title in titles if forbidden_ground(title)] == []

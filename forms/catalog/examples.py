"""An invented example of a field, as people type it into a spreadsheet: for templates and their guides.

Codes have right check characters and belong to nobody. What a text field is about is read from its title;
that guides a person and decides nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from forms.catalog.rules import Allowed, CertByType, IdCard, OneOf, OrgCode, Regex, RegNo, Rule, Uscc
from forms.catalog.schema import Field, FieldType, Item

FIRM_CODE: Final = "91350200MA9YYYYY7Y"
OFFICE_CODE: Final = "11350200M0DEM0000L"
ORG_CODE: Final = "MA9YYYYY7"
LICENCE_NO: Final = "350200999999998"
CARD_NO: Final = "350203199003079908"
"""Of the district Siming, by a serial number that is not given out."""

_IDENTIFIERS: Final[Mapping[type[Rule], str]] = {
    OrgCode: ORG_CODE, RegNo: LICENCE_NO, IdCard: CARD_NO, CertByType: CARD_NO,
}  # fmt: skip
_ONE_OF: Final = {"uscc": FIRM_CODE, "orgcode": ORG_CODE, "regno": LICENCE_NO, "idcard": CARD_NO}
_OF_OFFICE: Final = re.compile("机关|来源|部门|机构代码")

_PLAIN: Final[Mapping[FieldType, str]] = {"date": "2026/01/05", "decimal": "1.5", "int": "1"}
_WHOLE: Final = "15"

_BY_TITLE: Final = tuple((re.compile(about), example) for about, example in (
    ("是否", "否"),
    ("标志$", "是"),
    ("原因|情形|状况|情况$", "销售超过保质期的食品"),
    ("状态", "正常"),
    ("证件类[型别]", "居民身份证"),
    ("股东类型", "自然人"),
    ("文号|文书号|案号|文件依据", "厦示监〔2026〕12号"),
    ("组织机构代码", ORG_CODE),
    ("身份证件?号|证件号码", CARD_NO),
    ("信用代码|单位统一代码|主体身份代码|纳税人识别号", FIRM_CODE),
    ("区划[代编]码|区域代码|地方编码", "350200"),
    ("邮编|邮政编码", "361000"),
    ("邮箱", "shili@example.com"),
    ("网址|网站", "https://www.example.com"),
    ("传真|电话|联系方式", "0592-5550100"),
    ("车牌", "闽D·F0000"),
    ("年度$|年份", "2025"),
    ("年月", "2026年1月"),
    ("时段", "2025年1月至3月"),
    ("期限|有效期", "2026/01/05至2029/01/04"),
    ("时限|年限|期间", "3年"),
    ("时间|日期|批次|截止期", "2026/01/05"),
    ("英文", "Ludao Demo Foods Co., Ltd."),
    ("[账帐]号", "000000000000000"),
    ("荣誉|称号", "示例荣誉"),
    ("名称及编号", "营业执照（2026000012）"),
    ("id$|标识|编号|编码|[号码]$|号码|代码", "2026000012"),
    ("比例", "王示例，60%"),
    ("金额|出资额|单价|欠费量|罚款|收入", "1.5万元"),
    ("数量|人数|总数|座位|时长|积分|导游数|从业人员", "12"),
    ("性别", "女"),
    ("国籍|国别", "中国"),
    ("政治面貌", "群众"),
    ("学历", "大学本科"),
    ("学位", "学士"),
    ("街道|乡镇|街镇", "示例街道"),
    ("省份|^行政区$", "福建省"),
    ("行政区划|区域|地域|地区|区/县|市、区|所属地市|统筹区", "厦门市思明区"),
    ("地址|住所|住址|经营地|注册地|地点|场所$|所在地|营业地", "厦门市思明区示例路12号"),
    ("学校|院校", "厦门市示例学校"),
    ("^所学专业|专业名称|专业类别|系列", "工程管理"),
    ("法院$", "厦门市示例区人民法院"),
    ("机关名称|部门名称|机关全称|税务所", "厦门市示例市场监督管理局"),
    ("执业单位|所在单位名称|承受者名称|主体名称|^单位名称", "鹭岛示例食品有限公司"),
    ("(许可|资质|证书|证照|注册证|资格).*名称|资格$|企业资质", "食品经营许可证"),
    ("(文书|处罚|权力|许可|事项|任务|备忘录|名单|奖|评价|评定|标准|合同|项目|标的).*名称", "示例事项"),
    ("(行业|税种|类型|级别|欠缴|守信信息).*名称", "示例类"),
    ("机关|部门|来源|主管|评价机构|评委会|中心", "厦门市示例市场监督管理局"),
    ("(认定|评价|发证|颁证|监管|审批|表彰|备案|登记|处罚|决定|实施|发起|录入|评.*定).*单位", "厦门示例中心"),
    ("执行人|代表人|负责人|联系人|经办人|填报人|姓名|经营者|主席|代表|经理|债权人|债务人|申请人", "王示例"),
    ("股东|出资人|业主|采购人|违约方|法人代表|法人或业主|执法人员", "王示例"),
    ("企业名|法人名称|纳税人|相对人|名称|机构|单位|企业$|供应商|对象|名$", "鹭岛示例食品有限公司"),
    ("职务|职称|职级", "工程师"),
    ("依据|条款", "《中华人民共和国食品安全法》第一百二十四条"),
    ("等级|级别|结果|评价", "合格"),
    ("类型|类别|种类|性质|形式|方式|分类|行业|领域|目录", "食品销售"),
    ("范围", "预包装食品销售"),
    ("事实|行为|事由|理由|案由|简况|问题|失信|违约|案情", "销售超过保质期的食品"),
    ("内容|措施|决定|处理|意见|说明|事项|描述|简历|事宜|信息|证明|物品", "责令改正，详见决定书"),
    ("币种", "人民币"),
    ("备注", "无"),
))  # fmt: skip
"""What a title is about → an example; the first that fits."""

OTHERWISE: Final = "见所附材料"


def example(field: Field, item: Item) -> str:
    """Return an invented example of a field; empty for files, which have no cell.

    Args:
        field: of any type.
        item: that it belongs to, which may be about persons.
    """
    others = {code.name for code in field.code_set.codes if code.other} if field.code_set else set()
    if names := [name for name in choices(field) if name not in others][:2]:
        return ";".join(names) if field.type == "set" else names[0]
    if field.type == "group":
        return "|".join(example(one, item) for one in field.fields)
    if field.type == "decimal" and not field.scale:
        return _WHOLE
    if field.type not in {"string", "text"}:
        return _PLAIN.get(field.type, "")
    return _fitted(field, _identifier(field) or _of_subject(field, item) or _of_title(field))


def choices(field: Field) -> tuple[str, ...]:
    """Return the names of the codes that a field may hold in its item."""
    if field.code_set is None:
        return ()
    allowed = {code for rule in field.rules if isinstance(rule, Allowed) for code in rule.values}
    return tuple(code.name for code in field.code_set.codes if not allowed or code.code in allowed)


def _identifier(field: Field) -> str:
    for rule in field.rules:
        if isinstance(rule, Uscc):
            return OFFICE_CODE if _OF_OFFICE.search(field.title) else FIRM_CODE
        if isinstance(rule, OneOf):
            return _ONE_OF[rule.of[0]]
        if type(rule) in _IDENTIFIERS:
            return _IDENTIFIERS[type(rule)]
    return ""


def _of_subject(field: Field, item: Item) -> str:
    """Return a person's name for the subject of an item about persons."""
    is_person = item.subject_kinds == ("自然人",)
    return "王示例" if is_person and field.id == item.subject_name and "名" in field.title else ""


def _of_title(field: Field) -> str:
    return next((text for about, text in _BY_TITLE if about.search(field.title)), OTHERWISE)


def _fitted(field: Field, text: str) -> str:
    """Let the example keep to the patterns and the length of its field."""
    for rule in field.rules:
        if isinstance(rule, Regex) and not rule.pattern.fullmatch(text):
            text = next((one for one in _MATCHING if rule.pattern.fullmatch(one)), "")
    if field.max_length and len(text) > field.max_length:
        return next((one for one in _SHORT if len(one) <= field.max_length), "")
    return text


_MATCHING: Final = (FIRM_CODE, "350200", "13800000000", "2025", "35020320260105000001", "0592-5550100", "A1")
_SHORT: Final = ("王示例", "示例", "1")

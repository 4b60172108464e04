"""What law forbids to collect on anybody's credit: no catalog may have a field or an item for it.

Matched on titles, after words that only look like it are taken out. The loader refuses what is found here.

Source: 征信业管理条例第14条; 浙江省公共信用信息管理条例第14条; 上海市社会信用条例第14条 (LAWS-REPO).
"""

from __future__ import annotations

import unicodedata
from typing import Final, NamedTuple


class Ground(NamedTuple):
    """A kind of matter that must not be collected.

    Attributes:
        name: as the law has it.
        words: parts of a title that give it away.
    """

    name: str
    words: tuple[str, ...]


GROUNDS: Final = (
    Ground("宗教信仰", ("宗教", "信仰", "教派", "教徒", "信教")),
    Ground("基因", ("基因", "DNA", "遗传", "染色体")),
    Ground("指纹", ("指纹", "掌纹", "虹膜", "声纹", "人脸", "面部特征", "生物识别")),
    Ground("血型", ("血型", "ABO", "血液")),
    Ground("疾病和病史", (
        "疾病", "病史", "病历", "病症", "患病", "病情", "诊断", "残疾", "传染病", "精神病", "职业病", "艾滋",
        "既往症", "健康状况", "病名", "体检",
    )),
)  # fmt: skip
"""One entry a ground of the law; the words are ours."""

EXCEPTIONS: Final = (
    "疾病预防控制", "疾控", "职业病防治机构", "职业病诊断机构", "职业病危害", "传染病防治法", "残疾人联合会",
    "残疾人就业保障金", "残疾人保障金", "动物疾病", "植物疾病", "宗教事务", "民族宗教", "宗教活动场所",
    "宗教院校", "宗教团体", "血液制品", "疾病控制中心", "职业病累计人数",
)  # fmt: skip
"""Names of authorities, laws, levies and head counts that hold such a word and say nothing of a person."""


def forbidden_ground(title: str) -> Ground | None:
    """Return the ground on which a title may not stand in a catalog; None when it may."""
    text = unicodedata.normalize("NFKC", title).upper()
    for exception in EXCEPTIONS:
        text = text.replace(exception, "")
    for ground in GROUNDS:
        if any(word in text for word in ground.words):
            return ground
    return None

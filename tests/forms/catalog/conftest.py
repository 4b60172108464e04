"""The real catalog, records that are right, and small catalogs written to disk for one test."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from forms.catalog.loader import item_digest, load_set, verify_set
from forms.catalog.schema import CatalogSet, Item
from forms.catalog.sealing import file_digest, sign_set
from forms.seal.keys import SigningKey

RESOURCES = Path(__file__).parents[3] / "resources"
TODAY = date(2026, 11, 24)
SIGNER = SigningKey.generate()

ORG_PENALTY: dict[str, Any] = {
    "CF_XDR_MC": "厦门鹭潮食品有限公司",
    "CF_XDR_LB": "1",
    "CF_XDR_SHXYM": "91350200MA9YYYYY7Y",
    "CF_XDR_GSZC": "350200999999998",
    "CF_XDR_ZZJG": "MA9YYYYY7",
    "CF_XDR_SWDJ": "91350200MA9YYYYY7Y",
    "CF_FRDB": "陈礼行",
    "CF_FR_ZJLX": "1",
    "CF_FR_ZJHM": "350203190001010009",
    "CF_WSH": "厦市监罚〔2026〕12号",
    "CF_WFXW": "经营超过保质期的食品",
    "CF_SY": "当事人于2026年1月5日经营超过保质期的食品。",
    "CF_YJ": "《中华人民共和国食品安全法》第一百二十四条第一款",
    "CF_CFLB": ["02", "03"],
    "CF_NR": "没收违法所得200元，罚款5万元。",
    "CF_NR_FK": "5",
    "CF_NR_WFFF": "0.02",
    "CF_JDRQ": "2026-03-05",
    "CF_YXQ": "2099-12-31",
    "CF_GSJZQ": "2029-03-05",
    "CF_CFJG": "泉州市市场监督管理局",
    "CF_CFJGDM": "11350500MA9YYYYY7N",
    "CF_SJLY": "泉州市市场监督管理局",
    "CF_SJLYDM": "11350500MA9YYYYY7N",
    "BZ": "无其他事项",
}
PERSON_PENALTY: dict[str, Any] = {
    **{key: value for key, value in ORG_PENALTY.items() if not key.startswith(("CF_XDR_", "CF_FR"))},
    "CF_XDR_MC": "林岸礁",
    "CF_XDR_LB": "2",
    "CF_XDR_ZJLX": "1",
    "CF_XDR_ZJHM": "350582190002289998",
}
ORG_PERMIT: dict[str, Any] = {
    "XK_XDR_MC": "漳州九湖茶业专业合作社",
    "XK_XDR_LB": "1",
    "XK_XDR_SHXYM": "93350524MA9YYYYY71",
    "XK_XDR_GSZC": "350600999999993",
    "XK_XDR_ZZJG": "MA9YYYYY7",
    "XK_XDR_SWDJ": "93350524MA9YYYYY71",
    "XK_FRDB": "黄溪石",
    "XK_FR_ZJLX": "1",
    "XK_FR_ZJHM": "350622190012310016",
    "XK_XKWS": "准予行政许可决定书",
    "XK_WSH": "漳审批许〔2026〕8号",
    "XK_XKLB": "0",
    "XK_XKZS": "食品经营许可证",
    "XK_XKBH": "JY13506020000012",
    "XK_NR": "预包装食品销售",
    "XK_JDRQ": "2026-03-05",
    "XK_YXQZ": "2026-03-05",
    "XK_YXQZI": "2031-03-04",
    "XK_XKJG": "漳州市行政审批局",
    "XK_XKJGDM": "11350500MA9YYYYY7N",
    "XK_ZT": "1",
    "XK_LYDW": "漳州市行政审批局",
    "XK_LYDWDM": "11350500MA9YYYYY7N",
    "BZ": "首次申请",
}
PERSON_PERMIT: dict[str, Any] = {
    **{key: value for key, value in ORG_PERMIT.items() if not key.startswith(("XK_XDR_", "XK_FR"))},
    "XK_XDR_MC": "林岸礁",
    "XK_XDR_LB": "2",
    "XK_XDR_ZJLX": "1",
    "XK_XDR_ZJHM": "350582190002289998",
}
RIGHT: dict[str, dict[str, Any]] = {
    "XZCF_FR": ORG_PENALTY,
    "XZCF_ZRR": PERSON_PENALTY,
    "XZXK_FR": ORG_PERMIT,
    "XZXK_ZRR": PERSON_PERMIT,
}

A_RECORD = Callable[..., dict[str, Any]]


@pytest.fixture(scope="session")
def catalog_set() -> CatalogSet:
    """The set that is shipped."""
    return load_set(RESOURCES / "catalogs" / "2026.1")


@pytest.fixture(scope="session")
def penalty(catalog_set: CatalogSet) -> Item:
    """The item of penalties on organisations."""
    return catalog_set.items["XZCF_FR"]


@pytest.fixture(scope="session")
def permit(catalog_set: CatalogSet) -> Item:
    """The item of permits of organisations."""
    return catalog_set.items["XZXK_FR"]


@pytest.fixture(scope="session")
def today() -> date:
    """The reporting day of every test."""
    return TODAY


@pytest.fixture(scope="session")
def a_record() -> A_RECORD:
    """Make a record that is right, but for what is named; None takes a field out."""

    def make(item: str = "XZCF_FR", **changes: Any) -> dict[str, Any]:
        record = copy.deepcopy(RIGHT[item]) | changes
        return {key: value for key, value in record.items() if value is not None}

    return make


class CatalogFiles:
    """A catalog on disk with one item, to be spoilt and loaded."""

    def __init__(self, root: Path) -> None:
        self.directory = root / "catalogs" / "9"
        self.code_sets: dict[str, Any] = {
            "KIND": {
                "id": "KIND",
                "name": "种类",
                "provenance": "derived",
                "source": ["DERIVED"],
                "codes": [
                    {"code": "1", "name": "甲类"},
                    {"code": "2", "name": "乙类"},
                    {"code": "9", "name": "其他", "other": True},
                ],
            },
            "PAPER": {
                "id": "PAPER",
                "name": "证件",
                "provenance": "derived",
                "source": ["DERIVED"],
                "codes": [{"code": "1", "name": "身份证"}, {"code": "2", "name": "护照号"}],
            },
        }
        self.item: dict[str, Any] = {
            "code": "SAMPLE",
            "name": "样例",
            "category": "03 行政管理信息",
            "class7": "0 其它",
            "subject_kinds": ["自然人"],
            "unit_kinds": ["各机关"],
            "cycle": "每月",
            "natural_key": ["NAME"],
            "subject_name": "NAME",
            "sharing": "共享",
            "retention": "5年",
            "basis": {"item": "DERIVED"},
            "fields": [self.field("NAME", required=True)],
        }
        self.sources: dict[str, Any] = {
            tag: {"kind": "own", "where": "here", "what": "a test"} for tag in ("DERIVED", "RECALLED", "LAW")
        }
        self.head: dict[str, Any] = {"name": "9", "title": "样例目录", "effective_on": "2026-01-01"}
        self.root = root

    @staticmethod
    def field(field_id: str, kind: str = "string", *checks: dict[str, Any], **more: Any) -> dict[str, Any]:
        """Describe a field with the rules `checks`."""
        own: dict[str, Any] = {
            "decimal": {"max_length": 18, "scale": 6},
            "enum": {"code_set": "KIND"},
            "set": {"code_set": "KIND"},
        }.get(kind, {})
        if kind == "group" and "fields" not in more:
            of_a_row = CatalogFiles.field
            own["fields"] = [
                of_a_row("GOODS", required=True, max_length=20, title="货物"),
                of_a_row("SUM", "decimal", title="金额"),
                of_a_row("DAY", "date", title="日期"),
            ]
        title = more.pop("title", f"项{field_id}")
        return {
            "id": field_id,
            "title": title,
            "type": kind,
            "section": "样例",
            "checks": list(checks),
            **own,
            **more,
        }

    def write(self) -> Path:
        """Write all files, listed and signed; what was listed once stays as it was listed."""
        (self.directory / "items").mkdir(parents=True, exist_ok=True)
        (self.root / "codesets").mkdir(exist_ok=True)
        for code_set_id, content in self.code_sets.items():
            self._dump(self.root / "codesets" / f"{code_set_id}.json", content)
        self._dump(self.root / "catalogs" / "sources.json", self.sources)
        self._dump(self.directory / "items" / "SAMPLE.json", self.item)
        self._list()
        self._dump(self.directory / "set.json", self.head)
        self.sign()
        return self.directory

    def sign(self) -> None:
        """Sign `set.json` as it is now."""
        day = date(2026, 1, 1)
        signature = sign_set(self.head, SIGNER, signed_by="测试", signed_on=day, until=date(2027, 1, 1))
        self._dump(self.directory / "set.sig", signature)
        self._dump(self.directory.parent / "keys.json", {"keys": [{"key": SIGNER.public, "name": "测试"}]})

    def _list(self) -> None:
        self.head.setdefault("sources", self._digest_of("catalogs/sources.json"))
        code_sets = self.head.setdefault("code_sets", {})
        for code_set_id in self.code_sets:
            code_sets.setdefault(code_set_id, self._digest_of(f"codesets/{code_set_id}.json"))
        entry = {key: self.item.get(key) for key in ("name", "category", "class7", "subject_kinds")}
        fields = self.item.get("fields")
        entry |= {"fields": len(fields) if isinstance(fields, list) else 0, "provenance": "derived"}
        entry |= {"digest": self._digest(), "file": self._digest_of("catalogs/9/items/SAMPLE.json")}
        if not (isinstance(entry["name"], str) and entry["name"].strip()):
            entry["name"] = "样例"
        entry["subject_kinds"] = list(dict.fromkeys(entry["subject_kinds"]))
        self.head.setdefault("items", {"SAMPLE": entry})

    def _digest_of(self, name: str) -> str:
        return file_digest((self.root / name).read_bytes())

    def _digest(self) -> str:
        try:
            return item_digest(self.item, self.code_sets)
        except (KeyError, TypeError, ValueError):
            return "the loader refuses this item before it looks at the digest"

    @staticmethod
    def _dump(path: Path, content: Any) -> None:
        path.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")

    def load(self) -> Item:
        """Write and load everything; the one item."""
        return verify_set(self.write()).items["SAMPLE"]


@pytest.fixture
def files(tmp_path: Path) -> CatalogFiles:
    """A catalog of one item that loads as it is."""
    return CatalogFiles(tmp_path)


@pytest.fixture(scope="session")
def an_item(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Item]:
    """Make an item of the fields given, by way of files."""

    def make(*fields: dict[str, Any], **head: Any) -> Item:
        catalog = CatalogFiles(tmp_path_factory.mktemp("catalog"))
        catalog.item |= {"fields": [catalog.field("NAME"), *fields], **head}
        return catalog.load()

    return make


@pytest.fixture(scope="session")
def a_field(an_item: Callable[..., Item]) -> Callable[..., Any]:
    """Make one field, by way of files; arguments as of `CatalogFiles.field`."""

    def make(kind: str = "string", *checks: dict[str, Any], **more: Any) -> Any:
        return an_item(CatalogFiles.field("X", kind, *checks, **more)).by_id["X"]

    return make


@pytest.fixture(scope="session")
def field_entry() -> Callable[..., dict[str, Any]]:
    """Describe a field as a catalog file does."""
    return CatalogFiles.field

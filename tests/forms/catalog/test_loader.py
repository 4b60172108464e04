"""The loader refuses what is not quite right, and names the file and the place of every fault."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from forms.catalog.loader import CatalogError, load_set, verify_set
from forms.catalog.sealing import file_digest

RESOURCES = Path(__file__).parents[3] / "resources"


def refused(files) -> list[tuple[str, str, str]]:
    with pytest.raises(CatalogError) as caught:
        files.load()
    return [(fault.file, fault.path, fault.code) for fault in caught.value.faults]


def test_a_catalog_that_is_right_is_loaded(files):
    item = files.load()

    assert item.ref == "SAMPLE@9"
    assert len(item.digest) == 64
    assert item.basis["item"].provenance == "derived"


ITEM = "items/SAMPLE.json"
FIELD = "fields/0"
SPOILS = [
    # name, key in the item (or in its first field), value, place, code
    ("an unknown key", {"colour": "red"}, {}, "colour", "unknown_key"),
    ("an unknown key of a field", {}, {"colour": "red"}, f"{FIELD}/colour", "unknown_key"),
    ("a missing name", {"name": None}, {}, "name", "missing_key"),
    ("a name that is a number", {"name": 7}, {}, "name", "wrong_type"),
    ("a blank name", {"name": " "}, {}, "name", "blank"),
    ("a name too long", {"name": "长" * 101}, {}, "name", "too_long"),
    ("a matter that law forbids", {"name": "宗教信仰登记"}, {}, "name", "forbidden_by_law"),
    ("a field that law forbids", {}, {"title": "血型"}, f"{FIELD}/title", "forbidden_by_law"),
    ("another code than its file's", {"code": "OTHER"}, {}, "code", "other_id"),
    ("a sharing that does not exist", {"sharing": "秘密"}, {}, "sharing", "not_of_choice"),
    ("no field", {"fields": []}, {}, "fields", "missing_key"),
    ("fields that are no list", {"fields": {}}, {}, "fields", "wrong_type"),
    ("a key field that does not exist", {"natural_key": ["NONE"]}, {}, "natural_key", "unknown_field"),
    ("a subject that does not exist", {"subject_name": "NONE"}, {}, "subject_name", "unknown_field"),
    ("an act date that is a text", {"act_on": "NAME"}, {}, "act_on", "no_date_field"),
    ("a basis of an unknown source", {"basis": {"item": "NOBODY"}}, {}, "basis/item", "unknown_source"),
    ("a kind said twice", {"subject_kinds": ["自然人", "自然人"]}, {}, "subject_kinds/1", "doubled"),
    ("an unknown type", {}, {"type": "blob"}, f"{FIELD}/type", "not_of_choice"),
    ("required as text", {}, {"required": "yes"}, f"{FIELD}/required", "wrong_type"),
    ("a length below nought", {}, {"max_length": -1}, f"{FIELD}/max_length", "wrong_type"),
    ("a length of nought", {}, {"max_length": 0}, f"{FIELD}/max_length", "bad_length"),
    ("an unknown code set", {}, {"code_set": "NONE"}, f"{FIELD}/code_set", "unknown_code_set"),
    ("a code field without codes", {}, {"type": "enum"}, FIELD, "code_set_missing"),
    ("a date with codes", {}, {"type": "date", "code_set": "KIND"}, FIELD, "code_set_unwanted"),
    ("decimals without scale", {}, {"type": "decimal", "max_length": 18}, FIELD, "scale_fits_decimals_only"),
    ("text with scale", {}, {"scale": 2}, FIELD, "scale_fits_decimals_only"),
    ("required and in a group", {}, {"required_group": 1}, FIELD, "required_twice"),
    ("an alias twice", {}, {"aliases": ["甲", "甲"]}, f"{FIELD}/aliases/1", "doubled"),
]


@pytest.mark.parametrize(
    ("item", "field", "place", "code"), [s[1:] for s in SPOILS], ids=[s[0] for s in SPOILS]
)
def test_a_spoilt_item_is_refused_by_its_place(item, field, place, code, files):
    files.item["fields"][0] |= field
    files.item |= item

    assert (ITEM, place, code) in refused(files)


RULES = [
    ("an unknown kind", {"kind": "eval"}, "kind", "unknown_rule"),
    ("no kind", {}, "kind", "missing_key"),
    ("an unknown key", {"kind": "uscc", "colour": 1}, "colour", "unknown_key"),
    ("a field that does not exist", {"kind": "required_if_filled", "ref": "NONE"}, "", "unknown_field"),
    ("itself", {"kind": "required_if_filled", "ref": "X"}, "", "names_itself"),
    ("a date rule on a text", {"kind": "not_after", "ref": "$today"}, "", "wrong_type_for_rule"),
    ("today where no day is meant", {"kind": "required_if_filled", "ref": "$today"}, "", "unknown_field"),
    ("a pattern that is none", {"kind": "regex", "pattern": "("}, "pattern", "bad_pattern"),
    ("a pattern too long", {"kind": "regex", "pattern": "a" * 201}, "pattern", "pattern_too_long"),
    ("no condition", {"kind": "required_if", "field": "K"}, "", "unclear_condition"),
    (
        "two conditions",
        {"kind": "empty_if", "field": "K", "in": ["1"], "contains_any": ["1"]},
        "",
        "unclear_condition",
    ),
    ("a code that does not exist", {"kind": "required_if", "field": "K", "in": ["7"]}, "", "unknown_code"),
    (
        "a set's condition on one code",
        {"kind": "required_if", "field": "K", "contains_any": ["1"]},
        "",
        "wrong_type_for_rule",
    ),
    ("an unknown identifier", {"kind": "one_of", "of": ["passport"]}, "of/0", "not_of_choice"),
    ("a basis of an unknown source", {"kind": "uscc", "basis": "NOBODY"}, "basis", "unknown_source"),
]


@pytest.mark.parametrize(("rule", "place", "code"), [r[1:] for r in RULES], ids=[r[0] for r in RULES])
def test_a_spoilt_rule_is_refused_by_its_place(rule, place, code, files):
    files.item["fields"] += [files.field("X", "string", rule), files.field("K", "enum")]
    path = "/".join(part for part in ("fields/1/checks/0", place) if part)

    assert (ITEM, path, code) in refused(files)


def test_all_faults_are_named_at_once(files):
    files.item["colour"] = "red"
    files.item["fields"] += [files.field("X", title="指纹"), files.field("X")]
    files.code_sets["KIND"]["codes"].append({"code": "1", "name": "又一类"})

    assert set(refused(files)) >= {
        (ITEM, "colour", "unknown_key"),
        (ITEM, "fields/1/title", "forbidden_by_law"),
        (ITEM, "fields/2/id", "doubled"),
        ("codesets/KIND.json", "codes/0", "doubled"),
    }


def test_an_error_reads_as_file_place_and_fault(files):
    files.item["colour"] = "red"
    with pytest.raises(CatalogError, match=r"^items/SAMPLE.json: colour: unknown_key$"):
        files.load()


def test_two_fields_may_not_share_a_heading(files):
    files.item["fields"] += [files.field("A", aliases=["文号"]), files.field("B", title="文号")]

    assert (ITEM, "fields/2/aliases", "doubled") in refused(files)


@pytest.mark.parametrize(
    ("change", "place", "code"),
    [
        ({"id": "OTHER"}, "id", "other_id"),
        ({"provenance": "guessed"}, "provenance", "not_of_choice"),
        ({"source": ["NOBODY"]}, "source/0", "unknown_source"),
        ({"codes": []}, "codes", "missing_key"),
        ({"codes": [{"code": "1", "name": "甲", "since": "2021-7-15"}]}, "codes/0/since", "not_a_date"),
        (
            {"codes": [{"code": "1", "name": "甲", "since": "2021-07-15", "until": "2020-01-01"}]},
            "codes/0/until",
            "before_since",
        ),
        (
            {
                "codes": [
                    {"code": "1", "name": "甲", "other": True},
                    {"code": "2", "name": "乙", "other": True},
                ]
            },
            "codes",
            "doubled",
        ),
        ({"codes": [{"code": "1", "title": "甲"}]}, "codes/0/title", "unknown_key"),
    ],
    ids=[
        "other id",
        "unknown provenance",
        "unknown source",
        "no codes",
        "no date",
        "ends first",
        "two others",
        "key",
    ],
)
def test_a_spoilt_code_set_is_refused_by_its_place(change, place, code, files):
    files.code_sets["KIND"] |= change

    assert ("codesets/KIND.json", place, code) in refused(files)


def test_an_alias_leads_to_one_code(files):
    files.code_sets["KIND"]["codes"][0]["aliases"] = ["乙类"]

    assert ("codesets/KIND.json", "codes/1/aliases", "doubled") not in refused(files)
    assert ("codesets/KIND.json", "codes/0/aliases", "doubled") in refused(files)


def test_an_item_that_was_changed_after_the_set_was_made_is_refused(files):
    files.write()
    files.item["retention"] = "10年"

    assert refused(files) == [(ITEM, "", "digest_differs")]


def test_a_code_set_that_was_changed_changes_the_item_that_uses_it(files):
    files.item["fields"].append(files.field("K", "enum"))
    files.write()
    first = files.load().digest
    files.code_sets["KIND"]["codes"][0]["name"] = "丁类"
    files.head["code_sets"] = {}

    assert refused(files) == [("set.json", "items/SAMPLE", "digest_differs")]
    del files.head["items"]
    assert files.load().digest != first


def test_a_key_said_twice_is_refused(files):
    files.write()
    (files.directory / "set.json").write_text('{"name": "9", "name": "8"}', encoding="utf-8")
    with pytest.raises(CatalogError, match="doubled_key name"):
        load_set(files.directory)


def test_a_float_is_refused(files):
    files.item["fields"][0]["max_length"] = 1.5

    assert (ITEM, "", "float") in refused(files)


def test_a_file_that_is_missing_or_no_json_is_named(files):
    files.write()
    (files.directory / "items" / "SAMPLE.json").unlink()
    (files.directory.parent.parent / "codesets" / "KIND.json").write_text("{", encoding="utf-8")
    with pytest.raises(CatalogError) as caught:
        verify_set(files.directory)

    assert {("items/SAMPLE.json", "unreadable"), ("codesets/KIND.json", "not_json")} <= {
        (fault.file, fault.code) for fault in caught.value.faults
    }


def test_the_digest_of_a_set_is_over_its_items(files, catalog_set):
    first = load_set(files.write()).digest
    files.item["retention"] = "10年"
    del files.head["items"]

    assert load_set(files.write()).digest != first
    assert {item.set_name for item in catalog_set.items.values()} == {"2026.1"}


def test_a_name_that_two_codes_share_leads_to_neither(files):
    files.code_sets["KIND"]["codes"] = [{"code": "1", "name": "市辖区"}, {"code": "2", "name": "市辖区"}]
    codes = load_set(files.write()).code_sets["KIND"]

    assert set(codes.by_code) == {"1", "2"}
    assert not codes.by_name


def test_a_code_names_where_it_lies_and_what_replaced_it(files):
    files.code_sets["KIND"]["codes"] = [
        {"code": "1", "name": "甲区", "until": "2020-12-31", "replaced_by": ["2"], "basis": "RECALLED"},
        {"code": "2", "name": "乙区", "parent": "9"},
    ]
    old, new = load_set(files.write()).code_sets["KIND"].codes

    assert (old.replaced_by, new.parent) == (("2",), "9")
    assert old.basis is not None
    assert old.basis.provenance == "recalled"


def test_a_code_cannot_be_replaced_by_one_that_is_not_there(files):
    files.code_sets["KIND"]["codes"][0]["replaced_by"] = ["7"]

    assert ("codesets/KIND.json", "codes/0/replaced_by", "unknown_code") in refused(files)


def test_a_set_is_open_before_its_items_are_read(files):
    """What is wrong with an item shows when it is asked for; lists do not need it."""
    files.item["colour"] = "red"
    opened = load_set(files.write())

    assert [entry.name for entry in opened.entries.values()] == ["样例"]
    with pytest.raises(CatalogError, match="unknown_key"):
        opened.items["SAMPLE"]


def test_an_item_is_made_once(files):
    opened = load_set(files.write())

    assert opened.items["SAMPLE"] is opened.items["SAMPLE"]
    assert opened.code_sets["KIND"] is opened.code_sets["KIND"]
    assert "NONE" not in opened.items
    with pytest.raises(KeyError):
        opened.items["NONE"]


def test_a_list_that_says_something_else_than_the_file_is_refused(files):
    files.write()
    files.head["items"]["SAMPLE"]["name"] = "别的"

    assert (ITEM, "name", "differs_from_list") in refused(files)


def test_an_item_that_is_not_listed_is_named(files):
    files.write()
    (files.directory / "items" / "MORE.json").write_text("{}", encoding="utf-8")
    with pytest.raises(CatalogError, match="items/MORE: missing_key"):
        verify_set(files.directory)


def test_a_set_may_bring_its_own_code_sets(files):
    """A later set changes codes without touching those that an earlier one shares."""
    directory = files.write()
    own = dict(files.code_sets["KIND"], name="种类（新）")
    (directory / "codesets").mkdir()
    files._dump(directory / "codesets" / "KIND.json", own)
    files.head["code_sets"]["KIND"] = files._digest_of("catalogs/9/codesets/KIND.json")
    files._dump(directory / "set.json", files.head)
    files.sign()

    assert load_set(directory).code_sets["KIND"].name == "种类（新）"


def test_a_set_that_nobody_signed_is_opened_only_on_request(files):
    directory = files.write()
    (directory / "set.sig").unlink()
    with pytest.raises(CatalogError, match=r"set.sig: \(file\): unsigned"):
        load_set(directory)

    assert load_set(directory, signed=False).signature is None


def test_a_list_changed_after_signing_is_refused(files):
    directory = files.write()
    files._dump(directory / "set.json", files.head | {"title": "别的目录"})
    for signed in (True, False):
        with pytest.raises(CatalogError, match="bad_signature"):
            load_set(directory, signed=signed)


@pytest.mark.parametrize("change", [{"until": "2099-01-01"}, {"signed_by": "别人"}], ids=["until", "by"])
def test_who_signed_and_until_when_is_signed_too(change, files):
    directory = files.write()
    signature = json.loads((directory / "set.sig").read_text(encoding="utf-8"))
    files._dump(directory / "set.sig", signature | change)
    with pytest.raises(CatalogError, match="bad_signature"):
        load_set(directory)


def test_a_stranger_cannot_sign(files):
    directory = files.write()
    files._dump(directory.parent / "keys.json", {"keys": []})
    with pytest.raises(CatalogError, match="unknown_key"):
        load_set(directory)


def test_a_signature_holds_from_its_day_to_its_last(files):
    signature = load_set(files.write()).signature

    assert signature is not None
    assert signature.signed_by == "测试"
    assert [signature.holds_on(date(*day)) for day in ((2025, 12, 31), (2026, 1, 1), (2027, 1, 1))] == [
        False, True, True,
    ]  # fmt: skip
    assert not signature.holds_on(date(2027, 1, 2))


def test_how_lines_end_does_not_count(files):
    """A checkout may change the ends of lines; that changes no catalog."""
    directory = files.write()
    path = directory / "items" / "SAMPLE.json"
    content = json.dumps(json.loads(path.read_text(encoding="utf-8")), indent=1).encode()
    assert file_digest(content) == file_digest(content.replace(b"\n", b"\r\n"))


def test_the_shipped_set_is_sound_in_every_file(catalog_set):
    shipped = verify_set(RESOURCES / "catalogs" / "2026.1")

    assert len(shipped.items) == len(catalog_set.entries) == 151
    assert sum(len(item.fields) for item in shipped.items.values()) == 1965
    assert len(shipped.code_sets) == 80
    assert shipped.signature is not None
    assert shipped.signature.holds_on(date(2026, 11, 24))


def test_items_are_browsed_by_their_classes(catalog_set):
    def sizes(scheme):
        return {
            code.name: len(catalog_set.of_class(scheme, code.code))
            for code in catalog_set.class_codes(scheme)
        }

    national, seven = list(sizes("category").values()), sizes("class7")

    assert national == [19, 7, 46, 10, 4, 12, 5, 1, 10, 17, 15, 2, 3]
    assert seven == {
        "基本信息": 25, "资质信息": 35, "履行约定": 12, "失信信息": 36, "表彰荣誉": 19,
        "双公示行政处罚": 7, "双公示行政许可": 3, "其它": 14,
    }  # fmt: skip

"""The form of an item: values, stars, problems, answers, moving about."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest
from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QInputMethodEvent
from PySide6.QtWidgets import QApplication, QToolTip, QWidget
from pytestqt.qtbot import QtBot

from forms.catalog.check import check
from forms.catalog.problems import Answer, Problem
from forms.catalog.rules import Condition, EmptyIf
from forms.catalog.schema import CatalogSet, Item, Value
from forms.qt.editor import Setting
from forms.qt.form import CatalogForm
from forms.qt.inputs import finish_composition
from forms.qt.needs import needed
from forms.qt.notes import Remark

pytestmark = pytest.mark.qt_log_ignore("does not support grabbing", extend=True)

TODAY = date(2026, 11, 24)
VALUES: dict[str, Value] = {
    "CF_XDR_MC": "厦门鹭影测试有限公司",
    "CF_XDR_LB": "1",
    "CF_XDR_SHXYM": "91350200MA2XYL4C7J",
    "CF_FRDB": "林试验",
    "CF_WSH": "厦市监罚〔2026〕9号",
    "CF_WFXW": "违法行为",
    "CF_SY": "违法事实",
    "CF_YJ": "处罚依据",
    "CF_CFLB": ["02"],
    "CF_NR": "罚款一万元",
    "CF_NR_FK": "1",
    "CF_JDRQ": "2026-11-20",
    "CF_YXQ": "2099-12-31",
    "CF_CFJG": "厦门市试验局",
    "CF_CFJGDM": "91350200MA2XYL4C7J",
    "CF_SJLY": "厦门市试验局",
    "CF_SJLYDM": "91350200MA2XYL4C7J",
}
WARNING = Problem("CF_JDRQ", "long_ago", "warning", answerable=True, params={"years": 20})

MakeForm = Callable[[Item], CatalogForm]


@pytest.fixture
def form_of(qtbot: QtBot, setting: Setting) -> MakeForm:
    def make(item: Item) -> CatalogForm:
        form = CatalogForm(item, setting)
        qtbot.addWidget(form)
        form.resize(700, 600)
        form.show()
        form.activateWindow()
        qtbot.waitExposed(form)
        return form

    return make


@pytest.fixture
def form(form_of: MakeForm, penalty: Item) -> CatalogForm:
    return form_of(penalty)


def box_of(form: CatalogForm, field_id: str) -> QWidget:
    return form.editor(field_id).inputs()[0]


def enter(qtbot: QtBot, form: CatalogForm, field_id: str) -> QWidget:
    assert form.focus_field(field_id)
    box = box_of(form, field_id)
    qtbot.waitUntil(box.hasFocus)
    return box


def compose(box: QWidget, preedit: str, commit: str = "") -> None:
    event = QInputMethodEvent(preedit, [])
    if commit:
        event.setCommitString(commit)
    QApplication.sendEvent(box, event)


def shown_under(form: CatalogForm, field_id: str) -> list[str]:
    return [problem.code for problem in form.row(field_id).problems()]


def test_every_item_of_the_catalog_makes_a_form_that_gives_its_values_back(
    form_of: MakeForm, catalog: CatalogSet
):
    for item in catalog.items.values():
        values: dict[str, Value] = {}
        for field in item.fields:
            if field.type == "set":
                values[field.id] = [field.code_set.codes[0].code] if field.code_set else []
            elif field.type == "enum":
                values[field.id] = field.code_set.codes[0].code if field.code_set else ""
            elif field.type == "date":
                values[field.id] = "2026-11-20"
            else:
                values[field.id] = "1"
        form = form_of(item)

        form.set_values(values)

        assert form.values() == values


def test_values_that_the_item_does_not_know_go_through_unharmed(form: CatalogForm):
    form.set_values({"CF_WSH": "9号", "NEW_FIELD": "明年的数据项"})

    assert form.values() == {"CF_WSH": "9号", "NEW_FIELD": "明年的数据项"}


def test_the_next_record_leaves_nothing_of_the_one_before(form: CatalogForm, penalty: Item):
    form.set_values(VALUES)
    form.set_problems(check(penalty, {}, reported_on=TODAY))
    form.set_remarks([Remark("CF_WSH", "平台：重复", "bad")])

    form.set_values({})

    assert form.values() == {}
    assert not any(form.row(field.id).problems() for field in penalty.fields)
    notes = form.row("CF_WSH").notes()
    assert notes is None or notes.isHidden()


def test_a_rule_puts_the_star_there_while_one_types(qtbot: QtBot, form: CatalogForm):
    form.set_values({})
    assert not form.row("CF_NR_FK").is_needed()

    ticks = form.editor("CF_CFLB").inputs()[0]
    enter(qtbot, form, "CF_CFLB")
    names = [ticks.item(n).text() for n in range(ticks.count())]
    for _ in range(names.index("罚款")):
        qtbot.keyClick(ticks, Qt.Key.Key_Right)
    qtbot.keyClick(ticks, Qt.Key.Key_Space)

    qtbot.waitUntil(lambda: form.row("CF_NR_FK").is_needed(), timeout=1_000)


def test_stars_agree_with_what_the_check_asks_for(catalog: CatalogSet):
    for item in catalog.items.values():
        problems = check(item, {}, reported_on=TODAY)
        missing = {p.field_id for p in problems if "required" in p.code}
        groups = {item.by_id[p.field_id].required_group for p in problems if p.code == "group_missing"}
        missing |= {field.id for field in item.fields if field.required_group in groups - {None}}

        assert missing == needed(item, {})


def test_a_fresh_form_accuses_nobody(form: CatalogForm, penalty: Item):
    form.set_values({})

    form.set_problems(check(penalty, {}, reported_on=TODAY))

    assert not any(shown_under(form, field.id) for field in penalty.fields)


def test_a_field_that_was_left_empty_says_so(qtbot: QtBot, form: CatalogForm, penalty: Item):
    form.set_values({})
    form.set_problems(check(penalty, {}, reported_on=TODAY))
    enter(qtbot, form, "CF_WSH")

    enter(qtbot, form, "CF_WFXW")

    assert shown_under(form, "CF_WSH") == ["required_missing"]


def test_after_reveal_all_every_problem_stands_beside_its_field(form: CatalogForm, penalty: Item):
    form.set_values({})
    problems = check(penalty, {}, reported_on=TODAY)
    form.set_problems(problems)

    form.reveal_all()

    shown = {field.id for field in penalty.fields if shown_under(form, field.id)}
    assert shown == {problem.field_id for problem in problems}


def test_no_new_problem_appears_under_the_field_that_is_being_typed_in(
    qtbot: QtBot, form: CatalogForm, penalty: Item
):
    form.set_values(VALUES)
    form.reveal_all()
    box = enter(qtbot, form, "CF_JDRQ")

    box.selectAll()
    qtbot.keyClicks(box, "2026-1")
    form.set_problems(check(penalty, form.values(), reported_on=TODAY))
    while_typing = shown_under(form, "CF_JDRQ")
    enter(qtbot, form, "CF_YXQ")

    assert while_typing == []
    assert shown_under(form, "CF_JDRQ")


def test_a_settled_problem_goes_away_while_one_still_types(qtbot: QtBot, form: CatalogForm, penalty: Item):
    form.set_values({})
    form.set_problems(check(penalty, {}, reported_on=TODAY))
    form.reveal_all()
    box = enter(qtbot, form, "CF_WSH")

    qtbot.keyClicks(box, "No.9")
    form.set_problems(check(penalty, form.values(), reported_on=TODAY))

    assert "required_missing" not in shown_under(form, "CF_WSH")


def test_a_suggestion_is_taken_with_one_click(qtbot: QtBot, form: CatalogForm):
    form.set_values({**VALUES, "CF_JDRQ": "26-11-20"})
    form.set_problems(
        [Problem("CF_JDRQ", "date_short_year", params={"read": "2026-11-20"}, suggestion="2026-11-20")]
    )
    notes = form.row("CF_JDRQ").notes()
    assert notes is not None
    button = notes.notes()[0].ways_out()["suggestion"]

    with qtbot.waitSignal(form.edited, timeout=1_000):
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)

    assert form.values()["CF_JDRQ"] == "2026-11-20"


def test_a_warning_is_answered_in_place_and_the_answer_comes_out(qtbot: QtBot, form: CatalogForm):
    form.set_values(VALUES)
    form.set_problems([WARNING])
    notes = form.row("CF_JDRQ").notes()
    assert notes is not None
    note = notes.notes()[0]

    qtbot.mouseClick(note.ways_out()["explain"], Qt.MouseButton.LeftButton)
    line = note.writing()
    assert line is not None
    assert line.hasFocus()
    compose(line, "", "补报的旧案")
    with qtbot.waitSignal(form.edited, timeout=1_000):
        qtbot.keyClick(line, Qt.Key.Key_Return)

    assert form.answers() == (Answer("CF_JDRQ", "long_ago", "补报的旧案"),)


def test_an_answer_to_a_warning_that_is_gone_is_not_sent(form: CatalogForm):
    form.set_values(VALUES)
    form.set_problems([WARNING])
    form.set_answers([Answer("CF_JDRQ", "long_ago", "补报")])

    form.set_problems([])

    assert form.answers() == ()


def test_an_answered_warning_no_longer_colours_its_box(form: CatalogForm):
    form.set_values(VALUES)
    form.set_problems([WARNING])
    before = box_of(form, "CF_JDRQ").property("tone")

    form.set_answers([Answer("CF_JDRQ", "long_ago", "补报")])

    assert (before, box_of(form, "CF_JDRQ").property("tone")) == ("warn", "")


def test_writing_a_reason_is_not_disturbed_by_the_next_check(qtbot: QtBot, form: CatalogForm):
    form.set_values(VALUES)
    form.set_problems([WARNING])
    note = form.row("CF_JDRQ").notes().notes()[0]
    qtbot.mouseClick(note.ways_out()["explain"], Qt.MouseButton.LeftButton)
    compose(note.writing(), "", "补报")

    form.set_problems([Problem("CF_JDRQ", "in_future", params={"day": "2026-11-24"}), WARNING])

    assert note.writing() is not None
    assert note.writing().text() == "补报"


def test_enter_goes_from_field_to_field(qtbot: QtBot, form: CatalogForm):
    form.set_values({})
    form.focus_first()
    first = box_of(form, "CF_XDR_MC")
    qtbot.waitUntil(first.hasFocus)

    qtbot.keyClick(first, Qt.Key.Key_Return)
    second = box_of(form, "CF_XDR_LB")
    qtbot.waitUntil(second.hasFocus)
    qtbot.keyClick(second, Qt.Key.Key_Return)

    qtbot.waitUntil(box_of(form, "CF_XDR_SHXYM").hasFocus)


def test_jumping_to_a_field_unfolds_its_section_and_brings_it_into_view(qtbot: QtBot, form: CatalogForm):
    section = form.sections()[-1]
    qtbot.mouseClick(section.head(), Qt.MouseButton.LeftButton)
    assert not form.editor("BZ").isVisible()

    enter(qtbot, form, "BZ")

    assert form.editor("BZ").isVisible()
    assert not form.editor("BZ").visibleRegion().isEmpty()


def test_an_unknown_field_is_no_place_to_go(form: CatalogForm):
    assert form.focus_field("NO_SUCH") is False


def test_what_is_being_composed_is_text_before_the_form_is_read(qtbot: QtBot, form: CatalogForm):
    form.set_values({})
    box = enter(qtbot, form, "CF_WSH")
    compose(box, "xia'shi")

    finish_composition()

    assert form.values() == {"CF_WSH": "xia'shi"}


def test_a_correction_shows_what_each_changed_field_was(form: CatalogForm):
    form.set_values({**VALUES, "CF_NR_FK": "2"})

    form.show_changes(VALUES)

    changed = form.row("CF_NR_FK").notes()
    assert changed is not None
    assert changed.before() == "原为：1"
    assert form.row("CF_WSH").notes() is None


def test_a_read_only_form_shows_problems_without_ways_out(form: CatalogForm):
    form.set_values(VALUES)
    form.set_read_only(True)

    form.set_problems([WARNING])

    assert form.row("CF_JDRQ").notes().notes()[0].ways_out() == {}


def test_only_what_is_not_sourced_looks_so(form: CatalogForm, penalty: Item):
    kinds = {field.id: form.row(field.id).help.kind for field in penalty.fields}

    assert kinds["CF_XDR_MC"] == "sourced"
    assert {"recalled"} <= set(kinds.values())
    for field in penalty.fields:
        bases = {basis.provenance for basis in field.basis.values()}
        assert kinds[field.id] == "recalled" or "recalled" not in bases


@pytest.mark.parametrize("folded", [False, True], ids=["in view", "folded away"])
def test_forty_problems_are_shown_and_gone_again(form: CatalogForm, penalty: Item, folded: bool):
    problems = [Problem(f.id, code) for f in penalty.fields for code in ("required_missing", "blank")][:40]
    form.set_values(VALUES)
    if folded:
        form.sections()[0].head().click()

    form.set_problems(problems)
    form.reveal_all()
    count = sum(len(form.row(field.id).problems()) for field in penalty.fields)
    form.set_problems([])

    assert count == 40
    assert not any(form.row(field.id).problems() for field in penalty.fields)


def test_the_next_record_is_shown_quickly(form: CatalogForm):
    """A refill builds nothing anew. The limit is loose; the benchmark has the figure."""
    form.set_values(VALUES)
    QCoreApplication.processEvents()

    began = time.perf_counter()
    for n in range(10):
        form.set_values({**VALUES, "CF_WSH": f"厦市监罚〔2026〕{n}号"})
        QCoreApplication.processEvents()
    took_ms = (time.perf_counter() - began) * 100

    assert took_ms < 250


def test_f1_tells_the_rule_and_where_it_comes_from(qtbot: QtBot, form: CatalogForm):
    box = enter(qtbot, form, "CF_NR_FK")

    qtbot.keyClick(box, Qt.Key.Key_F1)

    qtbot.waitUntil(lambda: "万元" in QToolTip.text() and "待核对原文" in QToolTip.text())


# --- rules show and hide ----------------------------------------------------------------------


@pytest.fixture
def forbidding(penalty: Item) -> Item:
    """行政处罚, in which a warning (01) wants the confiscated amount to stay empty."""
    rule = EmptyIf(when=Condition("CF_CFLB", frozenset({"01"}), "contains_any"))
    fields = tuple(replace(f, rules=(*f.rules, rule)) if f.id == "CF_NR_WFFF" else f for f in penalty.fields)
    return replace(penalty, fields=fields, by_id={f.id: f for f in fields})


def test_a_field_that_a_rule_forbids_is_hidden_and_comes_back(form_of: MakeForm, forbidding: Item):
    form = form_of(forbidding)
    form.set_values({**VALUES, "CF_CFLB": ["01"]})
    assert not form.editor("CF_NR_WFFF").isVisible()

    form.set_values(VALUES)
    assert form.editor("CF_NR_WFFF").isVisible()


def test_a_forbidden_field_that_is_filled_stays_and_shows_its_problem(form_of: MakeForm, forbidding: Item):
    form = form_of(forbidding)
    values = {**VALUES, "CF_CFLB": ["01"], "CF_NR_WFFF": "2"}
    form.set_values(values)
    form.set_problems(check(forbidding, values, reported_on=TODAY))

    assert form.editor("CF_NR_WFFF").isVisible()
    assert shown_under(form, "CF_NR_WFFF")


def test_ticking_hides_and_unticking_brings_back_as_one_types(
    qtbot: QtBot, form_of: MakeForm, forbidding: Item
):
    form = form_of(forbidding)
    form.set_values({})
    enter(qtbot, form, "CF_CFLB")
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Space)

    qtbot.waitUntil(lambda: not form.editor("CF_NR_WFFF").isVisible())
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Space)
    qtbot.waitUntil(form.editor("CF_NR_WFFF").isVisible)


def test_a_problem_elsewhere_leads_to_a_hidden_field(form_of: MakeForm, forbidding: Item):
    form = form_of(forbidding)
    form.set_values({**VALUES, "CF_CFLB": ["01"]})

    assert form.focus_field("CF_NR_WFFF")
    assert form.editor("CF_NR_WFFF").isVisible()


def test_a_heading_goes_with_the_last_of_its_fields(form_of: MakeForm, penalty: Item):
    rule = EmptyIf(when=Condition("CF_CFLB", frozenset({"01"}), "contains_any"))
    fields = tuple(replace(f, rules=(rule,)) if f.id == "BZ" else f for f in penalty.fields)
    form = form_of(replace(penalty, fields=fields, by_id={f.id: f for f in fields}))
    form.set_values({**VALUES, "CF_CFLB": ["01"]})

    assert not form.sections()[-1].isVisible()


# --- made in pieces ---------------------------------------------------------------------------


def test_values_of_fields_that_are_not_made_yet_are_kept(penalty: Item, setting: Setting, qtbot: QtBot):
    form = CatalogForm(penalty, setting)
    qtbot.addWidget(form)
    form.set_values({**VALUES, "NOT_KNOWN": "x"})

    assert not form.is_whole()
    assert form.values() == {**VALUES, "NOT_KNOWN": "x"}
    form.make_all()
    assert form.values() == {**VALUES, "NOT_KNOWN": "x"}


def test_the_rest_of_the_form_is_made_after_the_first_paint(form_of: MakeForm, penalty: Item, qtbot: QtBot):
    form = form_of(penalty)

    qtbot.waitUntil(form.is_whole)
    assert form.values() == {}


def test_tab_goes_through_all_fields_in_the_order_of_the_eye(form_of: MakeForm, penalty: Item, qtbot: QtBot):
    form = form_of(penalty)
    form.set_values(VALUES)
    qtbot.waitUntil(form.is_whole)
    first = form.sections()[0].rows[0].editor.inputs()[0]
    seen: list[QWidget] = []
    at = first.nextInFocusChain()
    while at is not first:
        seen.append(at)
        at = at.nextInFocusChain()
    boxes = [row.editor.inputs()[0] for section in form.sections() for row in section.rows][1:]

    places = [seen.index(box) for box in boxes]
    assert places == sorted(places)


def test_what_a_late_field_was_told_is_shown_in_it(penalty: Item, setting: Setting, qtbot: QtBot):
    form = CatalogForm(penalty, setting)
    qtbot.addWidget(form)
    form.set_values({**VALUES, "BZ": "新"})
    form.set_read_only(True)
    form.show_changes({**VALUES, "BZ": "旧"})
    form.set_remarks([Remark("BZ", "平台：有误", "bad")])
    form.set_problems([Problem("BZ", "too_long", params={"limit": 1, "length": 2})])
    notes = form.row("BZ").notes()

    assert notes is not None
    assert (notes.before(), notes.remarks()) == ("原为：旧", ["平台：有误"])
    assert shown_under(form, "BZ") == ["too_long"]
    assert form.row("BZ").read_only


def test_the_section_of_the_subject_comes_first(form_of: MakeForm, catalog: CatalogSet):
    item = catalog.items["GJJ_NDJC"]
    form = form_of(item)

    assert item.fields[0].section != "主体"
    assert form.sections()[0].title == "主体"


def test_tab_goes_from_a_field_to_the_ways_out_of_its_problem_and_on(
    form_of: MakeForm, penalty: Item, qtbot: QtBot
):
    form = form_of(penalty)
    form.make_all()
    form.set_problems([replace(WARNING, path="CF_WSH", suggestion="鹭监罚决〔2026〕1号")])
    form.reveal_all()
    box = form.editor("CF_WSH").inputs()[0]
    notes = form.row("CF_WSH").notes()
    assert notes is not None
    box.setFocus()
    qtbot.waitUntil(box.hasFocus)

    went = []
    for _ in range(3):
        qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
        went.append(QApplication.focusWidget())

    ids = [field.field.id for field in form.rows_made()]
    after = form.editor(ids[ids.index("CF_WSH") + 1]).inputs()[0]
    assert went == [*notes.buttons(), after]

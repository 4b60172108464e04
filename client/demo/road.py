"""The road of a record and of an objection, walked by the real engine over a real socket.

Each step says what it did and its figures; a figure that is not right ends the demo.
"""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, NoReturn

from client.core.times import day_in_shanghai
from client.demo.ground import Ground, Person, Unit, seconds
from client.demo.hall import Hall
from client.demo.sample_files import write_penalties
from client.demo.samples import Office
from client.demo.scan import decision_scan
from client.demo.stick import carry
from client.intake.importing import import_file, write_report
from client.intake.outcome import check_file
from client.store import acts, cases, drafts, outbox, proofs, records, review
from client.store import profile as profiles
from client.store.desk import Desk
from client.sync import cycle, signin
from client.sync.transport import HttpTransport
from client.wiring import enrol_desk, load_catalogs, open_desk, utc_now
from forms.seal.proof import unproved

UNIT: Final = "350200-01"
HALL: Final = "350200-00"
ITEM: Final = "XZCF_FR"
FIELD: Final = "CF_NR_FK"
STAGES_S: Final = 60.0
WATCH_S: Final = 3.0

Say = Callable[[str], None]


class StepFailed(Exception):
    """A step of the demo did not do what it should; the text says which and what came instead."""


def must(holds: object, what: str) -> None:
    """End the demo when something does not hold."""
    if not holds:
        raise StepFailed(what)


@dataclass
class Road:
    """One walk. The steps are called in order; each leaves what the next needs.

    Attributes:
        folder: everything is kept here: the profile, the samples, the reports.
        after: called with the name of each step that was done.
        figures: what is printed at the end; see `run`.
    """

    ground: Ground
    folder: Path
    say: Say
    figures: dict[str, int] = field(default_factory=dict)
    after: Callable[[str], None] = lambda _step: None
    unit: Unit = field(init=False)
    sample: Path = field(init=False)
    hall: Hall = field(init=False)
    import_id: str = ""
    doubled: str = ""
    stored_id: str = ""
    record_id: str = ""
    case_id: str = ""
    claimed: str = ""

    def __post_init__(self) -> None:
        self.unit = self.ground.units[UNIT]

    @property
    def profile(self) -> Path:
        """The folder of the desk."""
        return self.folder / "desk"

    def run(self) -> dict[str, int]:
        """Walk the whole road; return the figures: read, faulty, approved, sent, stored and the rest."""
        for number, step in enumerate(
            (
                self.enrol,
                self.check,
                self.bring_in,
                self.colleague,
                self.review,
                self.send,
                self.by_stick,
                self.object,
                self.decide,
                self.prove,
            ),
            start=1,
        ):
            begun = time.perf_counter()
            text = step()
            self.say(f"{number}. {text}（{time.perf_counter() - begun:.1f} 秒）")
            self.after(step.__name__)
        return self.figures

    # --- the desk -----------------------------------------------------------------------------------

    def enrol(self) -> str:
        """Enrol the desk, let the unit's people unlock it, sign them in."""
        self._join(self.profile, "一楼窗口", ("reporter", "reviewer", "handler", "admin"), code=0)
        return f"登记终端：{self.unit.name}，{len(self.unit.people)} 位操作员已登录"

    def _join(self, profile: Path, name: str, roles: Sequence[str], *, code: int) -> None:
        people = [self.unit.person(role) for role in roles]
        enrol_desk(
            profile,
            url=self.ground.url,
            ca_file=None,
            code=self.unit.enrolment_codes[code],
            desk_name=name,
            operator_name=people[0].operator_id,
            passphrase=people[0].passphrase,
            use_keyring=False,
        )
        with closing(self.open(people[0], profile)) as desk:
            known = {one.operator_id: one for one in profiles.read_operators(desk.db.reader())}
            for person in people[1:]:
                profiles.add_operator(desk, known[person.operator_id], person.passphrase, None)
        for person in people:
            self._sign_in(person, profile, step=code)

    def open(self, person: Person, profile: Path | None = None) -> Desk:
        """Unlock a desk for a person; the first one when none is named."""
        return open_desk(profile or self.profile, person.operator_id, person.passphrase)

    def _sign_in(self, person: Person, profile: Path, *, step: int) -> None:
        """Sign a person in; a one-time code serves one desk, so the second takes that of the next step."""
        with (
            closing(self.open(person, profile)) as desk,
            closing(HttpTransport(self.ground.url)) as transport,
        ):
            code = person.totp(seconds() + 30 * step)
            signin.sign_in(desk, transport, password=person.password, totp=code)

    def sync(self, desk: Desk, *, until: Callable[[], bool]) -> None:
        """Run cycles until something holds; the platform works on what it has received meanwhile."""
        end = time.monotonic() + STAGES_S
        with closing(HttpTransport(self.ground.url)) as transport:
            while True:
                done = cycle.run(
                    desk,
                    transport,
                    progress=lambda _step: None,
                    cancelled=lambda: False,
                    entropy=random.SystemRandom().random,
                    feed_wait_s=1,
                )
                must(done.problem is None, f"同步没有做完：{done.problem}")
                if until():
                    return
                must(time.monotonic() < end, "平台在规定时间内没有处理完")

    # --- a spreadsheet goes in ----------------------------------------------------------------------

    def check(self) -> str:
        """Make the samples and check the penalties; write the error report."""
        self.make_samples()
        outcome = check_file(
            self.sample,
            load_catalogs().current,
            today=day_in_shanghai(utc_now()),
            report=self.folder / "samples" / "错误报告.xlsx",
        )
        kinds = {one.code for one in outcome.problems if one.severity == "error"}
        must(outcome.rows == outcome.ok + outcome.faulty, "校验的合计不对")
        must(len(kinds) >= 10, f"只发现 {len(kinds)} 类问题")
        self.figures |= {"read": outcome.rows, "faulty": outcome.faulty}
        for code in sorted(kinds):
            one = next(found for found in outcome.problems if found.code == code)
            self.say(f"   第 {one.row} 行 {one.column} 列：{one.message}")
        return (
            f"校验 {self.sample.name}：读取 {outcome.rows} 行，有误 {outcome.faulty} 行，{len(kinds)} 类问题"
        )

    def make_samples(self) -> None:
        """Write the spreadsheets that the department hands in."""
        today = day_in_shanghai(utc_now())
        catalog = load_catalogs().current
        samples = self.folder / "samples"
        samples.mkdir(exist_ok=True)
        self.sample = samples / "行政处罚台账.xlsx"
        office = Office(self.unit.name, self.unit.code18)
        for path in (self.sample, samples / "行政处罚台账.csv"):
            write_penalties(
                path, catalog.item(ITEM), office=office, subjects=self.ground.subjects, today=today
            )

    def bring_in(self) -> str:
        """Import the good rows as drafts, twice: the second time brings nothing."""
        with closing(self.open(self.unit.person("reporter"))) as desk:
            done = import_file(desk, self.sample).sum
            self.import_id = done.import_id
            again = import_file(desk, self.sample).sum
            write_report(desk, done.import_id, self.folder / "samples" / "导入错误报告.xlsx")
            ids = [row.record_id for row in records.list_records(desk.db.reader(), import_id=done.import_id)]
            submitted = review.submit(desk, ids, title=self.sample.name, import_id=done.import_id)
        must(done.adds_up() and again.adds_up(), "导入的合计不对")
        must(again.created + again.updated + again.corrected == 0, "同一文件再导入一次，多出了记录")
        must(not submitted.stopped, "合格的行没有全部提交")
        self.figures["submitted"] = len(submitted.submitted)
        return (
            f"导入：读取 {done.rows_read} = 新增 {done.created} + 更新 {done.updated} + 更正 {done.corrected}"
            f" + 跳过 {done.skipped} + 有误 {done.faulty}"
            f"；再导入一次新增 0；提交复核 {len(submitted.submitted)} 条"
        )

    def colleague(self) -> str:
        """At another desk of the unit the same decision was typed by hand, and went up first."""
        with closing(self.open(self.unit.person("reporter"))) as desk:
            act = acts.acts_waiting(desk.db.reader())[0]
            known = {subject["name"] for subject in self.ground.subjects}
            entries = acts.act_entries(desk.db.reader(), act.act_id)
            first = next(entry for entry in entries if entry.subject_name in known)
        profile = self.folder / "desk-2"
        self._join(profile, "二楼窗口", ("handler", "reviewer"), code=1)
        with closing(self.open(self.unit.person("handler"), profile)) as desk:
            record_id = drafts.create(desk, ITEM, first.content["payload"])
            done = review.submit(desk, [record_id], title="手工填报")
        with closing(self.open(self.unit.person("reviewer"), profile)) as desk:
            review.approve(desk, str(done.act_id))
            self.sync(desk, until=lambda: not _under_way(desk))
            must(records.states(desk.db.reader()).get("stored") == 1, "二楼窗口的记录没有入库")
        self.doubled = first.doc_no
        return f"二楼窗口先手工上报了同一份决定：{first.doc_no}"

    def review(self) -> str:
        """A second person approves the whole import in one act, all but one record that goes back."""
        reviewer = self.unit.person("reviewer")
        with closing(self.open(reviewer)) as desk:
            act = acts.acts_waiting(desk.db.reader())[0]
            entries = acts.act_entries(desk.db.reader(), act.act_id)
            known = {subject["name"] for subject in self.ground.subjects}
            back = next(e for e in entries if e.subject_name in known and e.doc_no != self.doubled)
            review.return_(desk, [back.record_id], "请补充违法事实的时间和地点", "CF_SY")
            done = review.approve(desk, act.act_id)
            returned = records.count(desk.db.reader(), state="returned")
        must(done.versions == self.figures["submitted"] - 1 and returned == 1, "复核的条数不对")
        self.figures["approved"] = done.versions
        return f"复核：{reviewer.name} 一次通过 {done.versions} 条，退回 1 条"

    # --- and up -------------------------------------------------------------------------------------

    def send(self) -> str:
        """Send what is approved, and wait until the platform has matched and stored it."""
        with closing(self.open(self.unit.person("reviewer"))) as desk:
            self.sync(desk, until=lambda: not _under_way(desk))
            states = records.states(desk.db.reader())
            self.stored_id = records.list_records(desk.db.reader(), state="stored", limit=1)[0].record_id
            status = outbox.status(desk.db.reader())
        count = {name: states.get(name, 0) for name in ("stored", "rejected", "unmatched", "held", "unknown")}
        sent = self.figures["approved"] - status["queued"]
        must(sent == sum(count.values()), f"发送 {sent} 条，合计却是 {sum(count.values())}：{count}")
        must(count["held"] == count["unknown"] == 0, f"有悬而未决的记录：{count}")
        self.figures |= {"sent": sent, **count}
        return (
            f"发送 {sent} = 入库 {count['stored']} + 退回 {count['rejected']} + 未关联 {count['unmatched']}"
            f" + 平台待处理 {count['held']} + 结果未知 {count['unknown']}"
        )

    def by_stick(self) -> str:
        """What went back is mended, and goes as from an office without a line: on a stick, there and back."""
        with closing(self.open(self.unit.person("reporter"))) as desk:
            back = records.list_records(desk.db.reader(), state="returned", limit=1)[0].record_id
            draft = records.get(desk.db.reader(), back).draft
            assert draft is not None
            drafts.save(desk, back, {**draft.values, "CF_SY": "2026年11月12日在其经营场所查实未按规定公示。"})
            act = review.submit(desk, [back], title="退回后改好")
        with closing(self.open(self.unit.person("reviewer"))) as desk:
            review.approve(desk, str(act.act_id))
            done = carry(desk, self.ground, self.folder / "U盘")
        must(done.packed.code == done.shown_code, "核对码不一样")
        must(done.taken.applied.accepted == 1, f"U 盘带去 1 条，平台接受 {done.taken.applied.accepted} 条")
        self.figures["by_stick"] = done.taken.applied.accepted
        return f"U 盘：报送包 {done.packed.size_bytes:,} 字节，核对码 {done.packed.code}，平台接受 1 条"

    # --- an objection comes down --------------------------------------------------------------------

    def object(self) -> str:
        """Somebody objects at the hall desk; it comes down as a case, with its evidence."""
        with closing(self.open(self.unit.person("handler"))) as desk:
            record_id, old = self._disputed(desk)
            self.hall = Hall(self.ground.url, self.ground.units[HALL])
            self.claimed = "0.5" if old != "0.5" else "0.6"
            self._object_to(record_id, old, self.draw_scan())
            must(self.hall.record(record_id)["disputed"] is True, "平台没有给记录加上异议标注")
            self.sync(desk, until=lambda: bool(cases.list_cases(desk.db.reader())))
            case = cases.get(desk.db.reader(), self.case_id)
            must([one.is_here for one in case.records[0].evidence] == [True], "证据没有取到本机")
        self.record_id = record_id
        return f"异议：{case.row.subject_name}，罚款金额 {old} → 主张 {self.claimed} 万元，证据 1 份"

    def _disputed(self, desk: Desk) -> tuple[str, str]:
        for row in records.list_records(desk.db.reader(), state="stored"):
            head = records.get(desk.db.reader(), row.record_id).head
            if head is not None and isinstance(head.values.get(FIELD), str):
                return row.record_id, str(head.values[FIELD])
        raise StepFailed("没有可以提出异议的入库记录")

    def _object_to(self, record_id: str, old: str, scan: bytes) -> None:
        self.case_id = self.hall.object_to(
            record_id,
            field=FIELD,
            old=old,
            claimed=self.claimed,
            statement="决定书上的罚款金额与公示的不一致，请核实。",
            evidence=scan,
        )

    def object_when_stored(self, scan: bytes) -> None:
        """Wait until the platform has stored a penalty of the unit, and object to it; for a daemon thread."""
        self.hall, self.claimed = Hall(self.ground.url, self.ground.units[HALL]), "0.5"
        while True:
            for one in self.hall.records(self.unit.code):
                head = one["head"]
                if one["stage"] == "stored" and FIELD in (head["payload"] if head else {}):
                    self._object_to(one["record_id"], head["payload"][FIELD], scan)
                    self._read_on_for_ever()
            time.sleep(WATCH_S)

    def _read_on_for_ever(self) -> NoReturn:
        """The hall goes on hearing of the records that it saw, as any desk does."""
        while True:
            self.hall.read_on()
            time.sleep(WATCH_S)

    def draw_scan(self) -> bytes:
        """Draw the document that the applicant brings."""
        fine = f"决定给予罚款人民币 {self.claimed or 0.5} 万元的行政处罚。"
        told = "当事人的行为违反了有关规定，本机关依法作出如下处理："
        return decision_scan("行政处罚决定书", "（示范文书）", (told, fine), self.unit.name)

    def decide(self) -> str:
        """The handler decides, a reviewer confirms, the correction goes up, the platform closes the case."""
        handler, reviewer = self.unit.person("handler"), self.unit.person("reviewer")
        with closing(self.open(handler)) as desk:
            cases.save_decision(desk, self.case_id, self._finding())
            act = cases.submit_decision(desk, self.case_id)
        must(act.act_id is not None, "处理决定没有提交")
        with closing(self.open(reviewer)) as desk:
            review.approve(desk, str(act.act_id))
            self.sync(desk, until=lambda: self._is_closed(desk))
        shown = self.hall.record(self.record_id)
        must(shown["head"]["payload"][FIELD] == self.claimed, "平台上的记录没有改过来")
        must(shown["disputed"] is False, "异议标注没有撤下")
        must(self.hall.case(self.case_id)["state"] == "closed", "平台没有结案")
        self.hall.close()
        self.figures["cases_closed"] = 1
        return f"处理：{handler.name} 更正为 {self.claimed} 万元，{reviewer.name} 确认，平台已更正并结案"

    def _is_closed(self, desk: Desk) -> bool:
        """The platform closes the case when the hall, too, knows of the correction."""
        self.hall.read_on()
        return cases.get(desk.db.reader(), self.case_id).row.state == "closed"

    def _finding(self) -> dict[str, Any]:
        dispute = {
            "record_id": self.record_id,
            "field": FIELD,
            "finding": "correct_to",
            "value": self.claimed,
        }
        return {
            "disputes": [dispute],
            "text": "经核对决定书原件，公示金额录入有误，予以更正。",
        }

    # --- proof --------------------------------------------------------------------------------------

    def prove(self) -> str:
        """Write all receipts to a file and verify each without the database; verify the audit chain."""
        with closing(self.open(self.unit.person("reviewer"))) as desk:
            proof = proofs.receipts_as_json(desk.db.reader())
        path = self.folder / "receipts.json"
        path.write_text(json.dumps(proof, ensure_ascii=False), encoding="utf-8")
        good = len(proof["receipts"])
        bad = unproved(proof["server_key"], proof["receipts"], proof["seals"], proof["server_id"])
        must(good > 0 and not bad, "有回执核不上")
        self.figures["receipts"] = good
        return f"回执：{good} 张全部核验通过（minxin verify {path.name}）"


def _under_way(desk: Desk) -> int:
    moving = ("queued", "sent", "unknown", "held", "checked", "matched")
    return records.count(desk.db.reader(), state=moving)

"""Sentences about cases (办件), by code: what cannot be taken in or said, and why a post came back."""

from __future__ import annotations

from typing import Final

CASES: Final[dict[str, str]] = {
    "case_records": "一件办件要有 1 到 {most} 条记录，同一条只写一次。",
    "application_incomplete": "申请人、事实与理由、有争议的数据项都要写上，再登记。",
    "record_not_held": "本机没有这条记录，平台也没有给出。请核对编号，或请大厅登记。",
    "record_of_others": "这条记录不是本单位报送的。请转给报送的单位，或请大厅登记。",
    "units_differ": "这些记录分属不同单位。请按单位分开登记，用同一个申请编号。",
    "case_doubled": "同一申请人就同一记录、同一理由的异议还在办理（{case_id}）。确是另一件，请注明后再登记。",
    "case_of_others": "这一件说的不是这条记录，不能注明答复它。",
    "case_waits": "这件正在等补正或鉴定，现在不能作决定。请先恢复办理。",
    "case_decided": "这件已经作出决定，正在等各处更正。",
    "outcome_missing": "请选择准予还是不予修复。",
    "event_unfitting": "办件现在的环节不能办这一步。请看过最新情况再办。",
    "event_once": "补正只能一次告知，已经告知过了。",
    "event_incomplete": "还有必须写的没有写，写全了再办。",
    "earlier_refused": "前面一步平台没有接受，这一步也没有生效。请看过最新情况再办。",
    "taken_back": "前面一步已经取回，这一步也一并取回。",
    "case_leased": "另一位同事正在办这件。请等一等，或先办别的。",
    "repair_too_early": "最短公示期还没有满，现在不能准予修复。",
    "case_repeated": "同一申请人以同一理由提的异议还在办理，不用重复登记。",
    "record_of_another_unit": "这条记录不是本机构报送的，平台没有受理登记。请转给报送的机构或大厅。",
    "application_unreadable": "申请文件读不懂。请按 `minxin case show --json` 的写法写。",
    "decision_unreadable": "决定文件读不懂。要一个 JSON：disputes、text，修复还要 outcome。",
    "evidence_program": "“{name}”是程序，没有收。请确认文件来源。",
    "evidence_other_kind": "“{name}”的内容和名字不是一种文件，没有收。请用原来的文件。",
    "evidence_broken": "“{name}”不完整，打不开，没有收。请重新扫描或下载。",
    "post_unknown": "找不到这一步的内容。",
    "lease_offline": "现在连不上平台，没有锁定这件；别人可能同时在办。",
}

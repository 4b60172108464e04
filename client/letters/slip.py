"""The slip (交接单) that goes with a package on a stick: what it is, what is in it, who gave it to whom."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from client.core.packages import Packed
from client.core.times import day_and_clock
from client.letters.column import Column
from client.letters.faces import Faces
from client.letters.paper import Imprint, draw
from client.letters.refusal import refuse_unprintable
from client.store.desk import Desk
from client.store.exports import write_out

ACTION: Final = "slip_printed"
MOST_NAMED: Final = 6
TITLE: Final = "交换包交接单"
SIGNED: Final = "签名　＿＿＿＿＿＿＿＿＿＿　　日期　＿＿＿＿年＿＿月＿＿日＿＿时"


@dataclass(frozen=True, slots=True)
class Slip:
    """All that is printed; numbers and names of the desk, nothing of any record."""

    unit: str
    desk: str
    operator: str
    server_id: str
    packed: Packed
    at: str

    @property
    def facts(self) -> tuple[tuple[str, str], ...]:
        """What it is."""
        one = self.packed
        return (
            ("报送机构", self.unit),
            ("终端", self.desk),
            ("接收平台", self.server_id),
            ("包号", one.package_id),
            ("序号", f"第 {one.package_seq} 号"),
            ("制作时间", day_and_clock(one.created_at)),
            ("有效期到", day_and_clock(one.expires_at)),
            ("文件", _named(one.files)),
            ("大小", f"{max(1, round(one.size_bytes / 1024)):,} KB"),
        )

    @property
    def counts(self) -> tuple[tuple[str, int], ...]:
        """What is in it."""
        load = self.packed.load
        return (
            ("审核", load.approvals),
            ("附件", load.attachments),
            ("批次", load.batches),
            ("记录", load.versions),
        )

    @property
    def made(self) -> str:
        """When and by whom it was printed."""
        return f"{day_and_clock(self.at)}　{self.operator} 打印"


def _named(files: Sequence[str]) -> str:
    """Name the parts, of many the first and the last."""
    if len(files) <= MOST_NAMED:
        return "、".join(files)
    return f"{files[0]} 到 {files[-1]}，共 {len(files):,} 卷"


def print_slip(desk: Desk, packed: Packed, path: Path) -> int:
    """Write the slip of a package as a PDF; return the number of sheets.

    Args:
        desk: that made the package.
        packed: the package.
        path: of the file; one that is there is replaced.

    Raises:
        FileRefused: ``signs_unprintable``, ``file_unwritable``.
    """
    slip = Slip(
        desk.device.unit_name, desk.device.name, desk.operator.name, desk.device.server_id, packed, desk.now()
    )
    return write_out(
        desk,
        path,
        lambda made: slip_pdf(made, slip),
        action=ACTION,
        thing=packed.package_id,
        said={"code": packed.code},
    )


def slip_pdf(path: Path, slip: Slip, faces: Faces | None = None) -> int:
    """Draw a slip on A4."""
    faces = faces or Faces()
    refuse_unprintable(faces.lacking([slip.made, *(text for pair in slip.facts for text in pair)]))
    page = Column(faces, str)
    page.edges(slip.unit, f"闽信通　第 {slip.packed.package_seq} 号包")
    page.line(TITLE, 18)
    page.gap(4)
    for title, value in slip.facts:
        page.pair(title, value)
    page.section("包内")
    page.table(
        [title for title, _ in slip.counts],
        [1] * len(slip.counts),
        [[f"{count:,}" for _, count in slip.counts]],
    )
    page.section("核对码")
    page.gap(2)
    page.line(slip.packed.code, 20)
    page.gap(1.5)
    page.line("平台读入时显示同一个核对码，才是这一个包。", 9.5, "quiet")
    page.section("交接", 60)
    for who in ("送出人", "平台接收人"):
        page.gap(9)
        page.pair(who, SIGNED)
    page.gap(6)
    page.line("包已加密，只有接收平台能打开；丢失时请告知平台，并重新制作。", 9.5, "quiet")
    draw(path, page.sheets, Imprint(title=TITLE, unit=slip.unit, made=slip.made), faces)
    return len(page.sheets)

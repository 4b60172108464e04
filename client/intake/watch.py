"""A watched folder (监视文件夹): what other systems drop there comes in by itself, one file after another.

Nobody looks on. So only what is certain comes in: by a recipe, or of an item that the headings leave no
doubt about. A file is taken once it has stopped growing and no program holds it. Afterwards it lies in
已导入, or in 有误 with the error report or the reason beside it. A bad file never stops the watch. After a
kill the next watch goes on: the same rows twice bring nothing twice.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Generator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from client.errors import ClientError, FileRefused
from client.intake import child
from client.intake.importing import Imported, import_file, write_report
from client.intake.losses import ending_of, losses
from client.intake.placing import is_held
from client.store import import_files
from client.store.desk import Desk

DONE: Final = "已导入"
FAULTY: Final = "有误"
REPORT: Final = "{stem}-错误报告{ending}"
REASON: Final = "{stem}-原因.txt"

HALF_WRITTEN: Final = frozenset(
    {".tmp", ".part", ".partial", ".crdownload", ".download", ".filepart", ".lock"}
)
"""Endings of files that a program is still writing."""

_LOG: Final = logging.getLogger(__name__)

Stamp = tuple[int, int]
"""Size in bytes and time of the last change, in nanoseconds."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a file.

    Attributes:
        outcome: imported, faulty (some rows are), refused, or waiting (tried again later).
        file: its name.
        moved_to: where it lies now, relative to the folder; empty while it waits.
        report: the error report or the reason beside it, relative to the folder.
        code: why it was refused or waits, or what the error report could not keep of it.
        message: the same in words.
        sums: import_id and the parts of the sum.
    """

    outcome: str
    file: str
    moved_to: str = ""
    report: str = ""
    code: str = ""
    message: str = ""
    sums: dict[str, Any] | None = None

    def as_json(self) -> dict[str, Any]:
        """One line of `import --watch --json`."""
        said = {"file": self.file, "outcome": self.outcome, "moved_to": self.moved_to or None}
        said |= {"report": self.report or None, "code": self.code or None, "message": self.message or None}
        return said | (self.sums or {})


class Watch:
    """One folder under watch; `poll` is called again and again."""

    def __init__(
        self, desk: Desk, folder: Path, say: Callable[[ClientError], str], *, item: str | None = None
    ) -> None:
        """Begin to watch.

        Args:
            desk: open, to write.
            folder: that other programs write into; folders within it are left alone.
            say: turns an error into its sentence.
            item: code, when all files are of one item.
        """
        self._desk, self._folder, self._say, self._item = desk, folder, say, item
        self._seen: dict[str, Stamp] = {}
        self._waiting: dict[str, tuple[Stamp, str]] = {}

    def ready(self) -> list[Path]:
        """Return the files that have stopped growing since the last call, the oldest first.

        Raises:
            FileRefused: ``folder_missing``.
        """
        found: dict[str, Stamp] = {}
        try:
            for path in self._folder.iterdir():
                if _is_whole(path) and (stamp := _stamp(path)) is not None:
                    found[path.name] = stamp
        except OSError as error:
            raise FileRefused("folder_missing", name=self._folder.name) from error
        still = [name for name, stamp in found.items() if self._seen.get(name) == stamp]
        self._seen = found
        cut = import_files.cut_short(self._desk.db.reader())
        first = cut.file_name if cut else ""
        still.sort(key=lambda name: (name != first, found[name][1], name))
        return [self._folder / name for name in still if not is_held(self._folder / name)]

    def poll(self, cancelled: child.Cancelled = child.never) -> Generator[Taken, None, None]:
        """Take all files that are ready; a file that waits is told of once.

        Raises:
            FileRefused: ``folder_missing``.
        """
        for path in self.ready():
            if cancelled():
                return
            taken = self._take(path, cancelled)
            if taken is None:
                continue
            if taken.outcome != "waiting":
                self._waiting.pop(path.name, None)
                yield taken
            elif self._waiting.get(path.name) != (mark := (self._seen[path.name], taken.code)):
                self._waiting[path.name] = mark
                yield taken

    def _take(self, path: Path, cancelled: child.Cancelled) -> Taken | None:
        try:
            done = import_file(self._desk, path, item=self._item, sure=True, cancelled=cancelled)
            if not done.sum.faulty:
                return Taken("imported", path.name, self._move(path, DONE), sums=done.as_json())
            return self._report(path, done)
        except child.Stopped:
            return None  # nothing of it was kept; the next watch takes it
        except FileRefused as refused:
            return self._refuse(path, refused)
        except RuntimeError:
            _LOG.exception("a watched file made the reader fail; it is put aside")
            return self._refuse(path, FileRefused("reading_failed"))
        except ClientError as error:  # the desk cannot take it now: a full disk, an import that was cut
            return Taken("waiting", path.name, code=error.code, message=self._say(error))

    def _report(self, path: Path, done: Imported) -> Taken:
        """Put a file aside with its error report: itself, marked, where that is possible."""
        place, rows = _free(self._folder / FAULTY, path.name), done.sum.rows_read
        report = place.with_name(REPORT.format(stem=place.stem, ending=ending_of(path, rows)))
        lost = losses(path, out=report, rows=rows)
        write_report(self._desk, done.sum.import_id, report, source=path, header_row=done.header.row)
        return Taken(
            "faulty", path.name, self._move(path, FAULTY), self._inside(report), "、".join(lost),
            "".join(self._say(ClientError(code)) for code in lost), done.as_json(),
        )  # fmt: skip

    def _refuse(self, path: Path, refused: FileRefused) -> Taken:
        said = self._say(refused)
        try:
            place = _free(self._folder / FAULTY, path.name)
            reason = place.with_name(REASON.format(stem=place.stem))
            reason.write_text(f"{path.name}\n{said}（{refused.code}）\n", encoding="utf-8-sig")
            moved = self._move(path, FAULTY)
        except (OSError, ClientError):  # held by a program, or the folder is full: it lies where it was
            return Taken("waiting", path.name, code=refused.code, message=said)
        return Taken("refused", path.name, moved, self._inside(reason), refused.code, said)

    def _move(self, path: Path, name: str) -> str:
        """Move a file into a folder within; what lies there under its name stays."""
        place = _free(self._folder / name, path.name)
        try:
            path.rename(place)
        except OSError as error:
            raise ClientError("report_unwritable") from error
        return self._inside(place)

    def _inside(self, path: Path) -> str:
        return path.relative_to(self._folder).as_posix()


def _is_whole(path: Path) -> bool:
    """Leave out what is hidden, temporary, half written, or no file."""
    name = path.name
    return not name.startswith(("~", ".")) and path.suffix.lower() not in HALF_WRITTEN and path.is_file()


def _stamp(path: Path) -> Stamp | None:
    try:
        now = path.stat()
    except OSError:  # it went away meanwhile
        return None
    return now.st_size, now.st_mtime_ns


def _free(folder: Path, name: str) -> Path:
    """Return a name in a folder that no file has yet; make the folder.

    Raises:
        ClientError: ``report_unwritable``.
    """
    try:
        folder.mkdir(exist_ok=True)
    except OSError as error:
        raise ClientError("report_unwritable") from error
    place, n = folder / name, 1
    while place.exists():
        n += 1
        place = folder / f"{Path(name).stem} ({n}){Path(name).suffix}"
    return place

"""Every sentence of the viewer."""

from __future__ import annotations

from typing import Final

NAME: Final = "材料"
FILES: Final = "看哪一份材料"
PAGE_OF: Final = "第 {page} 页，共 {count} 页"
PAGE: Final = "{page} / {count}"
BACK: Final = "上一页"
ON: Final = "下一页"
IN: Final = "放大"
OUT: Final = "缩小"
FIT: Final = "适合宽度"
TURN: Final = "旋转"
OPEN: Final = "用电脑里的程序打开"
KEYS: Final = "PageUp PageDown 翻页，+ − 缩放，0 适合宽度，R 旋转"

LOADING: Final = "正在打开…"
NOT_HERE: Final = "还没有取到本机"
NOT_HERE_WAY: Final = "联网同步后可以打开。"
PROGRAM: Final = "“{name}”是一个程序，不是材料，没有打开"
PROGRAM_WAY: Final = "不要在电脑上运行它。请申请人另交扫描件或照片。"
MISNAMED: Final = "“{name}”的内容和文件名说的不一样，不能在这里显示"
MISNAMED_WAY: Final = "请申请人另交一份，或用电脑里的程序试一试。"
OTHER: Final = "这种文件不能在这里显示"
OTHER_WAY: Final = "可以用电脑里的程序打开。"
BROKEN_PICTURE: Final = "这张图片读不出来"
BROKEN_WAY: Final = "文件可能不完整，请申请人另交一份。"
REFUSED: Final[dict[str, tuple[str, str]]] = {
    "pdf_broken": ("这份 PDF 读不出来", BROKEN_WAY),
    "pdf_locked": ("这份 PDF 有打开口令", "请申请人另交一份没有口令的，或用电脑里的程序打开。"),
    "pdf_empty": ("这份 PDF 里一页也没有", BROKEN_WAY),
    "takes_too_long": ("这份 PDF 太复杂，画不出来", OTHER_WAY),
    "needs_too_much_memory": ("这份 PDF 太大，画不出来", OTHER_WAY),
    "reader_broke": ("这份 PDF 读不出来", BROKEN_WAY),
    "attachment_missing": (NOT_HERE, NOT_HERE_WAY),
    "attachment_damaged": ("文件的内容对不上校验值，没有打开", "联网同步后会重新取一份。"),
}

"""Every sentence of printing and exporting."""

from __future__ import annotations

from typing import Final

BUTTON: Final = "导出"
BUTTON_NAME: Final = "打印和导出"
PRINT_RECORD: Final = "打印这条记录"
PRINT_LIST: Final = "打印{title}"
EXPORT: Final = "导出{title}…"
PRINT_KEYS: Final = "Ctrl+P"
EXPORT_KEYS: Final = "Ctrl+Shift+E"
PICK: Final = "导出到"
FILTERS: Final = "Excel 表格 (*.xlsx);;CSV 文本 (*.csv);;PDF (*.pdf)"
FILE_NAME: Final = "{title} {day}.xlsx"
PRINTING: Final = "正在排版…"
PRINTING_ROW: Final = "正在排版，第 {row:,} 行"
EXPORTING: Final = "正在导出，第 {row:,} 行"
STOP: Final = "停止"
EXPORTED: Final = "已导出 {rows:,} 行到 {name}。证件号码已隐去中间几位。"
OPEN: Final = "打开"
NO_VIEWER: Final = "这台电脑没有能打开 PDF 的程序。文件放在 {path}，锁定时自动清除。"
NO_PROGRAM: Final = "这台电脑没有能打开“{kind}”的程序。文件在 {path}。"
WITH_NUMBERS: Final = "用编号代替并继续"
NOTHING: Final = "这里现在没有可以打印或导出的内容。"
BUSY: Final = "上一份还没有写完。"

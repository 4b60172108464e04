"""What a spreadsheet gives, whatever its format: cells and rows. Types only."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

Cell = str | float | int | bool | date | datetime | time | timedelta
"""What a cell holds; a blank one is ``""``."""

Row = tuple[int, list[Cell]]
"""Row number as the spreadsheet shows it, and its cells from column A on."""

Merge = tuple[int, int, int, int]
"""First row, first column, last row, last column of a merged range, all from 0."""

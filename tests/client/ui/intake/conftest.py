"""The page 导入, opened by a reporter."""

from __future__ import annotations

import pytest

WRITER = "许可"


@pytest.fixture
def page(profile, open_window):
    driver = open_window(profile.directory)
    driver.unlock(WRITER)
    driver.page = driver.go("intake")
    return driver

"""设置 · 平台: which platform, which unit, and when it was last heard of."""

from __future__ import annotations

from client import __version__
from client.ui import messages
from client.ui.session import Session
from client.ui.settings.card import Card
from client.ui.settings.verbs import Overview
from client.ui.sync.spans import clock_text
from client.ui.top_bar import unit_words
from client.ui.widgets import buttons


class PlatformCard(Card):
    """See the module."""

    def __init__(self, session: Session) -> None:
        super().__init__("平台")
        self._session = session
        device = session.desk.device
        self.row("平台地址", device.platform_url)
        self.row("本单位", f"{unit_words(device)}（{device.unit_code}）")
        self.row("本终端", f"{device.name}（{device.device_id}）")
        self._contact = self.row("最近联系")
        self._version = self.row("程序版本")
        self.buttons(buttons.plain("联网登录", session.ask_sign_in))

    def show_overview(self, overview: Overview) -> None:
        """Say when the platform last answered."""
        when = clock_text(overview.last_contact_at) if overview.last_contact_at else "还没有联系过"
        why = f"；上次没有成功：{messages.sentence(overview.last_error)}" if overview.last_error else ""
        self._contact.setText(when + why)
        self._version.setText("\n".join([__version__, *overview.notices]))

"""设置 · 平台: which platform, which unit, and a test that says what it really found."""

from __future__ import annotations

from typing import Final

from client.errors import ClientError
from client.ui import messages
from client.ui.session import Session
from client.ui.settings import verbs
from client.ui.settings.card import Card
from client.ui.settings.verbs import Overview, Reached
from client.ui.sync.status import clock_text
from client.ui.top_bar import unit_words
from client.ui.widgets import buttons

CLOCK_TOLERANCE_S: Final = 120


class PlatformCard(Card):
    """See the module."""

    def __init__(self, session: Session) -> None:
        super().__init__("平台")
        self._session = session
        device = session.desk.device
        self.row("平台地址", device.platform_url)
        self.row("证书", device.ca_file or "系统自带的证书")
        self.row("本单位", f"{unit_words(device)}（{device.unit_code}）")
        self.row("本终端", f"{device.name}（{device.device_id}）")
        self._contact = self.row("最近联系")
        self.test_button = buttons.plain("测试连接", self.test)
        self.buttons(self.test_button, buttons.plain("联网登录", session.ask_sign_in))

    def show_overview(self, overview: Overview) -> None:
        """Say when the platform last answered."""
        when = clock_text(overview.last_contact_at) if overview.last_contact_at else "还没有联系过"
        why = f"；上次没有成功：{messages.sentence(overview.last_error)}" if overview.last_error else ""
        self._contact.setText(when + why)

    def test(self) -> None:
        """Ask the platform who it is."""
        self.test_button.setEnabled(False)
        self.say("正在联系平台…")
        desk = self._session.desk
        self._session.tasks.net(
            lambda _progress, _cancelled: verbs.test_line(desk),
            self._reached,
            self._not_reached,
            ended=lambda: self.test_button.setEnabled(True),
        )

    def _reached(self, reached: Reached) -> None:
        seconds = round(reached.ahead.total_seconds())
        if abs(seconds) > CLOCK_TOLERANCE_S:
            side = "慢" if seconds > 0 else "快"
            self.say(f"连接正常，但这台电脑的时间{side}了 {abs(seconds):,} 秒，请校准。", "warn")
        else:
            self.say(f"连接正常，是本单位登记的平台。目录 {reached.hello.catalog_set}，时间一致。", "good")

    def _not_reached(self, error: ClientError) -> None:
        self.say(f"{messages.sentence(error)}（{error.code}）", "bad")

"""The first start, done: drives the enrolment panel, the platform and the new profile.

The device's key is handed in: it is kept before it is sent, so that an answer that was lost on the
way costs no second code.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from client.core.ids import NewId
from client.store import profile as profiles
from client.sync import signin
from client.sync.lines import own_copy, to_address, with_own_copy
from client.sync.ways import Way, manual
from client.ui import messages
from client.ui.enrol import EnrolPanel, Joining
from client.ui.session import Halves
from client.ui.tasks import Tasks
from client.ui.top_bar import unit_words
from forms.seal.keys import SigningKey


class Enrolment(QObject):
    """One first start.

    Signals:
        done(str, str): the profile is there; name and passphrase of the first operator, to unlock it.
    """

    done = Signal(str, str)

    def __init__(
        self,
        tasks: Tasks,
        profile: Path,
        halves: Halves,
        clock: Callable[[], datetime],
        new_id: NewId,
        device_key: Callable[[], SigningKey],
        way: Callable[[], Way],
        set_way: Callable[[Way], bool],
    ) -> None:
        super().__init__(tasks)
        self._tasks, self._profile, self._halves = tasks, profile, halves
        self._clock, self._new_id = clock, new_id
        self._device_key, self._way, self._set_way = device_key, way, set_way
        self.panel = EnrolPanel()
        self.panel.join.asked.connect(self._join)

    def _join(self, joining: Joining) -> None:
        join = self.panel.join
        join.set_busy(True)
        self._tasks.net(
            lambda _progress, _cancelled: self._enrolled(joining),
            self._ask_first,
            lambda error: join.refuse(messages.sentence(error)),
        )

    def _enrolled(self, joining: Joining) -> signin.Enrolled:
        """Enrol on the way that was typed, believing the authority that was chosen."""
        if joining.proxy:
            self._set_way(manual(joining.proxy))
        ca_file = str(own_copy(joining.ca_file, self._profile)) if joining.ca_file is not None else None
        line = to_address(joining.url, ca_file, self._way())
        try:
            return signin.enrol(
                line,
                url=joining.url,
                ca_file=ca_file,
                code=joining.code,
                name=joining.desk_name,
                device_key=self._device_key(),
            )
        finally:
            line.close()

    def _ask_first(self, enrolled: signin.Enrolled) -> None:
        card = self.panel.show_operators(unit_words(enrolled.device), enrolled.operators)

        def create(operator_id: str, passphrase: str) -> None:
            card.set_busy(True)
            first = profiles.NewOperator(operator_id, passphrase)
            name = next(one.name for one in enrolled.operators if one.operator_id == operator_id)
            self._tasks.write(
                lambda: self._create(enrolled, first),
                lambda _nothing: self.done.emit(name, passphrase),
                lambda error: card.refuse(messages.sentence(error)),
            )

        card.asked.connect(create)

    def _create(self, enrolled: signin.Enrolled, first: profiles.NewOperator) -> None:
        profile_id = self._new_id()
        profiles.create_profile(
            self._profile,
            profile_id=profile_id,
            device=with_own_copy(enrolled.device, self._profile),
            device_key=self._device_key(),
            operators=enrolled.operators,
            first=first,
            possession=self._halves.store(profile_id, first.operator_id),
            clock=self._clock,
        )

"""Who works at a desk, and what the platform knows the desk as."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

Role = Literal["reporter", "reviewer", "handler", "liaison", "admin", "auditor"]
"""填报员, 复核员, 异议处理员, 联络员, 机构管理员, 审计员."""

ROLES: Final[frozenset[str]] = frozenset({"reporter", "reviewer", "handler", "liaison", "admin", "auditor"})


@dataclass(frozen=True, slots=True)
class Operator:
    """An operator (操作员) of the unit.

    Attributes:
        operator_id: given by the platform.
        roles: of `Role`; roles that this program does not know are kept.
    """

    operator_id: str
    name: str
    roles: frozenset[str]


@dataclass(frozen=True, slots=True)
class Device:
    """The device (终端): this desk as the platform knows it since enrolment.

    Attributes:
        ca_file: certificate authority of the platform, when it is not a public one.
        server_key: the platform's public key, as text; receipts are held against it.
        epoch: changes when the platform was restored.
        package_key: public key that packages for the platform are encrypted for; None until it said one.
    """

    device_id: str
    name: str
    unit_code: str
    unit_name: str
    city: str
    platform_url: str
    ca_file: str | None
    server_id: str
    server_key: str
    epoch: str
    package_key: str | None = None

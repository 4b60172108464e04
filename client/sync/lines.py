"""The line of a desk: to its platform, on the way that is set, believing the authority that is set."""

from __future__ import annotations

import ssl
from dataclasses import replace
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from client.core.people import Device
from client.errors import LinkError
from client.store import link
from client.store.desk import Desk
from client.store.files import write_whole
from client.sync.transport import HttpTransport, checked_address
from client.sync.tunnel import Shown, shown
from client.sync.ways import STRAIGHT, Way, proxies_to

CA_FILE: Final = "ca.pem"
"""In the profile: a copy, so that an update, a stick pulled out or a tidy desktop takes nothing away."""

MOST_CA_BYTES: Final = 1 << 20


def to_platform(desk: Desk, way: Way = STRAIGHT) -> HttpTransport:
    """Return the line to the desk's platform.

    Raises:
        LinkError: as `HttpTransport` and `proxies_to`.
    """
    return to_address(desk.device.platform_url, ca_path(desk), way)


def to_address(address: str, ca_file: str | None, way: Way) -> HttpTransport:
    """Return a line to an address."""
    address = checked_address(address)
    return HttpTransport(address, ca_file=ca_file, proxies=proxies_to(address, way))


def ca_path(desk: Desk) -> str | None:
    """Return where the desk's own authority lies; None when those of the system are believed."""
    named = desk.device.ca_file
    return str(desk.profile / named) if named else None


def use_ca_file(desk: Desk, source: Path | None) -> None:
    """Believe only the authority in a file from now on, PEM or DER; None: those of the system.

    Raises:
        LinkError: ``ca_file_missing``; ``ca_file_unreadable``: there is no certificate in it.
        StoreError: the copy could not be written.
    """
    if source is not None:
        own_copy(source, desk.profile)
    link.set_ca_file(desk, CA_FILE if source is not None else None)


def with_own_copy(device: Device, profile: Path) -> Device:
    """Copy the authority that a desk was enrolled with into its profile, and name the copy.

    Raises:
        LinkError, StoreError: as `use_ca_file`.
    """
    if device.ca_file is None:
        return device
    own_copy(Path(device.ca_file), profile)
    return replace(device, ca_file=CA_FILE)


def own_copy(source: Path, profile: Path) -> Path:
    """Copy an authority, PEM or DER, into a profile as PEM; raises as `use_ca_file`."""
    write_whole(profile / CA_FILE, read_authorities(source))
    return profile / CA_FILE


def first_authority(source: Path) -> Shown:
    """Return whose authority a file holds and how long it is good; raises LinkError as `use_ca_file`."""
    return shown(x509.load_pem_x509_certificates(read_authorities(source))[0])


def read_authorities(source: Path) -> bytes:
    """Return the certificates of a file as PEM text; raises LinkError as `use_ca_file`."""
    try:
        with source.open("rb") as file:
            said = file.read(MOST_CA_BYTES)
    except OSError as error:
        raise LinkError("ca_file_missing") from error
    try:
        found = (
            x509.load_pem_x509_certificates(said)
            if b"-----BEGIN" in said
            else [x509.load_der_x509_certificate(said)]
        )
        text = b"".join(one.public_bytes(Encoding.PEM) for one in found)
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cadata=text.decode("ascii"))
    except (ValueError, ssl.SSLError) as error:
        raise LinkError("ca_file_unreadable") from error
    return text

"""Workbooks under an opening password, locked as Excel and LibreOffice lock them.

Source: [MS-CFB] 2; [MS-OFFCRYPTO] 2.3.4 (standard encryption), 2.3.6 (RC4); [MS-XLS] 2.2.10; OpenDocument 1.2
part 3, 3.4. The salts stand still, so that the same input gives the same file.
"""

from __future__ import annotations

import hashlib
import struct
import zipfile
import zlib
from base64 import b64encode
from collections.abc import Mapping
from pathlib import Path

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

PASSWORD = "口令1234"
SALT = bytes(range(16))
VERIFIER = bytes(range(16, 32))

_END, _FREE, _TABLE, _NONE = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD, 0xFFFFFFFF
_SECTOR, _MINI, _SMALL = 512, 64, 4096
_INTERFACE, _BOUND_SHEET, _BOF, _FILE_PASS = 0x00E1, 0x0085, 0x0809, 0x002F


# --- compound files ---


def compound(streams: Mapping[str, bytes]) -> bytes:
    """Write a compound file: small streams within the root's, large ones in sectors of their own."""
    table: list[int] = []
    body = bytearray()

    def store(content: bytes) -> int:
        if not content:
            return _END
        first, count = len(table), -(-len(content) // _SECTOR)
        table.extend([*range(first + 1, first + count), _END])
        body.extend(content.ljust(count * _SECTOR, b"\0"))
        return first

    mini, mini_table = bytearray(), list[int]()
    places: dict[str, int] = {}
    for name, content in streams.items():
        if len(content) >= _SMALL:
            places[name] = store(content)
            continue
        places[name], count = len(mini_table), -(-len(content) // _MINI)
        mini_table += [*range(places[name] + 1, places[name] + count), _END]
        mini += content.ljust(count * _MINI, b"\0")
    root = store(bytes(mini))
    first_mini = store(struct.pack(f"<{len(mini_table)}I", *mini_table)) if mini_table else _END
    names = sorted(streams, key=lambda name: (len(name), name.upper()))
    entries = [_entry("Root Entry", 5, root, len(mini), child=1)]
    entries += [
        _entry(name, 2, places[name], len(streams[name]), right=n + 2 if n + 1 < len(names) else _NONE)
        for n, name in enumerate(names)
    ]
    directory = store(b"".join(entries))
    tables = 1
    while (len(table) + tables) > tables * (_SECTOR // 4):
        tables += 1
    own = list(range(len(table), len(table) + tables))
    table += [_TABLE] * tables
    table += [_FREE] * (tables * (_SECTOR // 4) - len(table))
    header = bytearray(_SECTOR)
    header[:8] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
    struct.pack_into("<HHHHH", header, 24, 0x3E, 3, 0xFFFE, 9, 6)
    mini_sectors = -(-len(mini_table) * 4 // _SECTOR)
    struct.pack_into("<IIIIIIII", header, 44, tables, directory, 0, _SMALL, first_mini, mini_sectors, _END, 0)
    struct.pack_into("<109I", header, 76, *own, *[_FREE] * (109 - tables))
    return bytes(header) + bytes(body) + struct.pack(f"<{len(table)}I", *table)


def _entry(name: str, kind: int, start: int, size: int, *, child: int = _NONE, right: int = _NONE) -> bytes:
    raw = (name + "\0").encode("utf-16-le")
    head = struct.pack("<64sHBBIII", raw, len(raw), kind, 1, _NONE, right, child)
    return (head + bytes(36) + struct.pack("<IQ", start, size)).ljust(128, b"\0")


# --- .xlsx ---


def lock_xlsx(path: Path) -> Path:
    """Put a workbook under the password, as Excel 2007 does."""
    salt, plain = SALT, path.read_bytes()
    key = _office_key(salt)
    provider = "Microsoft Enhanced RSA and AES Cryptographic Provider\0".encode("utf-16-le")
    header = struct.pack("<8I", 0x24, 0, 0x660E, 0x8004, 128, 0x18, 0, 0) + provider
    info = struct.pack("<HHII", 4, 2, 0x24, len(header)) + header
    info += struct.pack("<I", 16) + salt + _aes(key, VERIFIER)
    info += struct.pack("<I", 20) + _aes(key, hashlib.sha1(VERIFIER).digest().ljust(32, b"\0"))
    package = struct.pack("<Q", len(plain)) + _aes(key, plain.ljust(-(-len(plain) // 16) * 16, b"\0"))
    path.write_bytes(compound({"EncryptionInfo": info, "EncryptedPackage": package}))
    return path


def _office_key(salt: bytes) -> bytes:
    digest = hashlib.sha1(salt + PASSWORD.encode("utf-16-le")).digest()
    for turn in range(50_000):
        digest = hashlib.sha1(struct.pack("<I", turn) + digest).digest()
    digest = hashlib.sha1(digest + bytes(4)).digest()
    padded = bytes(0x36 ^ byte for byte in digest.ljust(64, b"\0"))
    return hashlib.sha1(padded).digest()[:16]


def _aes(key: bytes, plain: bytes) -> bytes:
    cipher = Cipher(algorithms.AES(key), modes.ECB()).encryptor()
    return cipher.update(plain) + cipher.finalize()


# --- .xls ---


def lock_xls(path: Path, stream: bytes) -> Path:
    """Put the stream of an .xls under the password, as Excel 97 to 2003 do."""
    secret = hashlib.md5(PASSWORD.encode("utf-16-le")).digest()[:5]
    secret = hashlib.md5((secret + SALT) * 16).digest()[:5]
    check = _rc4(hashlib.md5(secret + bytes(4)).digest(), VERIFIER + hashlib.md5(VERIFIER).digest())
    pass_record = struct.pack("<HHHHH", _FILE_PASS, 54, 1, 1, 1) + SALT + check
    first = 4 + struct.unpack_from("<H", stream, 2)[0]
    plain = bytearray(stream[:first] + pass_record + stream[first:])
    open_bytes = bytearray(len(plain))
    start = 0
    while start + 4 <= len(plain):
        kind, length = struct.unpack_from("<HH", plain, start)
        left_open = 4
        if kind == _BOUND_SHEET:
            place = struct.unpack_from("<I", plain, start + 4)[0] + len(pass_record)
            struct.pack_into("<I", plain, start + 4, place)
            left_open = 8
        elif kind in {_BOF, _FILE_PASS, _INTERFACE}:
            left_open = 4 + length
        open_bytes[start : start + left_open] = b"\1" * left_open
        start += 4 + length
    for block in range(0, len(plain), 1024):
        key = hashlib.md5(secret + struct.pack("<I", block // 1024)).digest()
        closed = _rc4(key, bytes(plain[block : block + 1024]))
        for step, byte in enumerate(closed):
            if not open_bytes[block + step]:
                plain[block + step] = byte
    path.write_bytes(compound({"Workbook": bytes(plain).ljust(_SMALL, b"\0")}))
    return path


def _rc4(key: bytes, plain: bytes) -> bytes:
    box, at = list(range(256)), 0
    for n in range(256):
        at = (at + box[n] + key[n % len(key)]) % 256
        box[n], box[at] = box[at], box[n]
    out, at = bytearray(), 0
    for n, byte in enumerate(plain, start=1):
        here = n % 256
        at = (at + box[here]) % 256
        box[here], box[at] = box[at], box[here]
        out.append(byte ^ box[(box[here] + box[at]) % 256])
    return bytes(out)


# --- .ods ---


def lock_ods(path: Path) -> Path:
    """Put an OpenDocument spreadsheet under the password, as LibreOffice does."""
    with zipfile.ZipFile(path) as plain:
        parts = {name: plain.read(name) for name in plain.namelist()}
    start = hashlib.sha256(PASSWORD.encode()).digest()
    key = hashlib.pbkdf2_hmac("sha1", start, SALT, 100_000, 32)
    packer = zlib.compressobj(wbits=-15)
    packed = packer.compress(parts["content.xml"]) + packer.flush()
    padding = 16 - len(packed) % 16
    cipher = Cipher(algorithms.AES(key), modes.CBC(SALT)).encryptor()
    closed = cipher.update(packed + bytes(padding - 1) + bytes([padding])) + cipher.finalize()
    parts["META-INF/manifest.xml"] = _manifest(parts, hashlib.sha256(packed[:1024]).digest()).encode()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as out:
        for name, content in parts.items():
            out.writestr(name, closed if name == "content.xml" else content)
    return path


def _manifest(parts: Mapping[str, bytes], check: bytes) -> str:
    space, rest = "urn:oasis:names:tc:opendocument:xmlns:manifest:1.0", "http://www.w3.org/2001/04/xmlenc#"
    text = {what: b64encode(raw).decode() for what, raw in (("check", check), ("salt", SALT))}
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<manifest:manifest xmlns:manifest="{space}"'
        ' manifest:version="1.2"><manifest:file-entry manifest:full-path="/"'
        ' manifest:media-type="application/vnd.oasis.opendocument.spreadsheet"/>'
        f'<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"'
        f' manifest:size="{len(parts["content.xml"])}"><manifest:encryption-data'
        f' manifest:checksum-type="{space.rpartition(":")[0]}#sha256-1k" manifest:checksum="{text["check"]}">'
        f'<manifest:algorithm manifest:algorithm-name="{rest}aes256-cbc"'
        f' manifest:initialisation-vector="{text["salt"]}"/>'
        '<manifest:key-derivation manifest:key-derivation-name="PBKDF2" manifest:key-size="32"'
        f' manifest:iteration-count="100000" manifest:salt="{text["salt"]}"/>'
        f'<manifest:start-key-generation manifest:start-key-generation-name="{rest}sha256"'
        ' manifest:key-size="32"/></manifest:encryption-data></manifest:file-entry>'
        '<manifest:file-entry manifest:full-path="styles.xml" manifest:media-type="text/xml"/>'
        "</manifest:manifest>"
    )

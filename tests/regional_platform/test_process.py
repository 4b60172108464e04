"""The platform as a process: starting, stopping, being killed, and its commands."""

from __future__ import annotations

import json
import os
import random
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from ipaddress import ip_address
from pathlib import Path

import pytest
import requests
from click.testing import CliRunner
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from sqlalchemy import create_engine

from regional_platform.cli import main
from regional_platform.serving import listen
from regional_platform.settings import Settings, database_url
from tests.conftest import running_platform
from tests.databases import on_a_file, on_a_server

TREE = Path(__file__).parents[2]
KILLS = 6
ORDINARY = Settings("", Path())


ENVIRONMENT = {"PYTHONPATH": str(TREE), "PATH": "/usr/bin"}


def run(*arguments):
    """A command, in this process: starting Python takes longer than what is tried here."""
    return CliRunner().invoke(main, [str(one) for one in arguments])


def test_serve_in_an_empty_folder_lays_out_a_database_and_answers(tmp_path):
    process = subprocess.Popen(
        [sys.executable, "-m", "regional_platform.cli", "serve", "--port", "0"],
        cwd=tmp_path, stdout=subprocess.PIPE, env=ENVIRONMENT,
    )  # fmt: skip
    try:
        url = json.loads(process.stdout.readline())["listening"]
        assert requests.get(f"{url}/v1/hello", timeout=20).json()["protocol"] == {"min": 1, "max": 1}
    finally:
        process.terminate()
        process.wait(20)
        process.stdout.close()

    assert (tmp_path / "minxin-platform.db").exists()


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "platform.example"])
def test_plain_http_beyond_this_machine_is_refused(tmp_path, host):
    ran = run("serve", "--host", host, "--port", "0", "--database", tmp_path / "p.db")

    assert (ran.exit_code, ran.stdout) == (2, "")
    assert "--tls-cert" in ran.stderr


def test_an_answer_leaves_at_once_and_not_with_the_acknowledgement_of_its_first_part():
    """asyncio sets TCP_NODELAY on what it accepts only where the socket is named as TCP."""
    with listen("127.0.0.1", 0) as listening:
        listening.listen()
        with socket.create_connection(listening.getsockname()):
            accepted, _ = listening.accept()
            with accepted:
                assert accepted.proto == socket.IPPROTO_TCP


def test_a_port_that_is_taken_is_said_in_words(tmp_path):
    with listen("127.0.0.1", 0) as taken:
        taken.listen()
        ran = run("serve", "--port", taken.getsockname()[1], "--database", tmp_path / "p.db")

    assert ran.exit_code == 2
    assert "不能监听" in ran.stderr


@on_a_file
def test_a_waiting_reader_does_not_keep_the_platform_from_stopping(platform, desk_at):
    desk = desk_at()
    desk.token("reporter")

    def wait():
        with suppress(requests.ConnectionError):  # when the platform stopped before it was asked
            desk.feed(wait=30)

    waiting = threading.Thread(target=wait)
    waiting.start()
    for _ in range(5):
        requests.get(f"{platform.url}/v1/hello", timeout=20)
    started = time.monotonic()

    platform.stop()
    waiting.join(20)
    assert time.monotonic() - started < 9


def test_subjects_loaded_while_it_runs_are_matched(served, desk, tmp_path):
    content = desk.content(payload={"CF_XDR_MC": "厦门市另一家有限公司"})
    desk.send([content])
    desk.stages([content["version_id"]], "unmatched")
    file = tmp_path / "subjects.csv"
    code = content["payload"]["CF_XDR_SHXYM"]
    file.write_text(f"code,name,representative\n{code},厦门市另一家有限公司,林小满\n", encoding="utf-8-sig")

    loaded = run("subjects", "load", "--database", served.database, file)
    assert json.loads(loaded.stdout) == {"loaded": 1, "matched_again": 1}
    assert desk.stages([content["version_id"]]) == ["unmatched", "matched", "stored"]


@pytest.mark.parametrize("text", ["", "a,b\n1,2\n", "[1]", '{"subjects": [{}]}'])
def test_a_file_of_subjects_that_is_none_is_refused(tmp_path, text):
    file = tmp_path / ("subjects.json" if text[:1] in "[{" and text else "subjects.csv")
    file.write_text(text, encoding="utf-8")
    ran = run("subjects", "load", "--database", tmp_path / "p.db", file)

    assert ran.exit_code == (0 if text == "" else 2)


@on_a_file
def test_a_second_seed_is_refused(seeded_platform, tmp_path):
    with seeded_platform.copied(tmp_path) as database:
        ran = run("seed", "--database", database, "--demo", tmp_path / "x.json")

    assert ran.exit_code == 2
    assert not (tmp_path / "x.json").exists()


@on_a_file
def test_killed_again_and_again_while_it_works_it_loses_and_doubles_nothing(platform, desk_at):
    """The desk sends every batch until it has an answer; the platform is killed at random moments."""
    chance, pause = random.Random(7), threading.Event()

    def kill():
        for _ in range(KILLS):
            pause.wait(chance.uniform(0.01, 0.12))
            platform.restart()

    loses_and_doubles_nothing(platform, [desk_at()], kill)


@on_a_server
def test_workers_killed_at_random_lose_and_double_nothing(seeded_platform, desk_at, crew):
    """Three workers on one database; desks of two units go on sending, and a worker dies now and then."""
    chance, pause = random.Random(11), threading.Event()

    def kill():
        for _ in range(KILLS):
            pause.wait(chance.uniform(0.05, 0.4))
            if workers := workers_of(crew.pid):
                os.kill(chance.choice(workers), signal.SIGKILL)

    loses_and_doubles_nothing(crew, [desk_at("350200-01", of=crew), desk_at("350600-01", of=crew)], kill)
    crew.stop()
    assert '"code": -9' in crew.log.read_text(encoding="utf-8")


@pytest.fixture
def crew(seeded_platform, tmp_path):
    """A platform of three workers; it says of each that dies that another takes its place."""
    for running in running_platform(seeded_platform, tmp_path / "crew", "--workers", "3"):
        running.quiet = False
        yield running


def workers_of(parent):
    """The processes that serve: children of the one that forks them."""

    def children(pid):
        with suppress(FileNotFoundError):
            return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
        return []

    return [worker for child in children(parent) for worker in children(child)]


def loses_and_doubles_nothing(platform, desks, kill):
    """Send 200 records in batches of ten while `kill` does its work, and look at what is there then."""
    per_desk = 20 // len(desks)
    contents = {
        desk.device_id: [[desk.content(n * 10 + k) for k in range(10)] for n in range(per_desk)]
        for desk in desks
    }
    batches = {
        desk.device_id: [desk.batch(desk.approved(group)) for group in contents[desk.device_id]]
        for desk in desks
    }
    answers, pause = {}, threading.Event()

    def send_all(desk):
        for batch in batches[desk.device_id]:
            while batch["batch_id"] not in answers:
                try:
                    answer = desk.post(batch)
                except requests.RequestException:
                    pause.wait(0.02)  # while it starts again it takes no connection
                    continue
                assert answer.status_code == 200, answer.text
                answers[batch["batch_id"]] = answer.content

    with ThreadPoolExecutor(len(desks)) as threads:
        sending = [threads.submit(send_all, desk) for desk in desks]
        kill()
        for one in sending:
            one.result(60)
    for desk in desks:
        versions = [one["version_id"] for group in contents[desk.device_id] for one in group]
        count = per_desk * 10
        assert sorted(desk.stages(versions)) == ["matched"] * count + ["stored"] * count
        assert [one["seq"] for one in desk.feed(limit=1000)["items"]] == list(range(1, 2 * count + 1))
        for batch in batches[desk.device_id]:
            again = desk.call("GET", f"/v1/batches/{batch['batch_id']}")
            assert again.content == answers[batch["batch_id"]]
    engine = create_engine(database_url(str(platform.database)))
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            assert connection.exec_driver_sql("PRAGMA integrity_check").scalar_one() == "ok"
        for table, count in {
            "version": 200,
            "record": 200,
            "version_key": 200,
            "batch": 20,
            "job": 0,
        }.items():
            assert connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar_one() == count
        numbers = connection.exec_driver_sql("SELECT count(DISTINCT receipt_no) FROM version_key")
        assert numbers.scalar_one() == 200
    engine.dispose()


@on_a_server
def test_workers_say_once_that_they_listen_count_together_and_end_with_their_parent(crew):
    assert len(workers_of(crew.pid)) == 3
    for _ in range(12):
        requests.get(f"{crew.url}/v1/hello", timeout=20)

    let_in, refilled = at_the_door(crew, ORDINARY.door_burst + 60)
    counts = requests.get(f"{crew.url}/metrics", timeout=20).text
    workers = workers_of(crew.pid)
    crew.kill()
    assert re.search(r'minxin_requests_total\{[^}]*"/v1/hello"[^}]*\} 12', counts)
    assert 0 <= let_in - ORDINARY.door_burst <= refilled + 1
    until = time.monotonic() + 20
    while any(alive(one) for one in workers):
        assert time.monotonic() < until


def at_the_door(crew, times):
    """Knock so often, each time on a line of its own, so that all workers are asked.

    Returns how often one was let in, and how often more meanwhile than after a rest.
    """

    def let_in():
        with closing(HTTPConnection(crew.url.removeprefix("http://"))) as line:
            line.request("POST", "/v1/sessions", b"{}", {"Content-Type": "application/json"})
            return line.getresponse().status != 429

    started = time.monotonic()
    count = sum(let_in() for _ in range(times))
    return count, (time.monotonic() - started) * ORDINARY.door_per_minute / 60


def alive(pid):
    with suppress(FileNotFoundError, ProcessLookupError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


def test_a_database_that_cannot_be_reached_is_said_in_words():
    ran = run("serve", "--port", "0", "--database", "postgresql+psycopg://nobody@/none?host=/nowhere")

    assert (ran.exit_code, ran.stdout) == (2, "")
    assert "数据库连不上" in ran.stderr


def test_with_a_certificate_it_speaks_tls(tmp_path):
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    today = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(today - timedelta(days=1))
        .not_valid_after(today + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, SHA256())
    )
    cert, secret = tmp_path / "cert.pem", tmp_path / "key.pem"
    cert.write_bytes(certificate.public_bytes(Encoding.PEM))
    secret.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    process = subprocess.Popen(
        [sys.executable, "-m", "regional_platform.cli", "serve", "--port", "0", "--host", "0.0.0.0",
         "--tls-cert", str(cert), "--tls-key", str(secret)],
        cwd=tmp_path, stdout=subprocess.PIPE, env=ENVIRONMENT,
    )  # fmt: skip
    try:
        port = json.loads(process.stdout.readline())["listening"].rpartition(":")[2]
        assert requests.get(f"https://127.0.0.1:{port}/v1/hello", verify=str(cert), timeout=20).ok
    finally:
        process.terminate()
        process.wait(20)
        process.stdout.close()


@pytest.mark.parametrize("content", ["", "no certificate"])
def test_a_certificate_that_is_none_is_said_in_words(tmp_path, content):
    file = tmp_path / "cert.pem"
    file.write_text(content)
    ran = run("serve", "--port", "0", "--database", tmp_path / "p.db", "--tls-cert", file, "--tls-key", file)

    assert ran.exit_code == 2
    assert "证书" in ran.stderr


OTHER_ID = "018f0000-0000-7000-8000-000000000000"


@on_a_file
def test_who_hangs_up_in_the_middle_leaves_nothing_in_the_log(served, desk, caplog):
    media = {
        "POST /v1/batches": "vnd.minxin.batch+json", "POST /v1/cases": "json",
        f"PATCH /v1/uploads/{OTHER_ID}": "offset+octet-stream",
    }  # fmt: skip
    for asked, kind in media.items():
        head = (
            f"{asked} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {desk.token('reporter')}\r\n"
            f"Content-Type: application/{kind}\r\nContent-Length: 1000\r\n\r\nabc"
        )
        with socket.create_connection(("127.0.0.1", int(served.url.rpartition(":")[2]))) as line:
            line.sendall(head.encode())

    assert requests.get(f"{served.url}/v1/hello", timeout=20).ok
    served.stop()
    assert caplog.records == []
    served.start()

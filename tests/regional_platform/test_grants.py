"""Rights are a role over a unit and all below it; what older databases hold is carried over."""

from __future__ import annotations

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine, text
from sqlalchemy.exc import IntegrityError

from regional_platform.auth.callers import Caller
from regional_platform.auth.grants import Grant, grants_of, roles_at
from regional_platform.store.engine import open_store
from regional_platform.store.migrate import MIGRATIONS

CITY_ADMIN = Caller(
    operator_id="a", roles=frozenset({"reporter"}), unit="350200-01", path="minnan/350200/350200-01/",
    city="350200", device_id="d", token_sha256="t",
    grants=(Grant("admin", "minnan/350200/"), Grant("reporter", "minnan/350200/350200-01/")),
)  # fmt: skip


@pytest.mark.parametrize(
    ("role", "path", "may", "sees"),
    [
        pytest.param("admin", "minnan/350200/", True, True, id="the unit of the grant"),
        pytest.param("admin", "minnan/350200/350200-02/", True, True, id="a unit below it"),
        pytest.param("admin", "minnan/350200/350200-01/350200-01-01/", True, True, id="two levels below"),
        pytest.param("admin", "minnan/", False, False, id="the unit above"),
        pytest.param("admin", "minnan/350600/", False, False, id="the city beside"),
        pytest.param("admin", "minnan/3502001/", False, False, id="a code that only begins alike"),
        pytest.param("reporter", "minnan/350200/350200-02/", False, True, id="another role than held"),
        pytest.param("reporter", "minnan/350200/350200-01/350200-01-01/", True, True, id="the own station"),
    ],
)
def test_a_grant_holds_for_its_unit_and_all_below_it(role, path, may, sees):
    assert (CITY_ADMIN.may(role, path), CITY_ADMIN.sees(path)) == (may, sees)


def test_the_roles_at_a_unit_are_those_granted_there_and_above():
    held = (Grant("hall", "minnan/"), Grant("admin", "minnan/350200/350200-00/"))

    assert roles_at(held, "minnan/350200/350200-00/") == {"hall", "admin"}
    assert roles_at(held, "minnan/350600/") == {"hall"}


def test_a_grant_is_never_deleted_and_ends_once(served):
    def refused(act):
        with (
            pytest.raises(IntegrityError, match="append-only"),
            served.platform.store.writing() as connection,
        ):
            connection.execute(text(act))

    refused("DELETE FROM role_grant")
    refused("UPDATE role_grant SET role = 'admin', ended_at = '2026-11-24T00:00:00.000Z'")
    refused("UPDATE role_grant SET ended_by = 'x'")
    with served.platform.store.writing() as connection:
        connection.execute(text("UPDATE role_grant SET ended_at = '2026-11-24T00:00:00.000Z' WHERE n = 1"))
    refused("UPDATE role_grant SET ended_at = '2026-11-25T00:00:00.000Z' WHERE n = 1")


def an_old_database(url):
    """A platform from before the tree: two cities, one of them with the hall."""
    engine = create_engine(url)
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        for code, city in (("350200-00", "350200"), ("350200-01", "350200"), ("350600-01", "350600")):
            connection.execute(
                text("INSERT INTO unit (code, name, city, code18) VALUES (:code, :code, :city, 'X')"),
                {"code": code, "city": city},
            )
            connection.execute(text("INSERT INTO feed_head (unit, n) VALUES (:code, 3)"), {"code": code})
        for who, unit, roles in (
            ("hall-1", "350200-00", '["hall", "admin"]'),
            ("clerk-1", "350600-01", '["reporter"]'),
        ):
            connection.execute(
                text(
                    "INSERT INTO operator (operator_id, person, unit, name, roles, password, totp_secret) "
                    "VALUES (:who, :who, :unit, :who, :roles, 'p', 's')"
                ),
                {"who": who, "unit": unit, "roles": roles},
            )
    engine.dispose()


def test_an_older_database_becomes_a_tree_and_its_roles_become_grants(tmp_path):
    url = f"sqlite:///{tmp_path / 'old.db'}"
    an_old_database(url)

    store = open_store(url)
    with store.reading() as connection:
        units = connection.execute(
            text("SELECT path, level, name, code18, parent FROM unit ORDER BY path")
        ).all()
        held = grants_of(connection, ["hall-1", "clerk-1"])
        heads = connection.execute(text("SELECT unit, n FROM feed_head ORDER BY unit")).all()
    store.close()

    assert [tuple(one) for one in units] == [
        ("minnan/", "region", "厦漳泉信用区域", None, None),
        ("minnan/350200/", "city", "厦门市", None, "minnan"),
        ("minnan/350200/350200-00/", "department", "350200-00", "X", "350200"),
        ("minnan/350200/350200-01/", "department", "350200-01", "X", "350200"),
        ("minnan/350600/", "city", "漳州市", None, "minnan"),
        ("minnan/350600/350600-01/", "department", "350600-01", "X", "350600"),
    ]
    assert held == {
        "hall-1": (Grant("hall", "minnan/"), Grant("admin", "minnan/350200/350200-00/")),
        "clerk-1": (Grant("reporter", "minnan/350600/350600-01/"),),
    }
    assert {tuple(one) for one in heads} == {
        ("350200", 0), ("350200-00", 3), ("350200-01", 3), ("350600", 0), ("350600-01", 3), ("minnan", 0),
    }  # fmt: skip

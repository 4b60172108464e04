"""The desk and the platform agree on what can be said of a case, when, and where it leads."""

from __future__ import annotations

from client.core.case_events import DECIDABLE, SAYABLE, TO_DO, stage_after
from regional_platform.case_events import ACTS
from regional_platform.pipeline.judge import DECIDABLE as DECIDABLE_THERE


def test_desk_and_platform_have_one_table_of_events():
    assert {kind: (one.stages, one.leads_to, one.once) for kind, one in SAYABLE.items()} == {
        kind: (act.stages, act.leads_to, act.once) for kind, act in ACTS.items()
    }
    assert {kind: one.roles for kind, one in SAYABLE.items()} == {
        kind: act.roles | ({"hall"} if act.at_hall else set()) for kind, act in ACTS.items()
    }
    assert DECIDABLE == DECIDABLE_THERE


def test_events_lead_from_stage_to_stage():
    assert stage_after("received", ["supplement_asked", "supplemented", "accepted", "assigned"]) == "accepted"
    assert stage_after("accepted", ["suspended", "extended", "resumed", "transferred", "decided"]) in TO_DO

"""The contract is the source: it is valid OpenAPI 3.1, and the application says the same."""

from __future__ import annotations

import json
from typing import Any

import pytest
import requests
from openapi_spec_validator import OpenAPIV31SpecValidator

from regional_platform.api import admin_models, models
from regional_platform.app import create_app
from regional_platform.problems import KINDS
from regional_platform.settings import Limits, Settings, find_resources
from tests.openapi import CONTRACT

OPERATIONS = [
    (path, method, operation)
    for path, methods in CONTRACT["paths"].items()
    for method, operation in methods.items()
    if method != "parameters"
]
MODELS = {
    "Enrolment": models.EnrolmentBody, "SignIn": models.SignInBody, "Approval": models.ApprovalBody,
    "Hand": models.Hand, "Batch": models.BatchBody, "Item": models.ItemBody, "Decision": models.DecisionBody,
    "CaseOpening": models.CaseBody, "Applicant": models.ApplicantBody, "Dispute": models.DisputeBody,
    "UnitMaking": admin_models.UnitBody, "UnitChange": admin_models.UnitChangeBody,
    "Liaison": admin_models.LiaisonBody, "Liaisons": admin_models.LiaisonsBody,
    "OperatorMaking": admin_models.OperatorBody, "ZeroReportMaking": admin_models.ZeroReportBody,
    "Scoring": admin_models.ScoringBody,
    "GrantMaking": admin_models.GrantBody, "NoticeMaking": admin_models.NoticeBody,
    "CodeSetFile": admin_models.CodeSetFile, "CodeSetPublishing": admin_models.CodeSetsBody,
    "Retirement": admin_models.RetirementBody, "EnrolmentCodeMaking": admin_models.CodeBody,
    "Transfer": models.TransferBody, "Waiver": models.WaiverBody,
    "Attachment": models.AttachmentBody, "Answer": models.AnswerBody, "Reason": models.Reason,
    "Comparison": models.ComparisonBody, "ComparedAct": models.ComparedAct, "Why": models.WhyBody,
    "Asked": models.MissingBody, "Renewal": models.RenewalBody,
    "Reconciliation": models.ReconciliationBody,
    "UploadMaking": models.UploadBody,
    "Assignment": models.AssignBody, "Settlement": models.SettleBody,
}  # fmt: skip


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    made = create_app(Settings(f"sqlite:///{tmp_path_factory.mktemp('app') / 'p.db'}", find_resources()))
    yield made
    made.state.platform.store.close()


def own(app):
    """What the application says of itself; the 422 that FastAPI adds by itself is none of ours."""
    paths = app.openapi()["paths"]
    for methods in paths.values():
        for operation in methods.values():
            added = operation["responses"].get("422", {}).get("content", {}).get("application/json", {})
            if "HTTPValidationError" in json.dumps(added):
                del operation["responses"]["422"]
    return paths


def test_the_contract_is_valid_openapi_3_1():
    assert CONTRACT["openapi"].startswith("3.1")
    OpenAPIV31SpecValidator(CONTRACT).validate()


def test_the_application_has_the_contracts_paths_and_methods_and_no_others(app):
    assert {(path, method) for path, methods in own(app).items() for method in methods} == {
        (path, method) for path, method, _ in OPERATIONS
    }


@pytest.mark.parametrize(("path", "method", "operation"), OPERATIONS)
def test_the_application_declares_the_contracts_statuses(app, path, method, operation):
    assert set(own(app)[path][method]["responses"]) == set(operation["responses"])


@pytest.mark.parametrize(("path", "method", "operation"), OPERATIONS)
def test_the_application_declares_the_contracts_problems(app, path, method, operation):
    declared = {
        code
        for status, said in own(app)[path][method]["responses"].items()
        if status[0] in "45"
        for code in said["description"].split("; ")
    }

    assert declared == set(operation["x-problems"])
    assert {str(KINDS[code].status) for code in declared} <= set(operation["responses"])


@pytest.mark.parametrize(("path", "method", "operation"), OPERATIONS)
def test_the_application_takes_the_contracts_parameters(app, path, method, operation):
    def named(parameters: list[dict[str, Any]]) -> set[tuple[str, str, bool]]:
        found = [
            CONTRACT["components"]["parameters"][one["$ref"].rpartition("/")[2]] if "$ref" in one else one
            for one in parameters
        ]
        return {(one["name"].lower(), one["in"], one["required"]) for one in found}

    promised = operation.get("parameters", []) + CONTRACT["paths"][path].get("parameters", [])
    assert named(own(app)[path][method].get("parameters", [])) == named(promised)


@pytest.mark.parametrize("name", MODELS)
def test_the_models_are_the_contracts_shapes(name):
    """Same members, same required ones, same limits; what the catalog judges is left to the catalog."""
    shape = CONTRACT["components"]["schemas"][name]
    model = MODELS[name].model_json_schema()

    assert shape["additionalProperties"] is model["additionalProperties"] is False
    assert set(shape["required"]) == set(model.get("required", []))
    assert set(shape["properties"]) == set(model["properties"])
    for member, said in shape["properties"].items():
        ours = limits(model["properties"][member], model)
        if (name, member) == ("Batch", "items"):
            ours["maxItems"] = Limits().batch_items  # more is 413, not 400
        assert limits(said, CONTRACT) == ours, member


LIMITS = ("minLength", "maxLength", "minItems", "maxItems", "minimum", "maximum", "pattern")


def limits(schema: dict[str, Any], document: dict[str, Any]) -> dict[str, Any]:
    """The limits of a scalar or a list, and of the list's items."""
    if "$ref" in schema:
        where: Any = document
        for step in schema["$ref"].removeprefix("#/").split("/"):
            where = where[step]
        schema = where
    for choice in ("oneOf", "anyOf"):
        if choice in schema:
            parts = [limits(one, document) for one in schema[choice] if one.get("type") != "null"]
            return parts[0] if len(parts) == 1 else {}
    found = {name: schema[name] for name in LIMITS if name in schema}
    if schema.get("type") == "object":
        return {}
    of_items = limits(schema["items"], document) if "items" in schema else {}
    return found | {f"items.{name}": value for name, value in of_items.items()}


def test_without_a_session_only_what_the_contract_leaves_open_answers(shared_platform):
    ids = "018f0000-0000-7000-8000-000000000000"
    for path, method, operation in OPERATIONS:
        url = shared_platform.url + path.replace("{sha256}", "0" * 64)
        for name in ("approval_id", "batch_id", "case_id", "record_id"):
            url = url.replace(f"{{{name}}}", ids)
        status = requests.request(method, url, timeout=20).status_code
        assert (status == 401) is ("security" not in operation), f"{method} {path} answered {status}"

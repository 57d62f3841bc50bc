"""The page of the API has every operation of the OpenAPI document."""

import html
import re

import pytest
from fastapi.testclient import TestClient

from tests.conftest import without_buttons

BROWSER = {"accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}


@pytest.fixture(scope="module")
def page(client: TestClient) -> str:
    response = client.get("/api", headers=BROWSER)
    assert (response.status_code, response.headers["vary"].split(",")[0]) == (200, "Accept")
    assert len(response.content) < 150_000
    return html.unescape(without_buttons(response.text))


def test_programs_get_json(client: TestClient) -> None:
    document = client.get("/api").json()
    assert document["openapi"].startswith("3.1")
    assert client.get("/api", headers={"accept": "application/json"}).json() == document
    assert client.get("/api.json", headers=BROWSER).json() == document


def test_every_operation_is_there_with_its_parameters(client: TestClient, page: str) -> None:
    for path, methods in client.get("/api.json").json()["paths"].items():
        for method, operation in methods.items():
            part = page.partition(f'<details class="operation" id="{operation["operationId"]}">')[2].partition("</details>")[0]
            assert f'<span class="method">{method.upper()}</span> <code>{path}</code>' in part
            assert operation["summary"] in part
            for parameter in operation["parameters"]:
                if parameter["name"] != "format":
                    assert f"<dt><code>{parameter['name']}</code>{' (required)' * parameter['required']}</dt>" in part
                    assert parameter["description"] in part


def test_examples_work(client: TestClient, page: str) -> None:
    examples = re.findall(r'Example: <a href="([^"]+)"', page)
    assert "/queries/finding?jurisdiction=ALB&criterion=simple-possession" in examples
    assert "/search?q=alb" in examples
    for example in examples[::12]:
        assert client.get(example).status_code == 200, example

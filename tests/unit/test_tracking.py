"""URL parameters for tracking are removed, and no other parameter is."""

import pytest
from fastapi import FastAPI, Request
from fastapi.testclient import TestClient

from tutela import paths
from tutela.catalog import Catalog
from tutela.web.middleware.tracking import TrackingParametersMiddleware, is_tracking

app = FastAPI()
app.add_middleware(TrackingParametersMiddleware)


@app.get("/")
async def query_string(request: Request) -> str:
    return request.url.query


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("utm_source=x&utm_Medium=y&fbclid=z", ""),
        ("gclid=1&a=b%20c&msclkid=2&a=+d", "a=b%20c&a=+d"),
        ("utm%5Fsource=x&a", "a"),
        ("_ga=1&_gl=2&mc_cid=3&mc_eid=4&ref=hn&yclid=5&igshid=6&gad_source=1&gbraid=0", ""),
        ("query=SELECT%20%2A&utm_source=x", "query=SELECT%20%2A"),
        ("utm=x&reference=y&mygclid=z&&", "utm=x&reference=y&mygclid=z&&"),
        ("criterion=utm_source", "criterion=utm_source"),
        ("a=%ff&fbclid=%ff", "a=%ff"),
    ],
)
def test_parameters_for_tracking_are_removed(given: str, expected: str) -> None:
    with TestClient(app) as client:
        assert client.get(f"/?{given}").json() == expected


def test_no_parameter_of_the_service_is_removed() -> None:
    names = {parameter.name for query in Catalog.load(paths.QUERIES / "catalog") for parameter in query.parameters}
    names |= {"show", "as_of", "only", "j", "differs", "kind", "by", "sort", "open", "provision", "q", "page", "limit", "format"}
    names |= {"query", "update", "default-graph-uri", "named-graph-uri", "example", "table", "v"}
    assert not [name for name in names if is_tracking(name)]

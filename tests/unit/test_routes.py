"""The routes of the web application."""

from starlette.routing import Route

from tutela.web.routes import ROUTES


def test_every_url_has_one_route() -> None:
    urls = [route.path for route in ROUTES if isinstance(route, Route)]
    assert len(urls) == len(ROUTES) > 30
    assert len(set(urls)) == len(urls)
    assert all(url.startswith("/") for url in urls)


def test_only_reading_methods_and_post_are_allowed() -> None:
    for route in ROUTES:
        assert isinstance(route, Route)
        assert route.methods in ({"GET", "HEAD"}, {"GET", "HEAD", "POST"}, {"POST"}), route.path


def test_post_is_only_allowed_where_a_body_is_expected() -> None:
    assert {route.path for route in ROUTES if isinstance(route, Route) and "POST" in (route.methods or ())} == {
        "/sparql",
        "/validate",
    }

"""The page about a resource, from its IRI."""

import pytest

from tutela import namespaces
from tutela.web.page_urls import page_url


@pytest.mark.parametrize(
    ("resource", "page"),
    [
        ("jurisdiction/ALB", "/jurisdictions/ALB"),
        ("instrument/lanzarote", "/instruments/lanzarote"),
        ("instrument/lanzarote/art_20/par_1/pnt_e", "/instruments/lanzarote#art_20/par_1/pnt_e"),
        ("law/KEN/children-act-2022", "/laws/KEN/children-act-2022"),
        ("law/KEN/children-act-2022/sec_22", "/laws/KEN/children-act-2022#sec_22"),
        ("criterion/simple-possession", "/criteria/simple-possession"),
        ("region/002", "/regions/002"),
        ("note/10/254", "/notes/10/254"),
        ("note/10/254/citation/ARG/penal-code/art_128", "/notes/10/254"),
        ("source/icmec-10", "/sources/icmec-10"),
        ("recommendation/define-csam", "/recommendations/define-csam"),
        ("edition/10", "/editions/10"),
        ("topic/grooming", "/topics#grooming"),
        ("part/definitions", "/topics#part-definitions"),
        ("discrepancy/bahrain-definition", "/about#bahrain-definition"),
        ("confidence/dated", "/glossary#confidence-dated"),
        ("organisation/eu", "/organisations#eu"),
        ("implementation/inhope", "/initiatives#inhope"),
        ("observation/10/ALB/definition", "/jurisdictions/ALB?edition=10#definition"),
        ("reading/lanzarote/art_20/par_1/pnt_e/simple-possession", "/instruments/lanzarote#art_20/par_1/pnt_e"),
        ("national-reading/KEN/children-act-2022/sec_22/definition", "/laws/KEN/children-act-2022#sec_22"),
        ("instrument/crc/action/ALB/1", "/jurisdictions/ALB#standing"),
        ("instrument/crc/entry-rule", "/instruments/crc"),
        ("finding-relation/10/definition/text/AUT/criminal-code/sec_207a", "/jurisdictions/AUT?edition=10#definition"),
        ("total/10/remaining/stated", "/editions/10#totals"),
        ("unmet/10/YEM/opsc/art_1/specific-legislation/1", "/jurisdictions/YEM#unmet"),
    ],
)
def test_a_resource_leads_to_the_page_that_shows_it(resource: str, page: str) -> None:
    assert page_url(f"{namespaces.BASE}id/{resource}") == page
    assert page_url(f"id/{resource}") == page


@pytest.mark.parametrize(
    "resource",
    ["dataset/tutela", "scheme/criteria", "law/KEN", "nothing/x", "criterion/a/b", "note/10"],
)
def test_a_resource_that_no_page_shows_leads_to_its_document(resource: str) -> None:
    assert page_url(f"{namespaces.BASE}id/{resource}") == f"/doc/{resource}"


def test_other_iris_of_the_project_keep_their_paths() -> None:
    assert page_url(f"{namespaces.BASE}ontology#Note") == "/ontology#Note"
    assert page_url(f"{namespaces.BASE}queries/criteria") == "/queries/criteria"

"""The tree of provisions: order, nesting and mappings."""

from tutela.web.components.provision_tree import by_provision, document_order, map_provision, path_in_instrument, provision_tree

BASE = "https://w3id.org/tutela/id/instrument/test"


def provision(path: str) -> dict[str, str]:
    return {"provision": f"{BASE}/{path}", "label": path.rpartition("_")[2]}


def reading(criterion: str, strength: str, rationale: str = "Because.") -> dict[str, str]:
    return {"criterion": criterion, "strength": strength, "rationale": rationale, "reservable_under": ""}


def test_provisions_are_in_the_order_of_the_document() -> None:
    ordered = ["rec_2", "rec_10", "ann_1", "art_2", "art_9", "art_9/par_2", "art_9/par_10", "art_10", "art_10/par_1/pnt_a"]
    alphabetical = sorted(ordered)
    assert alphabetical != ordered
    assert sorted(alphabetical, key=document_order) == ordered


def test_rows_are_sorted_by_instrument_then_article() -> None:
    rows = [
        {"instrument": instrument, "provision": path} for instrument, path in (("b", "art_1"), ("a", "art_10"), ("a", "art_9"))
    ]
    assert [(row["instrument"], row["provision"]) for row in by_provision(rows)] == [
        ("a", "art_9"),
        ("a", "art_10"),
        ("b", "art_1"),
    ]


def test_a_path_is_relative_to_the_instrument() -> None:
    assert path_in_instrument(f"{BASE}/art_9/par_1") == "art_9/par_1"
    assert path_in_instrument(BASE) == ""


def test_a_provision_is_part_of_the_nearest_one_in_the_table() -> None:
    paths = ["art_10", "art_9/par_1/pnt_a", "art_9", "art_11/par_1"]
    tree = provision_tree([provision(path) for path in paths], {f"{BASE}/art_9": [reading("definition", "requires")]}, {})
    assert [node.path for node in tree] == ["art_9", "art_10", "art_11/par_1"]
    assert [node.path for node in tree[0].parts] == ["art_9/par_1/pnt_a"]
    assert tree[0].name == "Article 9"
    assert tree[0].mapping
    assert tree[1].mapping is None


def test_readings_are_grouped_by_strength_and_rationale_with_the_strongest_first() -> None:
    mapping = map_provision(
        [
            reading("isp-reporting", "none"),
            reading("definition", "partly"),
            reading("simple-possession", "requires"),
            reading("specific-legislation", "partly"),
            reading("technology-facilitated", "partly", "Another reason."),
        ]
    )
    assert [(one.strength, one.criteria) for one in mapping.related] == [
        ("requires", ["simple-possession"]),
        ("partly", ["definition", "specific-legislation"]),
        ("partly", ["technology-facilitated"]),
    ]
    assert [one.criteria for one in mapping.unrelated] == [["isp-reporting"]]
    assert not mapping.is_unrelated
    assert map_provision([reading("definition", "none")]).is_unrelated

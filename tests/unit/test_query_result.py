"""Results of queries: they pass from one thread to another, and their CSV keeps each value in its field."""

import csv
import io
import threading

import pyoxigraph as ox

from tutela.sparql.result import QueryResult

_RESPONSE = b"""<sparql xmlns="http://www.w3.org/2005/sparql-results#"><head><variable name="a"/></head><results>
<result><binding name="a"><literal>1</literal></binding></result><result><binding name="a"><literal>2</literal></binding></result>
</results></sparql>"""


def test_a_result_can_be_freed_by_another_thread() -> None:
    # An error refers to the frames that it passed, and so to the result, and is often freed elsewhere.
    results = [QueryResult.parse(_RESPONSE, is_graph=False), QueryResult.of_boolean(True)]
    assert results[0].columns == ["a"]
    thread = threading.Thread(target=results.clear)  # Oxigraph would complain, and pytest turns that into an error
    thread.start()
    thread.join()
    assert results == []


def test_a_result_can_be_read_by_another_thread() -> None:
    result = QueryResult.parse(_RESPONSE, is_graph=False)
    rows: list[list[str | None]] = []
    thread = threading.Thread(target=lambda: rows.extend(result.rows()))
    thread.start()
    thread.join()
    assert rows == [["1"], ["2"]]


def test_a_value_with_a_comma_is_one_field_of_csv() -> None:
    store = ox.Store()
    query = """SELECT (<http://x.org/Act,_2007/> AS ?url) ("a,b \\"c\\"\\nd" AS ?text) ?none (BNODE("n") AS ?node)
        (<<( <http://x.org/s> <http://x.org/p> "o,1" )>> AS ?triple) {}"""
    written = QueryResult(store.query(query)).serialize("csv").decode()
    assert written.splitlines()[0] == "url,text,none,node,triple"
    _, row = csv.reader(io.StringIO(written, newline=""))
    statement = '<<( <http://x.org/s> <http://x.org/p> "o,1" )>>'
    assert row == ["http://x.org/Act,_2007/", 'a,b "c"\nd', "", "_:n", statement]
    many = QueryResult(store.query("SELECT ?n { VALUES ?n { " + "<http://x.org/a,b> " * 9000 + "} }")).serialize("csv").decode()
    assert list(csv.reader(io.StringIO(many, newline=""))) == [["n"], *[["http://x.org/a,b"]] * 9000]

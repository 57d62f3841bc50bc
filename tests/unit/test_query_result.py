"""A result that was read from a response can pass from one thread to another."""

import threading

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

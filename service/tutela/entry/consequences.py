"""What an entry changes beyond its own rows: facts, consequences and errors, from the graph before and after."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from tutela.paths import Source
from tutela.release.difference import Section, changes
from tutela.sparql import query_file
from tutela.sparql.query_file import QueryFile
from tutela.tables import Row, Table
from tutela.tables.published import PublishedRelease
from tutela.validation.comparison import compare_with_release
from tutela.validation.corrections import check_corrections
from tutela.validation.graph_check import GraphCheck
from tutela.validation.result import ValidationResult

Records = Mapping[str, Mapping[str, str]]  # the answer to a query, by key
_PARTS = ("facts", "consequences")


@dataclass(frozen=True)
class Consequences:
    """What an entry changes.

    Args:
        facts: the changes of facts, by kind of fact.
        consequences: what follows by rule, such as obligations, possible gaps and counts.
        errors: what would be wrong after it and is not now.
        warnings: what would be unusual after it and is not now.
        unknown: why nothing can be said about consequences; empty if it can.
        losses: a sentence for each table that would lack rows of the last release, which a build has to be told.

    """

    facts: tuple[Section, ...]
    consequences: tuple[Section, ...]
    errors: tuple[ValidationResult, ...]
    warnings: tuple[ValidationResult, ...]
    unknown: str = ""
    losses: tuple[str, ...] = ()


class ConsequenceCheck:
    """Compares the graph before and after an entry. The graph stays in memory, so that a second comparison is faster.

    Args:
        source: where the ontology, the queries and the shapes are.
        release: the last published release, with which a build compares the tables; None if there is none.

    Raises:
        TutelaError: one of these files cannot be read.

    """

    def __init__(self, source: Source, release: PublishedRelease | None = None) -> None:
        self._release = release
        self._graph = GraphCheck(source, assume_valid=True)
        self._queries = {part: query_file.read_all(source.queries / "diff" / part) for part in _PARTS}

    def run(self, tables: Mapping[str, Table], rows: Mapping[str, list[Row]], allow_loss: Collection[str] = ()) -> Consequences:
        """Return what changes if tables get other rows.

        Args:
            tables: all tables as they are, by name.
            rows: all rows of each table that changes; valid by its metadata.
            allow_loss: names of tables that are allowed to have fewer rows than in the release.

        Returns:
            The changes. They are unknown if the tables as they are break their metadata, so that no graph can be made of them;
            an entry can be what corrects that.

        """
        if problem := _problem(tables):
            return Consequences((), (), (), (), problem)
        before = {_same(result) for result in (*self._graph.run(tables)[0], *self._recorded(tables, allow_loss))}
        earlier = self._records()
        after = {name: table.with_rows(rows[name]) if name in rows else table for name, table in tables.items()}
        results = [
            result for result in (*self._graph.run(after)[0], *self._recorded(after, allow_loss)) if _same(result) not in before
        ]
        later = self._records()
        parts = {part: tuple(_sections(self._queries[part], earlier, later)) for part in _PARTS}
        return Consequences(
            parts["facts"],
            parts["consequences"],
            tuple(result for result in results if result.severity == "Violation"),
            tuple(result for result in results if result.severity != "Violation"),
            losses=tuple(self._losses(after, allow_loss)),
        )

    def _losses(self, tables: Mapping[str, Table], allowed: Collection[str]) -> Iterator[str]:
        """Yield a sentence for each table that is allowed to have fewer rows than in the release, and does."""
        if self._release and allowed:
            known = set(compare_with_release(tables, self._release, allowed))
            for loss in compare_with_release(tables, self._release):
                if loss not in known:
                    yield f"Loss in {loss.where}: {loss.found}. To build, add --allow-loss {loss.resource}."

    def _recorded(self, tables: Mapping[str, Table], allow_loss: Collection[str]) -> list[ValidationResult]:
        """Return what a build says of corrections, and of changes since the last release that have none."""
        found = check_corrections(tables)
        return found + compare_with_release(tables, self._release, allow_loss) if self._release else found

    def _records(self) -> dict[str, Records]:
        return {
            str(query.path): {record["key"]: record for record in self._graph.records(query.path)}
            for part in _PARTS
            for query in self._queries[part]
        }


def _same(result: ValidationResult) -> ValidationResult:
    """Return a result without the numbers of its rows, which a row before them shifts."""
    return replace(result, where="")


def _problem(tables: Mapping[str, Table]) -> str:
    """Return why no graph can be made of tables; empty if it can."""
    wrong = [error for table in tables.values() for error in (*table.errors(), *table.broken_references(dict(tables)))]
    if not wrong:
        return ""
    count = "1 error" if len(wrong) == 1 else f"{len(wrong)} errors"
    first = f"{tables[wrong[0].table].location} row {wrong[0].row}, {wrong[0].column}"
    return f"Consequences are not known: the tables have {count} already, the first in {first}. `tutela check` lists them."


def _sections(
    queries: Iterable[QueryFile],
    earlier: Mapping[str, Records],
    later: Mapping[str, Records],
) -> Iterable[Section]:
    for query in queries:
        found = tuple(changes(query, earlier[str(query.path)], later[str(query.path)], {}))
        if found:
            yield Section(query.name.partition("-")[2], query.title, found)

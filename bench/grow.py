"""Make a release larger: synthetic jurisdictions and editions, each with all that is said of a real one.

A synthetic jurisdiction is one of the real ones, drawn by the seed, under a code of its own (``ALB-17``): its findings, acts,
bindings, laws, notes and whatever was derived from them are copied under that code. A synthetic edition repeats what the tenth
says of every jurisdiction, real or not, under its own number. So each statement that a rule derives is there as if the rule
had been run, and a jurisdiction in a large release has as much to it as in a small one.
"""

import random
import re
import sys
from collections import defaultdict
from pathlib import Path

from tutela import paths, release

# How many times the jurisdictions, and how many editions with findings, make a release so many times as large.
SIZES = {1: (1, 1), 10: (9, 2), 100: (50, 5)}
SEED = 10
_EDITION = re.compile(r"(/id/(?:(?:observation|assessment|note|unmet|total|edition)|dataset/review)/)10(?=[/>])")
_NUMBER = re.compile(r'(edition/10> <[^>]+#number> )"10"')
_NAMES = re.compile(r'(<[^>]*(?:#label|#prefLabel|#altLabel)> "(?:[^"\\]|\\.)*)(?=")')
_CODE, _SERIAL, _NAME, _PLACE = "\x00", "\x01", "\x02", "\x03"
_SATELLITE = re.compile(r"/id/(?:note/10|discrepancy)/[^/>]+")


class _Statements:
    """The statements of a release by the jurisdiction and edition they are of, as texts with places for these.

    A note or a discrepancy that tells of one jurisdiction alone is of that jurisdiction, though its address does not say so.
    """

    def __init__(self, lines: list[str]) -> None:
        self.codes = sorted(set(re.findall(r"/id/jurisdiction/([A-Z-]+)>", "".join(lines))))
        self._known = set(self.codes)
        told: dict[str, set[str]] = defaultdict(set)
        for line in lines:
            code = self._named(line)
            for satellite in _SATELLITE.findall(line):
                told[satellite].add(code)
        self._satellites = {one: codes - {""} for one, codes in told.items() if len(codes - {""}) == 1}
        texts: dict[tuple[str, bool], list[str]] = defaultdict(list)
        for line in lines:
            code = self._named(line) or next((c for one in _SATELLITE.findall(line) for c in self._satellites.get(one, ())), "")
            texts[code, bool(_EDITION.search(line))].append(self._templated(line, code))
        self._blocks = {key: "".join(found) for key, found in texts.items()}

    def of(self, code: str, edition: int, serial: str) -> str:
        """Return what is said of a jurisdiction, or of none, in an edition (10 being the real one), under a serial number."""
        blocks = [self._blocks.get((code, True), "")] + ([self._blocks.get((code, False), "")] if edition == 10 else [])
        text = "".join(blocks).replace(_CODE, code + serial).replace(_SERIAL, serial)
        return text.replace(_NAME, serial.replace("-", " ")).replace(_PLACE, str(edition))

    def _named(self, line: str) -> str:
        """Return the first jurisdiction that a statement names, in its subject or object."""
        parts = (part for iri in re.findall(r"/id/([^>]*)>", line) for part in iri.split("/"))
        return next((part for part in parts if part in self._known), "")

    def _templated(self, line: str, code: str) -> str:
        if code:
            line = _SATELLITE.sub(lambda one: one[0] + (_SERIAL if one[0] in self._satellites else ""), line)
            line = re.sub(rf"(?<=/){code}(?=[/>])", _CODE, line).replace(f'"{code}"', f'"{_CODE}"')
            if _CODE in line.partition(" ")[0]:
                line = _NAMES.sub(rf"\1{_NAME}", line, count=1)
        return _EDITION.sub(rf"\g<1>{_PLACE}", _NUMBER.sub(rf'\1"{_PLACE}"', line))


def grow(dump: Path, out: Path, jurisdictions: int, editions: int, seed: int = SEED) -> int:
    """Write a larger release's quads; return how many there are.

    Args:
        dump: the quads of a release.
        out: the file to write.
        jurisdictions: how many times as many jurisdictions.
        editions: how many editions with findings by jurisdiction.
        seed: of the draw.

    """
    statements = _Statements(dump.read_text(encoding="utf-8").splitlines(keepends=True))
    draw = random.Random(seed)  # noqa: S311 - nothing secret
    places = [(code, "") for code in ("", *statements.codes)]
    places += [(draw.choice(statements.codes), f"-{number + 1}") for number in range((jurisdictions - 1) * len(statements.codes))]
    count = 0
    with out.open("w", encoding="utf-8") as file:
        for code, serial in places:
            for edition in range(10, 10 + editions):
                text = statements.of(code, edition, serial)
                count += text.count("\n")
                file.write(text)
    return count


def main() -> None:
    """Write the quads of the default release, so many times as large, to a file."""
    if len(sys.argv) != 3 or sys.argv[1] not in map(str, SIZES):
        sys.exit(f"usage: grow.py {{{','.join(map(str, SIZES))}}} OUT.nq")
    count = grow(paths.default_release() / release.DUMP, Path(sys.argv[2]), *SIZES[int(sys.argv[1])])
    print(f"{count} quads")


if __name__ == "__main__":
    main()

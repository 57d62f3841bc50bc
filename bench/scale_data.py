"""Make a larger release from a real one, with synthetic jurisdictions and editions.

A synthetic jurisdiction is a copy of a real one, chosen at random from a seed, under a code of its own (``ALB-17``): its
findings, treaty actions, bindings, laws, notes and all derived statements are copied under that code. A synthetic edition
copies the findings of the tenth edition, for every jurisdiction, under another number. So all derived statements are present
as if the rules had been run, and a jurisdiction in a large release has as many statements as in a small one.
"""

import random
import re
import sys
from collections import defaultdict
from pathlib import Path

from tutela import paths
from tutela.release.bundle import NQUADS

# For each size of the release: the factor for the number of jurisdictions, and the number of editions with findings.
SIZES = {1: (1, 1), 10: (9, 2), 100: (50, 5)}
SEED = 10
_EDITION = re.compile(r"(/id/(?:(?:observation|assessment|note|unmet|total|edition)|dataset/review)/)10(?=[/>])")
_EDITION_NUMBER = re.compile(r'(edition/10> <[^>]+#number> )"10"')
_LABEL = re.compile(r'(<[^>]*(?:#label|#prefLabel|#altLabel)> "(?:[^"\\]|\\.)*)(?=")')
# A note or a discrepancy, whose IRI does not contain the jurisdiction.
_LINKED = re.compile(r"/id/(?:note/10|discrepancy)/[^/>]+")
# Placeholders in templates: code, serial number in an IRI, serial number in a label, edition.
_CODE, _SERIAL, _LABEL_SERIAL, _EDITION_PLACE = "\x00", "\x01", "\x02", "\x03"


class _Templates:
    """The statements of a release as templates, grouped by jurisdiction and by whether they belong to an edition.

    A note or a discrepancy that is linked to one jurisdiction alone belongs to that jurisdiction.
    """

    def __init__(self, lines: list[str]) -> None:
        self.codes = sorted(set(re.findall(r"/id/jurisdiction/([A-Z-]+)>", "".join(lines))))
        self._known = set(self.codes)
        codes_of: dict[str, set[str]] = defaultdict(set)
        for line in lines:
            code = self._jurisdiction(line)
            for resource in _LINKED.findall(line):
                codes_of[resource].add(code)
        self._owners = {resource: codes - {""} for resource, codes in codes_of.items() if len(codes - {""}) == 1}
        templates: dict[tuple[str, bool], list[str]] = defaultdict(list)
        for line in lines:
            code = self._jurisdiction(line) or self._owner(line)
            templates[code, bool(_EDITION.search(line))].append(self._template(line, code))
        self._blocks = {key: "".join(block) for key, block in templates.items()}

    def render(self, code: str, edition: int, serial: str) -> str:
        """Return the statements about a jurisdiction, or about none, in an edition (10 is the real one), with a serial number."""
        blocks = [self._blocks.get((code, True), "")] + ([self._blocks.get((code, False), "")] if edition == 10 else [])
        text = "".join(blocks).replace(_CODE, code + serial).replace(_SERIAL, serial)
        return text.replace(_LABEL_SERIAL, serial.replace("-", " ")).replace(_EDITION_PLACE, str(edition))

    def _jurisdiction(self, line: str) -> str:
        """Return the code of the first jurisdiction in the IRIs of a statement; empty if there is none."""
        parts = (part for iri in re.findall(r"/id/([^>]*)>", line) for part in iri.split("/"))
        return next((part for part in parts if part in self._known), "")

    def _owner(self, line: str) -> str:
        """Return the code of the only jurisdiction that a note or discrepancy in a statement is linked to; empty if none."""
        return next((code for resource in _LINKED.findall(line) for code in self._owners.get(resource, ())), "")

    def _template(self, line: str, code: str) -> str:
        if code:
            line = _LINKED.sub(lambda match: match[0] + (_SERIAL if match[0] in self._owners else ""), line)
            line = re.sub(rf"(?<=/){code}(?=[/>])", _CODE, line).replace(f'"{code}"', f'"{_CODE}"')
            if _CODE in line.partition(" ")[0]:
                line = _LABEL.sub(rf"\1{_LABEL_SERIAL}", line, count=1)
        return _EDITION.sub(rf"\g<1>{_EDITION_PLACE}", _EDITION_NUMBER.sub(rf'\1"{_EDITION_PLACE}"', line))


def write_scaled(source: Path, out: Path, jurisdictions: int, editions: int, seed: int = SEED) -> int:
    """Write the quads of a larger release; return their number.

    Args:
        source: the N-Quads file of a release.
        out: the file to write.
        jurisdictions: the factor for the number of jurisdictions.
        editions: the number of editions with findings by jurisdiction.
        seed: the seed for the choice of jurisdictions.

    """
    templates = _Templates(source.read_text(encoding="utf-8").splitlines(keepends=True))
    generator = random.Random(seed)  # noqa: S311 - not for cryptography
    copies = [(code, "") for code in ("", *templates.codes)]
    count = (jurisdictions - 1) * len(templates.codes)
    copies += [(generator.choice(templates.codes), f"-{number + 1}") for number in range(count)]
    quads = 0
    with out.open("w", encoding="utf-8") as file:
        for code, serial in copies:
            for edition in range(10, 10 + editions):
                text = templates.render(code, edition, serial)
                quads += text.count("\n")
                file.write(text)
    return quads


def main() -> None:
    """Write the quads of a multiple of the default release to a file."""
    if len(sys.argv) != 3 or sys.argv[1] not in map(str, SIZES):
        sys.exit(f"usage: scale_data.py {{{','.join(map(str, SIZES))}}} OUT.nq")
    quads = write_scaled(paths.default_release() / NQUADS, Path(sys.argv[2]), *SIZES[int(sys.argv[1])])
    print(f"{quads} quads")


if __name__ == "__main__":
    main()

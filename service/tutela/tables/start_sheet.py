"""The text of the first sheet of a workbook, for someone who opens it for the first time."""

START = "Start here"

_TEXT = """\
# The tables of Tutela
Each sheet is one table. The list below says what it is. Click a name to go there.

# How to change something
Find the row and type over the cell. Every cell is text: what you type stays as you typed it.
In cells with a list, press Alt and the down arrow, or click the arrow at the right, and choose. You can also type the code alone.
Point at a heading to read what belongs in its column.
Write days as 2024-12-31, and true or false in small letters.
Every row names its source, an id of the sheet sources. Add a row there if your source is new.

# How to add a row
Write it in the first empty row below the table. Its order does not matter. Leave no column out that says "Must not be empty".
A column named item counts the rows of one jurisdiction or instrument: use the next unused number.

# How to remove a row
Remove the protection of the sheet (Review, Unprotect Sheet; there is no password) and delete the row.
Say so when you send the file. Rows that are missing are only removed if somebody confirms it with --allow-loss.

# How to save
Save as Excel workbook (.xlsx) or as OpenDocument spreadsheet (.ods). Do not save as CSV: it holds one sheet only.

# How to bring it back
Send the file to a maintainer, or run:  tutela tables --from FILE
Add --dry-run to see first what would change. Nothing is written if anything is wrong; each error names its sheet and cell.

# What never to do
Do not rename sheets or headings, and do not add or delete columns.
Do not change grey cells of a row that exists. They are its key: other tables refer to it.
Do not merge cells, enter formulas, or leave rows hidden by a filter.
Do not enter names of people or addresses, and copy no sentences from reports or commentaries.
"""


def start_lines() -> list[tuple[str, bool]]:
    """Return the lines of the first sheet, and whether each is a heading."""
    return [(line.removeprefix("# "), line.startswith("# ")) for line in _TEXT.splitlines()]

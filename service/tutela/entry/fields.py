"""What an entry asks for."""

from dataclasses import dataclass

Values = dict[str, str]  # the answers by the names of their fields; empty where there is none


@dataclass(frozen=True)
class Field:
    """One question.

    Args:
        name: its name; the option is ``--`` and the name with hyphens.
        question: the question in words.
        table: the table that says which form a value has; empty if none does.
        column: its column there.
        required: whether an answer is needed, unless there is a default.
        asked: whether it is asked on a terminal; a field that is rarely needed is only an option.
        several: whether it takes several lines.
        options: the only answers that are possible; none if the table says it.

    """

    name: str
    question: str
    table: str = ""
    column: str = ""
    required: bool = False
    asked: bool = True
    several: bool = False
    options: tuple[str, ...] = ()

    @property
    def option(self) -> str:
        """The option of the command."""
        return f"--{self.name.replace('_', '-')}"


@dataclass(frozen=True)
class FieldError:
    """What is wrong with an answer.

    Args:
        name: the name of the field.
        value: the answer.
        expected: what was expected, in words.
        advice: what to do; a sentence, or empty.

    """

    name: str
    value: str
    expected: str
    advice: str = ""

    def sentence(self) -> str:
        """Return the error without the name of the field."""
        found = f"'{self.value}' is not possible here" if self.value else "nothing is entered"
        return f"{found}; expected {self.expected}. {self.advice}".strip()

    def line(self) -> str:
        """Return the error with the option."""
        return f"--{self.name.replace('_', '-')}: {self.sentence()}"

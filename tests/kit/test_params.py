"""Parameters: what is given is checked, and a mistake is told in one sentence."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Annotated, Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field, ValidationError, field_validator, model_validator

from nncore.errors import ParameterError
from scenes.catalogue import clips, find
from scenes.kit import facts
from scenes.kit.ledger import shown
from scenes.kit.params import ClipParams, describe, parse


class Example(ClipParams):
    """One parameter of each kind."""

    learning_rate: float = Field(0.5, gt=0, le=1.9, description="share of the error")
    steps: int = Field(20, ge=1, lt=31, description="most corrections")
    constants: tuple[Annotated[float, Field(ge=0, le=2)], ...] = Field(
        (0.5, 0.6), min_length=1, max_length=3, description="guesses"
    )
    place: tuple[float, float] = Field((1.0, 2.0), description="where it starts")
    rule: Literal["own", "sign"] = Field("own", description="how it steps")
    shown: bool = Field(True, description="whether it is shown")

    @field_validator("steps")
    @classmethod
    def _not_thirteen(cls, value: int) -> int:
        if value == 13:
            raise ValueError("thirteen is not a number of steps")
        return value

    @model_validator(mode="after")
    def _ordered(self) -> Example:
        if self.place[0] > self.place[1]:
            raise ValueError("the place must be in order")
        return self


def mistake(given: dict[str, Any]) -> str:
    """What is said of a mistake: always one sentence."""
    with pytest.raises(ParameterError) as caught:
        parse(Example, given)
    message = str(caught.value)
    assert "\n" not in message
    assert message[0].isupper()
    assert re.search(r"[^.][.?]$", message), message
    assert "Value error" not in message
    assert "pydantic" not in message
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None or caught.value.__suppress_context__
    return message


# What is right


def test_nothing_given_is_the_defaults() -> None:
    assert parse(Example, {}) == Example.model_validate({})


def test_texts_become_values() -> None:
    made = parse(
        Example,
        {"learning_rate": "0.25", "steps": "7", "rule": "sign", "shown": "false"},
    )
    assert (made.learning_rate, made.steps, made.rule, made.shown) == (0.25, 7, "sign", False)


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("0.5,0.6,0.7", (0.5, 0.6, 0.7)),
        (" 0.5 , 1 ", (0.5, 1.0)),
        ("2", (2.0,)),
        ("0.5,", (0.5,)),
    ],
)
def test_a_list_is_given_with_commas(text: str, values: tuple[float, ...]) -> None:
    assert parse(Example, {"constants": text}).constants == values


def test_a_pair_is_given_with_commas() -> None:
    assert parse(Example, {"place": "-1,2.5"}).place == (-1.0, 2.5)


@given(st.lists(st.integers(0, 200_000).map(lambda n: n / 100_000), min_size=1, max_size=3))
def test_a_list_keeps_every_bit(values: list[float]) -> None:
    assert parse(Example, {"constants": ",".join(map(repr, values))}).constants == tuple(values)
    assert parse(Example, {"constants": values}).constants == tuple(values)


def test_parameters_cannot_be_changed() -> None:
    with pytest.raises(ValidationError):
        parse(Example, {}).steps = 3


# What is wrong


@pytest.mark.parametrize(
    ("name", "near"),
    [("learning_rat", "learning_rate"), ("step", "steps"), ("Constants", "constants")],
)
def test_an_unknown_name_gives_the_nearest(name: str, near: str) -> None:
    message = mistake({name: "1"})
    assert f"no parameter {name!r}" in message
    assert f"Did you mean {near!r}?" in message
    assert all(known in message for known in Example.model_fields)


def test_a_name_like_no_other_has_no_nearest() -> None:
    assert "Did you mean" not in mistake({"qqq": "1"})


@pytest.mark.parametrize(
    ("given", "where", "says"),
    [
        ({"learning_rate": "0"}, "learning_rate", "greater than 0"),
        ({"learning_rate": "1.91"}, "learning_rate", "less than or equal to 1.9"),
        ({"learning_rate": "nan"}, "learning_rate", "finite"),
        ({"learning_rate": "1e999"}, "learning_rate", "finite"),
        ({"learning_rate": "much"}, "learning_rate", "number"),
        ({"steps": "31"}, "steps", "less than 31"),
        ({"steps": "2.5"}, "steps", "integer"),
        ({"steps": "13"}, "steps", "thirteen is not a number of steps"),
        ({"constants": "0.5,2.5"}, "constants.1", "less than or equal to 2"),
        ({"constants": "0.5,x"}, "constants.1", "number"),
        ({"constants": ""}, "constants", "at least 1"),
        ({"constants": "1,1,1,1"}, "constants", "at most 3"),
        ({"place": "1"}, "place", "required"),
        ({"rule": "mine"}, "rule", "'own' or 'sign'"),
        ({"shown": "perhaps"}, "shown", "boolean"),
    ],
)
def test_a_wrong_value_is_told_with_what_is_allowed(
    given: dict[str, Any], where: str, says: str
) -> None:
    message = mistake(given)
    assert message.startswith(f"Parameter {where}")
    assert says in message


@pytest.mark.parametrize(
    "given",
    [
        {"learning_rate": "0.1234567"},
        {"learning_rate": 0.1 + 0.2},
        {"learning_rate": 1 / 3},
        {"learning_rate": "1e-10"},
        {"constants": "0.5,1.000001"},
        {"place": (0.0, 123.4567)},
    ],
)
def test_a_number_with_more_digits_than_are_shown_is_refused(given: dict[str, Any]) -> None:
    message = mistake(given)
    assert message.startswith(f"Parameter {next(iter(given))}: a number has at most 6 significant")


@pytest.mark.parametrize("text", ["0.123456", "1.00000", "0.1234560000", "0.000000001", "1e-9"])
def test_six_digits_and_nine_decimals_are_taken(text: str) -> None:
    assert parse(Example, {"learning_rate": text}).learning_rate == float(text)


@given(st.decimals(0, 2, places=5), st.decimals(0, 2, places=5))
def test_what_is_taken_is_shown_as_it_was_given(first: Decimal, second: Decimal) -> None:
    made = parse(Example, {"constants": f"{first},{second}"}).constants
    spec = facts.spec_of(made, given=True)
    assert [facts.read_back(shown(v, spec)) for v in made] == [first, second]


def test_what_was_given_is_said() -> None:
    assert "'1.91'" in mistake({"learning_rate": "1.91"})


def test_values_that_do_not_go_together() -> None:
    assert mistake({"place": "2,1"}) == "The place must be in order."


@given(st.text(max_size=12), st.text(max_size=12))
def test_no_text_is_a_traceback(name: str, value: str) -> None:
    for given_name in (name, "learning_rate", "steps", "constants", "place", "rule"):
        try:
            made = parse(Example, {given_name: value})
        except ParameterError as error:
            assert str(error)
        else:
            assert isinstance(made, Example)


# The table of them


def test_describe_gives_type_default_bounds_and_help() -> None:
    assert describe(Example) == [
        {
            "name": "learning_rate",
            "type": "number",
            "default": 0.5,
            "bounds": "> 0, ≤ 1.9",
            "help": "share of the error",
        },
        {
            "name": "steps",
            "type": "integer",
            "default": 20,
            "bounds": "≥ 1, < 31",
            "help": "most corrections",
        },
        {
            "name": "constants",
            "type": "list of number",
            "default": (0.5, 0.6),
            "bounds": "≥ 0, ≤ 2, at least 1, at most 3",
            "help": "guesses",
        },
        {
            "name": "place",
            "type": "list of number",
            "default": (1.0, 2.0),
            "bounds": "at least 2, at most 2",
            "help": "where it starts",
        },
        {
            "name": "rule",
            "type": "own | sign",
            "default": "own",
            "bounds": "",
            "help": "how it steps",
        },
        {
            "name": "shown",
            "type": "boolean",
            "default": True,
            "bounds": "",
            "help": "whether it is shown",
        },
    ]


@pytest.mark.parametrize("slug", clips())
def test_every_parameter_of_every_clip_has_a_line_of_help_and_a_bound(slug: str) -> None:
    rows = describe(find(slug).load().Params)
    assert rows
    for row in rows:
        assert row["help"], row
        assert "\n" not in row["help"]
        assert row["type"] != "value", row
        if row["type"] in ("number", "integer"):
            assert row["bounds"], row


@pytest.mark.parametrize("slug", clips())
def test_the_defaults_of_every_clip_are_allowed(slug: str) -> None:
    kind = find(slug).load().Params
    assert parse(kind, kind().model_dump()) == kind()

"""Parameters of a clip: types, defaults, bounds, and one line of help each."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from difflib import get_close_matches
from typing import Any, TypeVar, get_origin

from pydantic import BaseModel, ConfigDict, ValidationError, field_validator, model_validator

from nncore.errors import ParameterError
from scenes.kit.facts import GIVEN_DECIMALS, GIVEN_DIGITS


class ClipParams(BaseModel):
    """Base of every clip's parameters: frozen, no unknown names, no NaN or infinity.

    A sequence may be given as text with commas: `constants=0.5,0.6,0.7`. Numbers are shown as
    they were given, so that one with more digits than are shown is refused.
    """

    model_config = ConfigDict(
        frozen=True, extra="forbid", allow_inf_nan=False, validate_default=True
    )

    @model_validator(mode="before")
    @classmethod
    def _split_sequences(cls, data: Any) -> Any:
        if not isinstance(data, Mapping):
            return data
        given = dict(data)
        for name, value in given.items():
            field = cls.model_fields.get(name)
            if field and isinstance(value, str) and get_origin(field.annotation) is tuple:
                given[name] = tuple(part.strip() for part in value.split(",") if part.strip())
        return given

    @field_validator("*")
    @classmethod
    def _can_be_shown(cls, value: Any) -> Any:
        for number in value if isinstance(value, tuple) else (value,):
            if isinstance(number, float) and not can_be_shown(number):
                raise ValueError(
                    f"a number has at most {GIVEN_DIGITS} significant digits"
                    f" and {GIVEN_DECIMALS} decimals, unlike {number!r}"
                )
        return value


def can_be_shown(value: float) -> bool:
    """Whether a parameter can be shown as it was given."""
    _, digits, exponent = Decimal(repr(value)).normalize().as_tuple()
    return len(digits) <= GIVEN_DIGITS and -int(exponent) <= GIVEN_DECIMALS


P = TypeVar("P", bound=ClipParams)


def parse(kind: type[P], given: Mapping[str, Any]) -> P:
    """Build parameters from names and (text or typed) values.

    Raises ParameterError, one sentence: what was wrong, what is allowed, the nearest name.
    """
    for name in given:
        if name not in kind.model_fields:
            raise ParameterError(_unknown(kind, name))
    try:
        return kind(**given)
    except ValidationError as error:
        raise ParameterError(_explain(error)) from None


def _unknown(kind: type[ClipParams], name: str) -> str:
    names = list(kind.model_fields)
    near = get_close_matches(name, names, n=1)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    return f"There is no parameter {name!r}: the parameters are {', '.join(names)}.{hint}"


def _explain(error: ValidationError) -> str:
    first = error.errors()[0]
    where = ".".join(str(part) for part in first["loc"])
    message = first["msg"].removeprefix("Value error, ")
    message = message[0].lower() + message[1:] if not message[:2].isupper() else message
    got = f" (got {first['input']!r})" if where and len(repr(first["input"])) < 80 else ""
    if not where:
        return f"{message[0].upper()}{message[1:]}."
    return f"Parameter {where}: {message}{got}."


def describe(kind: type[ClipParams]) -> list[dict[str, Any]]:
    """Name, type, default, bounds and help of every parameter, for `params`."""
    schema = kind.model_json_schema()["properties"]
    rows = []
    for name, field in kind.model_fields.items():
        entry = schema[name]
        rows.append(
            {
                "name": name,
                "type": _type_name(entry),
                "default": field.default,
                "bounds": _bounds(entry),
                "help": field.description or "",
            }
        )
    return rows


def _type_name(entry: Mapping[str, Any]) -> str:
    if "enum" in entry:
        return " | ".join(str(v) for v in entry["enum"])
    kind = str(entry.get("type", "value"))
    if kind == "array":
        inner = entry.get("items") or (entry.get("prefixItems") or [{}])[0]
        return f"list of {inner.get('type', 'value')}"
    return kind


_SIGNS = {
    "exclusiveMinimum": ">",
    "minimum": "≥",
    "exclusiveMaximum": "<",
    "maximum": "≤",
    "minItems": "at least",
    "maxItems": "at most",
}


def _bounds(entry: Mapping[str, Any]) -> str:
    inner = entry.get("items", {})
    found = [
        f"{sign} {source[key]}"
        for source in (inner, entry)
        for key, sign in _SIGNS.items()
        if key in source
    ]
    return ", ".join(found)

"""Parameters that both clips of the error split have."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

from scenes.kit.params import ClipParams

SMALLEST_ERROR = 0.1


def _something(value: float) -> float:
    if abs(value) < SMALLEST_ERROR:
        raise ValueError(f"an error to split must be at least {SMALLEST_ERROR} in size")
    return value


Weight = Annotated[float, Field(ge=0.1, le=9.9)]
Pair = tuple[Weight, Weight]
Signal = Annotated[float, Field(ge=0, le=1)]
Error = Annotated[float, Field(ge=-2, le=2), AfterValidator(_something)]


class OutputParams(ClipParams):
    """The errors at two outputs, and the weights into them."""

    output_error_1: Error = Field(0.8, description="error at output 1, at least 0.1 in size")
    output_error_2: Error = Field(0.5, description="error at output 2, at least 0.1 in size")
    weights_1: Pair = Field((2.0, 3.0), description="weights into output 1")
    weights_2: Pair = Field((1.0, 4.0), description="weights into output 2")


class SplitParams(OutputParams):
    """One layer further back, and what comes in."""

    hidden_weights_1: Pair = Field((3.0, 2.0), description="weights into hidden neuron 1")
    hidden_weights_2: Pair = Field((1.0, 7.0), description="weights into hidden neuron 2")
    inputs: tuple[Signal, Signal] = Field((0.3, 0.1), description="the two input signals")

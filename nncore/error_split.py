"""Errors carried backwards: split over the links by weight, recombined at each node.

The talk; excerpts 1.10-1.13. A layer's weights are (n_out, n_in): row j holds the weights into
output j, and so the shares of that output's error.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import ArrayLike

from nncore.errors import Array, ParameterError, ShapeError, check_array, read_only
from nncore.exact import is_zero, without_noise


@dataclass(frozen=True, eq=False)
class Split:
    """One layer's errors, shared out two ways.

    ``errors`` (n_out,), ``weights``, ``shares`` (each row sums to 1), ``parts`` = error x share
    and ``equal_parts`` = error / n_in, all (n_out, n_in); ``row_sums`` (n_out,); ``recombined``
    and ``recombined_equal`` (n_in,): the parts summed at each node of the layer before. Parts
    that cancel, but for rounding, sum to 0.0.
    """

    errors: Array
    weights: Array
    row_sums: Array
    shares: Array
    parts: Array
    recombined: Array
    equal_parts: Array
    recombined_equal: Array


@dataclass(frozen=True, eq=False)
class Transposed:
    """One layer's errors carried back as W^T e: ``products`` (n_out, n_in) = error x weight, the
    split without its denominator, and ``carried`` (n_in,), their sums (0.0 where they cancel but
    for rounding)."""

    errors: Array
    weights: Array
    products: Array
    carried: Array


def _checked(errors: ArrayLike, weights: ArrayLike) -> tuple[Array, Array]:
    e = check_array(errors, "The errors")
    w = check_array(weights, "The weights", ndim=2)
    if len(w) != len(e) or w.size == 0:
        raise ShapeError(f"{len(e)} errors need a row of weights each; there are {len(w)} rows.")
    return read_only(e), read_only(w)


def split(errors: ArrayLike, weights: ArrayLike) -> Split:
    """Split each error over the links into its node in proportion to their weights.

    Shares are weight / row sum, so the parts of an error always sum to it. Weights of any sign
    are allowed: beside a positive sum a negative weight takes a negative share, and the others
    together more than the whole. Raises ParameterError for a row that sums to zero, but for
    rounding (there is no proportion to split in), ShapeError for arrays that do not fit.
    """
    e, w = _checked(errors, weights)
    sums = w.sum(axis=1)
    for j in np.flatnonzero(is_zero(sums, np.abs(w).sum(axis=1))):
        raise ParameterError(
            f"The weights into output {j + 1} sum to zero, so its error cannot be split."
        )
    shares = w / sums[:, None]
    parts = e[:, None] * shares
    equal = np.repeat(e[:, None] / w.shape[1], w.shape[1], axis=1)
    return Split(
        e,
        w,
        read_only(sums),
        read_only(shares),
        read_only(parts),
        _summed(parts),
        read_only(equal),
        _summed(equal),
    )


def transposed(errors: ArrayLike, weights: ArrayLike) -> Transposed:
    """Carry errors back as the matrix product W^T e. Raises ShapeError for a misfit."""
    e, w = _checked(errors, weights)
    products = e[:, None] * w
    carried = without_noise(w.T @ e, np.abs(products).sum(axis=0))
    return Transposed(e, w, read_only(products), read_only(carried))


def _summed(parts: Array) -> Array:
    """Sum parts (n_out, n_in) at each node, (n_in,)."""
    return read_only(without_noise(parts.sum(axis=0), np.abs(parts).sum(axis=0)))


def carry_back(errors: ArrayLike, weights: Sequence[ArrayLike]) -> tuple[Split, ...]:
    """Split errors back through any number of layers; ``weights`` from the last layer on.

    Each layer splits what the layer after it recombined. Raises as ``split`` does.
    """
    return _chain(split, lambda record: record.recombined, errors, weights)


def carry_back_transposed(
    errors: ArrayLike, weights: Sequence[ArrayLike]
) -> tuple[Transposed, ...]:
    """Carry errors back by W^T e through any number of layers; ``weights`` from the last on."""
    return _chain(transposed, lambda record: record.carried, errors, weights)


Record = TypeVar("Record")


def _chain(
    rule: Callable[[ArrayLike, ArrayLike], Record],
    carried: Callable[[Record], Array],
    errors: ArrayLike,
    weights: Sequence[ArrayLike],
) -> tuple[Record, ...]:
    records: list[Record] = []
    for layer in weights:
        records.append(rule(errors, layer))
        errors = carried(records[-1])
    return tuple(records)

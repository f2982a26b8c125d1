"""The error split as a matrix: shares turned about the diagonal, times the errors; then plain."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nncore.error_split import Split, Transposed, split, transposed
from nncore.errors import Array
from scenes.errors_back.parameters import OutputParams
from scenes.kit import facts
from scenes.kit.quantities import error, weight
from scenes.kit.story import Story, together
from scenes.kit.views.matrix import Matrix, Product
from scenes.kit.views.network import NetworkView
from scenes.kit.views.worked import Worked


class ErrorsAsMatrixParams(OutputParams):
    """The errors at two outputs, and the weights into them."""


@dataclass(frozen=True, eq=False)
class Run:
    """The errors split by shares of the weights, and carried back by the weights as they are."""

    split: Split
    plain: Transposed


class ErrorsAsMatrix(Story):
    """All errors go back in one product of matrices, and without dividing, almost as well."""

    Params = ErrorsAsMatrixParams

    @staticmethod
    def compute(p: ErrorsAsMatrixParams) -> Run:
        errors = np.array([p.output_error_1, p.output_error_2])
        weights = np.array([p.weights_1, p.weights_2])
        return Run(split(errors, weights), transposed(errors, weights))

    def quantities(self, r: Run) -> dict:
        return {
            "w": weight(r.split.weights, "weight into output {} from {}", given=True, digits=1),
            "e": error(r.split.errors, "output error {}", given=True, digits=1),
            "sums": weight(r.split.row_sums, "sum of weights into output {}"),
            "share": weight(
                r.split.shares, "share of output error {} for {}", _few(r.split.shares)
            ),
            "part": error(r.split.parts, "part of output error {} for {}", _few(r.split.parts)),
            "h": error(r.split.recombined, "hidden error {}", _few(r.split.parts)),
            "product": error(
                r.plain.products, "product of output error {} for {}", _few(r.plain.products)
            ),
            "carried": error(r.plain.carried, "carried error {}", _few(r.plain.products)),
        }

    @staticmethod
    def verdicts(r: Run) -> dict[str, str]:
        first, second = r.split.row_sums
        kind = "apart" if not facts.same(first, second) else "alike"
        if kind == "alike" and facts.same(first, 1.0):
            kind = "one"
        return {"scale": kind, "rate": kind}

    def story(self, r: Run) -> None:
        b = self.book
        self.stage("net")
        net = NetworkView(b.w, names=("hidden", "outputs"), first="output")
        back = net.idle(back=True)
        self.beat("network", net.errors(1, b.e), net=net, idle=back)
        self.stage("net*5 | matrix*4")
        matrix = Matrix(b.w, "W")
        self.beat("matrix", matrix.rows_from(net, 0), matrix=matrix, idle=back)
        self.beat("shares", matrix.divided_by(b.sums), matrix.become(b.share, "S"), idle=back)
        self.beat("transpose", matrix.turn(), idle=back)

        self.stage("net*4 / split*3")
        heads = ("output-errors", "hidden-errors")
        first = Product(b.share.T, b.e, b.part.T, b.h, heads=("turned", *heads))
        self.beat(
            "product", first.meet(), net.errors(0, b.h), split=first.out_of(matrix), idle=first.idle
        )  # fmt: skip
        second = Product(b.w.T, b.e, b.product.T, b.carried, heads=("weights-turned", *heads))
        self.stage("split / plain")
        self.beat("undivided", second.meet(), plain=second, idle=second.idle)
        self.stage("split*3 / plain*3 / (one | two)", tall="plain*4 / (one | two)")
        apart = self.verdicts(r)["scale"] == "apart"
        line = (
            "[part.j.0] dot [sums.j] &= [product.j.0]"
            if apart
            else "[h.j] dot [sums.0] &= [carried.j]"
        )
        one, two = (Worked(line, j=j) for j in range(2))
        self.beat("scale", together(one.fill, two.fill), one=one, two=two, idle=second.idle)
        self.tell("rate")
        self.tell("slope")


def _few(values: Array) -> int:
    """Decimals that write all of them, three at most: a product of matrices is wide."""
    exact = facts.exact_decimals(values, 1, 3)
    return 3 if exact is None else exact

"""The network as an actor: what it shows is what the network does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from nncore import SIGMOID, Layer, Network
from scenes.kit import theme
from scenes.kit.quantities import error, output, plain, weight
from scenes.kit.story import Story, lives
from scenes.kit.views import specimen
from scenes.kit.views.network import NetworkView

W = np.array([[2.0, -1.0], [0.0, 0.5], [-3.0, 0.01]])
V = np.array([[1.0, -2.0, 3.0]])


def told(tell: Callable[[Story], Any]) -> Story:
    """Tell something on a stage with one area, `net`."""

    class Told(specimen.Specimen):
        def story(self, run: Any) -> None:
            self.stage("net")
            tell(self)

    return specimen.walk(Told)  # type: ignore[return-value]


def fill(view: NetworkView, layer: int, j: int) -> str:
    return str(view.layers[layer].neurons[j].get_fill_color().to_hex()).upper()


def width(view: NetworkView, k: int, j: int, i: int) -> float:
    """Of a link's ribbon, by its shoelace area; 0 where nothing is drawn."""
    points = view.gaps[k].links.shapes[j, i].points
    if not len(points):
        return 0.0
    x, y = points[::4, :2].T
    a, b = points[0, :2], points[4, :2]
    return float(abs(x @ np.roll(y, -1) - y @ np.roll(x, -1)) / 2 / np.linalg.norm(b - a))


def widths(view: NetworkView, k: int) -> np.ndarray:
    shape = view.gaps[k].links.shapes.shape
    return np.array([width(view, k, j, i) for j, i in np.ndindex(shape)]).reshape(shape)


def as_drawn(weights: np.ndarray, view: NetworkView) -> np.ndarray:
    """The widths that links of these weights should have."""
    links = view.gaps[0].links
    shares = np.minimum(np.abs(weights) / view.largest, 1)
    return np.where(weights == 0, 0, np.maximum(shares * links.widest, links.thinnest))


def test_links_are_as_wide_as_their_weights_over_all_layers() -> None:
    def tell(self: Story) -> None:
        net = NetworkView(weight(W), weight(V))
        self.beat("network", net=net)
        assert net.largest == 3.0
        for k, weights in enumerate((W, V)):
            assert widths(net, k) == pytest.approx(as_drawn(weights, net), rel=1e-6)

    told(tell)


def test_a_neuron_is_as_bright_as_its_activation_and_its_number_can_be_read() -> None:
    values = output([0.0, 0.25, 1.0], "hidden {}", 2)

    def tell(self: Story) -> None:
        net = NetworkView(weight(W), weight(V))
        self.beat("network", net.show(1, values), net=net)
        hue = theme.hue("output")
        for j, value in enumerate((0.0, 0.25, 1.0)):
            assert fill(net, 1, j) == theme.mix(theme.PANEL, hue, value).upper()
        for j, number in net.layers[1].numbers.items():
            assert number.value == values.array[j]
            colour = str(number.get_fill_color().to_hex()).upper()
            assert theme.contrast(colour, fill(net, 1, j)) >= theme.CONTRAST

    told(tell)


def test_beyond_one_the_largest_of_a_layer_is_full() -> None:
    def tell(self: Story) -> None:
        net = NetworkView(weight(W), weight(V))
        self.beat("network", net.show(1, output([2.0, -4.0, 1.0], "hidden {}")), net=net)
        hue = theme.hue("output")
        assert fill(net, 1, 0) == theme.mix(theme.PANEL, hue, 0.5).upper()
        assert fill(net, 1, 1) == theme.NEGATIVE
        assert fill(net, 1, 2) == theme.mix(theme.PANEL, hue, 0.25).upper()

    told(tell)


def test_a_signal_fills_what_it_reaches_and_not_before() -> None:
    def tell(self: Story) -> None:
        net = NetworkView(self.book.w)
        self.beat("network", net=net)
        assert fill(net, 1, 0) == theme.PANEL
        self.act(net.show(0, self.book.x), net.signal(0, self.book.y))
        shares = [float(v) for v in self.book.y.array]
        assert [fill(net, 1, j) for j in range(2)] == [
            theme.mix(theme.PANEL, theme.hue("output"), v).upper() for v in shares
        ]

    told(tell)


def test_an_update_ends_at_the_new_weights_and_biases() -> None:
    new = weight([[0.5, -2.0], [0.0, 3.0]], "new weight into output {} from {}")
    old = weight([[2.0, -1.0], [0.5, 3.0]], "weight into output {} from {}")
    biases = [weight(v, "bias {}") for v in ([1.0, -2.0], [-0.5, 0.0])]

    def tell(self: Story) -> None:
        net = NetworkView(old, biases=[biases[0]], largest=3.0)
        self.beat("network", net=net)
        self.act(net.nudge(0, new.array - old.array))
        assert len(net.arrows) == 3  # one weight stays as it is
        self.act(net.update(0, new, biases[1]))
        assert widths(net, 0) == pytest.approx(as_drawn(new.array, net), rel=1e-6)
        assert [s.weights.item() for s in net.gaps[0].stubs] == [-0.5, 0.0]
        assert net.arrows == []
        for pair, label in net.gaps[0].labels.items():
            assert label[1].ref.is_same(new[pair])
        for j, label in net.gaps[0].bias_labels.items():
            assert label[1].ref.is_same(biases[1][j])

    scene = told(tell)
    shown = {(e.name, e.value) for e in scene.ledger.entries}
    assert ("new weight into output 1 from 2", -2.0) in shown
    assert ("bias 1", -0.5) in shown


def test_a_sum_in_the_making_shows_what_has_arrived() -> None:
    seen: list[float] = []

    class Told(specimen.Specimen):
        def story(self, run: Any) -> None:
            self.stage("net")
            net = NetworkView(self.book.w)
            self.beat("network", net.show(0, self.book.x), net=net)
            self.act(net.add_up(0, 0, self.book.p, self.book.s))

    def look(scene: Any) -> None:
        for mobject in scene.mobjects:
            seen.extend(float(n.value) for n in lives(mobject) if n.name == "weighted sum 1")

    specimen.walk(Told, on_frame=look, frame_rate=15)
    first, second = 0.9 * 1.0, 0.3 * 0.5
    assert {v for v in seen if v != 0} == {first, first + second}
    assert seen[-1] == first + second


def test_growing_keeps_what_is_there_and_adds_the_rest() -> None:
    wide, more = weight(np.ones((4, 2))), weight(np.full((1, 4), -1.0))

    def tell(self: Story) -> None:
        net = NetworkView(weight(W), weight(V), numbers=False)
        self.beat("network", net.show(1, output([0.2, 0.4, 0.6], "hidden {}")), net=net)
        before = [*net.layers[1].neurons]
        self.act(net.grow(wide, more))
        assert net.sizes == [2, 4, 1]
        assert net.layers[1].neurons[:3] == before
        assert net.layers[1].lit.tolist() == [0.2, 0.4, 0.6, 0.0]
        assert net.gaps[1].links.weights.tolist() == [[-1.0] * 4]
        places = [n.get_center()[:2] for n in net.layers[1].neurons]
        assert np.array(places) == pytest.approx(net.layers[1].places, abs=1e-6)
        here = {id(m) for m in net.group.get_family()}
        assert all(id(n) in here for la in net.layers for n in la.neurons)

    told(tell)


def nets() -> list[Network]:
    rng = np.random.default_rng(4)
    return [
        Network(
            [
                Layer(rng.normal(size=(3, 2)), rng.normal(size=3), SIGMOID),
                Layer(rng.normal(size=(1, 3)), rng.normal(size=1), SIGMOID),
            ]
        )
        for _ in range(4)
    ]


def test_a_film_shows_the_nth_network_its_weights_and_biases_and_means() -> None:
    made, inputs = nets(), np.array([[0.0, 1.0], [1.0, 0.5], [0.2, 0.3]])

    def tell(self: Story) -> None:
        net = NetworkView(made[0], largest=5.0)
        self.beat("network", net=net)
        show = net.film(made, inputs)
        for n in (2, 0, 3):
            show(n)
            for k, layer in enumerate(made[n].layers):
                assert widths(net, k) == pytest.approx(as_drawn(layer.weights, net), rel=1e-6)
                stubs = [s.weights.item() for s in net.gaps[k].stubs]
                assert stubs == np.asarray(layer.biases).tolist()
            means = made[n].forward(inputs).outputs[0].mean(axis=0)
            assert [fill(net, 1, j) for j in range(3)] == [
                theme.mix(theme.PANEL, theme.hue("output"), float(m)).upper() for m in means
            ]

    told(tell)


def test_looking_inside_shows_sum_and_output_and_closes_over_the_output() -> None:
    def tell(self: Story) -> None:
        net = NetworkView(self.book.w)
        self.beat("network", net=net)
        self.act(net.show(0, self.book.x), net.add_up(0, 1, self.book.p, self.book.s))
        self.act(net.look_inside(1, 1, self.book.s, self.book.y, SIGMOID))
        opened = net.opened
        curve = opened.curve.points[::4, :2]
        assert opened.total.value == self.book.s.array[1]
        assert opened.out.value == self.book.y.array[1]
        # The dot ends on the axis at the height of the output.
        assert opened.dot.get_center()[1] == pytest.approx(
            float(opened._at(0.0, self.book.y.array[1])[1])
        )
        assert curve[:, 1].min() >= opened.box.bottom and curve[:, 1].max() <= opened.box.top
        self.act(net.close(1, 1, self.book.y))
        share = float(self.book.y.array[1])
        assert fill(net, 1, 1) == theme.mix(theme.PANEL, theme.hue("output"), share).upper()
        assert net.layers[1].numbers[1].value == self.book.y.array[1]

    told(tell)


def test_errors_go_back_in_parts_that_add_up() -> None:
    errors = error([0.8, -0.5], "error {}", signed=True)
    parts = error([[0.6, 0.2], [-0.1, -0.4]], "part {} for {}", signed=True)
    hidden = error([0.5, -0.2], "hidden error {}", signed=True)

    def tell(self: Story) -> None:
        net = NetworkView(self.book.w)
        self.beat("network", net.errors(1, errors), net=net)
        discs = net.layers[1].discs
        sizes = [discs[j].width for j in range(2)]
        assert (sizes[0] / sizes[1]) ** 2 == pytest.approx(0.8 / 0.5)  # by area
        assert discs[0].get_fill_opacity() > 0.9 > 0.3 > discs[1].get_fill_opacity()  # a ring
        self.act(net.send_back(0, parts))
        self.act(net.gather(0, hidden))

    scene = told(tell)
    shown = {e.name: e.value for e in scene.ledger.entries}
    assert shown["part 1 for 2"] == 0.2
    assert shown["hidden error 2"] == -0.2


def test_numbers_stand_on_links_of_small_networks_only() -> None:
    def tell(self: Story) -> None:
        small, large = NetworkView(weight(W)), NetworkView(plain(np.ones((4, 2))))
        self.beat("network", net=small)
        assert set(small.gaps[0].labels) == set(small.gaps[0].pairs)
        self.beat("other", net=large)
        assert not large.gaps[0].labels
        assert not any(lives(large.group))

    told(tell)

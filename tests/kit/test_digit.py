"""Pictures of pixels: what is seen is what the numbers are, at rest and on the way."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenes.kit import theme
from scenes.kit.dry import walk
from scenes.kit.edges import Lights
from scenes.kit.grid import unlit
from scenes.kit.quantities import inputs, output, plain
from scenes.kit.stage import Box
from scenes.kit.story import Story
from scenes.kit.views.digit import Lens, PixelsView, ProductsView, readable
from scenes.kit.views.heaps import Heap, HeapsView
from scenes.kit.views.layers import InputColumn, LinksPicture, NeuronSheet
from scenes.kit.views.open_neuron import OpenNeuron
from scenes.kit.views.scores import ScoresView
from scenes.kit.views.tally import Tally
from scenes.signals.by_hand import ByHand

RNG = np.random.default_rng(5)
PICTURE = RNG.uniform(0, 1, (6, 6))
WEIGHTS = RNG.normal(0, 1, (6, 6))


def told(
    tell: Callable[[Any, Any], None],
    quantities: dict[str, Any] | None = None,
    on_frame: Callable[[Any], None] = lambda scene: None,
) -> Any:
    """A story that `tell` tells, walked; the words of the signals clip serve it."""

    class Told(ByHand):
        words_file = ByHand._file()

        def quantities(self, run: Any) -> dict[str, Any]:
            return super().quantities(run) | (quantities or {})

        def story(self, run: Any) -> None:
            tell(self, run)

    return walk(Told, on_frame=on_frame, frame_rate=10)


def test_a_wipe_shows_old_or_new_pixels_and_nothing_between() -> None:
    new = RNG.uniform(0, 1, (6, 6))
    seen = []
    picture = PixelsView(PICTURE, "inputs")

    def tell(story: Story, _run: Any) -> None:
        story.stage("picture")
        story.beat("network", picture=picture)
        story.act(picture.wipe(new))

    told(tell, on_frame=lambda scene: seen.append(picture.grid.values.copy()))
    for values in seen:
        old = values == PICTURE
        assert (old | (values == new)).all()
        assert (np.diff(old.all(axis=0).astype(int)) >= 0).all()  # from left to right
    assert (seen[-1] == new).all() and (seen[0] == PICTURE).all()


def test_products_appear_behind_the_line_with_their_running_sum() -> None:
    products = PICTURE * WEIGHTS
    running = np.concatenate([[0.0], np.cumsum(products)])
    view = ProductsView(products, "sum")
    tally = Tally("sum", plain([running[-1]], "weighted sum", signed=True)[0], running)
    seen = []

    def tell(story: Story, _run: Any) -> None:
        story.stage("products / tally")
        story.beat("network", products=view, tally=tally)
        story.act(view.scan([], tally))

    def see(scene: Any) -> None:
        count = int((view.grid.values != 0).sum())
        if tally.number in tally.group.submobjects and count > 0:
            seen.append((count, float(tally.number.value)))

    told(tell, on_frame=see)
    assert len({count for count, _ in seen}) > 10
    assert all(value == pytest.approx(running[count]) for count, value in seen)
    assert seen[-1] == (36, running[-1])


@given(st.lists(st.floats(0.01, 1.0), min_size=2, max_size=20))
def test_a_number_on_a_pixel_can_be_read_and_the_brighter_stays_the_brighter(
    values: list[float],
) -> None:
    shares = np.sort(np.array(values))
    tones = readable(shares)
    for tone in tones:
        ground = theme.mix(theme.PANEL, theme.INPUT, float(tone))
        assert theme.contrast(theme.on(ground), ground) >= theme.CONTRAST
    assert (np.diff(tones) >= 0).all()
    assert np.abs(tones - shares).max() < 0.1


def test_a_lens_shows_each_pixels_own_number() -> None:
    x = inputs(PICTURE.ravel(), "pixel {}", 2)
    picture = PixelsView(PICTURE)
    lens = Lens(picture, (1, 2), (2, 3), x)

    def tell(story: Story, _run: Any) -> None:
        story.stage("picture | lens")
        story.beat("network", picture=picture)
        story.beat("inputs", lens=lens)

    told(tell)
    shown = [number.value for number in lens.numbers]
    assert shown == PICTURE[1:3, 2:5].ravel().tolist()
    for number, place in zip(lens.numbers, lens.patch.places(), strict=True):
        assert number.get_center()[:2] == pytest.approx(place, abs=0.05)


def test_links_begin_at_their_input_and_end_on_their_pixel() -> None:
    picture, column = PixelsView(PICTURE), InputColumn(PICTURE, "inputs")
    links = LinksPicture(WEIGHTS, "weight")

    def tell(story: Story, _run: Any) -> None:
        story.stage("picture | column | links")
        story.beat("network", column.take(picture), picture=picture, column=column)
        story.beat("sum", links.link(column), links.open(column), links=links)

    told(tell)
    assert column.grid.values.ravel().tolist() == PICTURE.ravel().tolist()
    assert (np.sign(links.grid.values) == np.sign(WEIGHTS)).all()
    order = np.argsort(np.abs(WEIGHTS).ravel())
    assert (np.diff(np.abs(links.grid.values).ravel()[order]) >= 0).all()


def test_a_sheet_is_as_bright_as_its_activations() -> None:
    values = np.linspace(0, 1, 12)
    picture, sheet = PixelsView(PICTURE), NeuronSheet(12, "hidden")

    def tell(story: Story, _run: Any) -> None:
        story.stage("picture | sheet")
        story.beat("network", picture=picture, sheet=sheet)
        story.act(sheet.signal(picture.points, values, RNG.normal(size=(12, 36))))

    told(tell)
    assert sheet.grid.values.ravel().tolist() == values.tolist()


def test_a_neuron_that_has_spoken_is_yellow_for_and_violet_against() -> None:
    sheet = NeuronSheet(4, "hidden")

    def tell(story: Story, _run: Any) -> None:
        story.stage("sheet")
        story.beat("network", sheet=sheet)
        sheet.show([1, 1, 1, 0])
        sheet.speak([1, -1, 0, 1], [1, 1, 1, 0])

    told(tell)
    tones = sheet.grid.ramp(sheet.grid.values).reshape(-1, 3)
    hues = ("positive", "negative", unlit(), unlit())
    for tone, hue in zip(tones, hues, strict=True):
        assert tone == pytest.approx(255 * np.array(theme.channels(theme.hue(hue))))


def test_lights_take_the_strongest_links_and_arrive_neuron_after_neuron() -> None:
    products = RNG.normal(size=(5, 9))
    lights = Lights(products, 2, 0.05)
    for k, row in enumerate(products):
        taken = np.sort(np.abs(row))[-2:]
        assert np.sort(np.abs(lights.products[lights.targets == k])).tolist() == taken.tolist()
    starts, ends = RNG.uniform(-3, 3, (9, 2)), RNG.uniform(-3, 3, (5, 2))
    ways = np.array([lights.draw(starts, ends, a) for a in np.linspace(0, 1, 21)])
    assert (np.diff(ways, axis=0) >= 0).all() and (np.diff(ways, axis=1) <= 0).all()
    assert not ways[0].any() and ways[-1].all() and not lights.family_members_with_points()


@given(st.floats(-30.0, 30.0))
def test_the_dot_is_on_the_sigmoid(total: float) -> None:

    y = 1 / (1 + np.exp(-total))
    neuron = OpenNeuron(plain([total], "sum", 3)[0], output([y], "output", 3)[0])
    neuron.build()
    neuron.place(Box(0, 0, 8, 5))
    inner = neuron.axes.inner
    share = (total + neuron.reach) / (2 * neuron.reach)
    wanted = [inner.left + share * inner.width, inner.bottom + y * inner.height]
    assert neuron.dot.get_center()[:2] == pytest.approx(wanted, abs=1e-6)
    x, middle, radius = neuron.ring
    for corner in neuron.input.box.points[[0, -1], :2]:
        assert np.hypot(*(corner - [x, middle])) < radius


def test_bars_are_as_long_as_their_scores() -> None:
    scores = np.array([0.25, 1.0, 0.5])
    refs = output(scores, "score {}", 3)
    view = ScoresView([refs[0], refs[1], refs[2]], "outputs")

    def tell(story: Story, _run: Any) -> None:
        story.stage("scores")
        story.beat("network", view.show(), scores=view)

    told(tell)
    bars = view.bars.points.reshape(3, -1, 3)
    lengths = np.ptp(bars[:, :, 0], axis=1)
    assert lengths / view.length == pytest.approx(scores)
    assert bars[:, :, 1].mean(axis=1) == pytest.approx(view.y, abs=0.05)
    assert [label.text for label in view.indices] == ["0", "1", "2"]


def test_a_heap_gains_and_loses_what_has_arrived() -> None:
    products = np.array([2.0, 0.5, -1.0, 1.5, -0.25])
    n = plain([4.0, -1.25, 2.75, 0.94], "number {}", signed=True)
    heaps = HeapsView([Heap(3, products, n[0], n[1], n[2], n[3])])

    def tell(story: Story, _run: Any) -> None:
        story.stage("heaps")
        story.beat("network", heaps.pour(0), heaps=heaps)

    told(tell)
    row = heaps.rows[0]
    assert row.parts.tolist() == sorted(products.tolist(), reverse=True)
    for alpha in np.linspace(0, 1, 23):
        there = row.parts[row.arrival <= alpha + 1e-9]
        assert row.gained(alpha) == pytest.approx(there[there > 0].sum())
        assert row.lost(alpha) == pytest.approx(there[there < 0].sum())
    assert row.gained(1) + row.lost(1) == pytest.approx(products.sum())

"""A clip told in beats: each is a section, a caption, what comes into which area, what happens.

class ByHand(Story):
    def story(self, r):
        self.stage("net*3 / (sum / squash)*2")
        net = NetworkView(self.book.w, names=("inputs", "outputs"))
        self.beat("network", net=net)
        self.beat("inputs", net.show(0, self.book.x))
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial, wraps
from typing import Any

import numpy as np
from manim import Animation, Group, Mobject, linear, smooth, squish_rate_func
from manim.animation.animation import prepare_animation

from scenes.kit import theme
from scenes.kit.clip import Clip
from scenes.kit.ledger import Value
from scenes.kit.motion import FadeIn, FadeOut, Sweep, Travel, take_out
from scenes.kit.quantities import Live, Ref
from scenes.kit.stage import Box, areas
from scenes.kit.text.words import Words

Lazy = Callable[[], Any]
"""A verb of a view: what it does depends on what is there when its turn comes."""

Idle = Callable[[float], Animation | None]
"""What goes on while a caption is read: given the seconds, an animation that ends as it began."""


def _after(coming: Animation) -> Animation:
    """What is new appears when what stays has almost reached its place."""
    coming.run_time, coming.rate_func = theme.MOVE, squish_rate_func(smooth, 0.5, 1.0)
    return coming


def _several(idle: Idle | Sequence[Idle]) -> tuple[Idle, ...]:
    return (idle,) if callable(idle) else tuple(idle)


class Step:
    """Animations that play at once; `run_time` stretches all of them."""

    def __init__(self, *animations: Any, run_time: float | None = None) -> None:
        self.animations = [prepare_animation(a) for a in animations]
        self.run_time = run_time


def verb(method: Callable[..., Any]) -> Callable[..., Lazy]:
    """Put a view's method off until it is played."""

    @wraps(method)
    def later(self: Any, *args: Any, **kwargs: Any) -> Lazy:
        return partial(method, self, *args, **kwargs)

    return later


def together(*things: Any, run_time: float | None = None) -> Lazy:
    """Several steps as one; of a list, one after the other with its like in the other lists.

    `run_time` is how long each takes, if not as long as its longest part.
    """

    def combine() -> list[Step]:
        lists = [_steps(thing) for thing in things]
        count = max(map(len, lists), default=0)
        merged = []
        for k in range(count):
            now = [steps[k] for steps in lists if k < len(steps)]
            times = [s.run_time for s in now if s.run_time]
            animations = [a for s in now for a in s.animations]
            merged.append(Step(*animations, run_time=run_time or max(times, default=None)))
        return merged

    return combine


def _steps(thing: Any) -> list[Step]:
    """A thing that can be played, as steps; lazy ones act now."""
    while not isinstance(thing, (Step, Animation, Mobject)) and callable(thing):
        thing = thing()
    if thing is None:
        return []
    if isinstance(thing, (list, tuple)):
        return [step for part in thing for step in _steps(part)]
    if isinstance(thing, Step):
        return [thing]
    return [Step(FadeIn(thing) if isinstance(thing, Mobject) else thing)]


def process(
    draw: Callable[[float], None],
    moved: Sequence[Mobject] = (),
    numbers: dict[Live, Callable[[float], Value]] | None = None,
    *,
    run_time: float = theme.COUNT,
    rate_func: Callable[[float], float] = smooth,
) -> Step:
    """Something that really runs: `draw(alpha)` changes `moved`, and each of `numbers` shows at
    alpha what its function computes. They come to rest as what they then stand for."""
    numbers = numbers or {}
    now = [0.0]

    def step(alpha: float) -> None:
        now[0] = alpha
        draw(alpha)
        for number, law in numbers.items():
            number.follow(lambda law=law: law(now[0]))  # type: ignore[misc]

    animation = Sweep([*moved, *numbers], step, run_time=run_time, rate_func=rate_func)
    return Step(animation, run_time=run_time)


class View:
    """A picture of a part of the run; `group` is what is drawn of it.

    It is no mobject itself: manim copies what it fades, and the story is not to be copied.
    A subclass gives `build` and `place`, and verbs. What is to appear later is placed with the
    rest, but waits in the wings until a verb reveals it.
    """

    box: Box | None = None
    story: Story
    origin: View | None = None

    def __init__(self) -> None:
        self.group = Group()
        self.wings: list[Mobject] = []

    def add(self, *mobjects: Mobject) -> None:
        """Put into the picture what is not there yet."""
        here = {id(m) for m in self.group.submobjects}
        self.group.add(*[m for m in mobjects if id(m) not in here])
        self.wings = [m for m in self.wings if all(m is not new for new in mobjects)]

    def remove(self, *mobjects: Mobject) -> None:
        """Take out of the picture."""
        ids = {id(m) for m in mobjects}
        self.group.submobjects = [m for m in self.group.submobjects if id(m) not in ids]

    def wait(self, *mobjects: Mobject) -> None:
        """Keep in the wings until `reveal`."""
        self.wings += mobjects

    def reveal(self, *mobjects: Mobject) -> list[Animation]:
        """Let what waited, or is new, come into the picture."""
        self.add(*mobjects)
        return [FadeIn(m) for m in mobjects]

    def all(self) -> list[Mobject]:
        """What is in the picture and in the wings: what `place` puts into its place."""
        return [*self.group.submobjects, *self.wings]

    def build(self) -> None:
        """Make the mobjects; the story and its book are known now."""

    def place(self, box: Box) -> None:
        """Put all of it into a box; it may be called at any time, and in every frame."""
        raise NotImplementedError

    def out_of(self, source: View) -> Any:
        """Come in as what another view becomes: numbers of both fly from there to here."""
        self.origin = source
        return self

    def enter(self) -> Step:
        """How it comes in: what another view, its source, has already comes from there."""
        if self.origin is None:
            return Step(FadeIn(self.group))
        there = lives(self.origin.group)
        flights, flown = [], set()
        for number in lives(self.group):
            twin = next((t for t in there if t.ref.is_same(number.ref)), None)
            if twin is not None:
                flights.append(self.travel(number, twin, ghost=1.0))
                flown.add(id(number))
                there = [t for t in there if t is not twin]
                self.story.drop(twin)  # it is the same number that goes on
        rest = [m for m in _leaves(self.group) if id(m) not in flown]
        return Step(*flights, *map(FadeIn, rest))  # one by one: they stay in their group

    def leave(self) -> Step:
        """How it goes."""
        return Step(FadeOut(self.group))

    def glide(self, box: Box) -> Animation:
        """From its box to another."""
        start = self.box
        assert start is not None
        return Sweep(
            self.group.submobjects, lambda a: self.place(start.towards(box, a)), run_time=theme.MOVE
        )

    def travel(self, number: Live, source: Mobject, **how: Any) -> Animation:
        """A number comes from where another object stands, over its own line; see Travel."""
        size = source.box.height / number.box.height if isinstance(source, Live) else 1.0
        start = source.get_center()
        across, up = (number.get_center() - start)[:2]
        bend = 1.1 * number.height / across if abs(up) < number.height < abs(across) else 0.0
        return Travel(number, start, scale=size, **{"run_time": theme.MOVE, "bend": bend, **how})

    def fly(self, number: Live, source: Live | None = None, **how: Any) -> Animation:
        """A number comes from where the same one stands already, anywhere on stage."""
        source = source or self.story.standing(number.ref, but=number)
        return FadeIn(number, **how) if source is None else self.travel(number, source, **how)


def lives(mobject: Mobject) -> list[Live]:
    """All live numbers in an object that can be seen."""
    return [m for m in mobject.get_family() if isinstance(m, Live) and m.get_fill_opacity() > 0.5]


def _leaves(mobject: Mobject) -> list[Mobject]:
    """The parts of a group that are no groups; numbers and words are whole."""
    if isinstance(mobject, (Live, Words)) or not mobject.submobjects or len(mobject.points):
        return [mobject]
    return [leaf for part in mobject.submobjects for leaf in _leaves(part)]


class Story(Clip):
    """A clip told in beats. Subclasses give `quantities(run)` and `story(run)`."""

    def story(self, run: Any) -> None:
        """Tell it: `stage`, `beat`, `tell` and `act`, in turn."""
        raise NotImplementedError

    def construct(self) -> None:
        """Tell the story from an empty stage."""
        self.shown, self.areas = dict[str, View](), dict[str, Box]()
        self._plan: dict[str, Box] | None = None
        self._before, self._idle = tuple[Any, ...](), tuple[Idle, ...]()
        self.story(self.run)

    def stage(
        self, plan: str, *steps: Any, tall: str | None = None, square: str | None = None
    ) -> None:
        """Divide the picture anew, from the next beat on; `tall` is the plan for frames that are
        no wider than high, `square` that for square ones. Areas that are gone are emptied, `steps`
        are played, and what keeps its area's name glides to its new place."""
        ratio = theme.FRAME_WIDTH / theme.FRAME_HEIGHT
        if square and 0.8 < ratio < 1.2:
            found = areas(square, turn=False)
        else:
            found = areas(tall if tall and ratio < 1.2 else plan)
        self._plan, self._before = found, steps

    def beat(
        self, key: str, *steps: Any, say: str | None = None, idle: Idle | Sequence[Idle] = (),
        **views: View | None,
    ) -> None:  # fmt: skip
        """A section: its caption, then its steps; views come into their areas in place of what
        is there, None empties one. `idle`, one or several, goes on while the caption is read."""
        first = not self.sections
        self.section(key)
        self._idle = ()
        self._clear(views)
        glides = self._glides()
        coming: list[Animation] = []
        for area, view in views.items():
            if view is not None:
                stays = view.box is not None or view.origin is not None
                (glides if stays else coming).extend(self._bring(area, view).animations)
        if first:
            self._open(coming)
            coming = []
        self.tell(say or key, along=[*glides, *(_after(a) if glides else a for a in coming)])
        self._settle()
        self.act(*steps)
        self._idle = _several(idle)

    def enter(self, **views: View | None) -> None:
        """Views come into areas within a section, in place of what is there; None empties one."""
        self._leaving: list[View] = []
        going = [self.shown.pop(name) for name in views if name in self.shown]
        self.act(together(*[view.leave() for view in going]))
        self.drop(*[view.group for view in going])
        self.act(together(*[self._bring(a, v) for a, v in views.items() if v is not None]))

    def _clear(self, views: dict[str, View | None]) -> None:
        """Take the caption away with what leaves; play the steps between two stages."""
        plan, steps = self._plan or self.areas, self._before
        self._plan, self._before = None, ()
        gone = [name for name in self.shown if name in views or name not in plan]
        going = [self.shown.pop(name) for name in gone]
        staying = {id(view) for view in views.values()}
        kept = [v.origin for v in views.values() if v is not None and v.origin is not None]
        going = [v for v in going if id(v) not in staying]
        if self.caption is not None or going:
            leaving = [v.leave() for v in going if all(v is not k for k in kept)]
            self.hush(along=[a for step in leaving for a in step.animations])
        self._leaving = [v for v in going if any(v is k for k in kept)]
        self.drop(*[v.group for v in going if v not in self._leaving])
        self.act(*steps)
        self.areas = plan

    def _glides(self) -> list[Animation]:
        return [
            view.glide(self.areas[name])
            for name, view in self.shown.items()
            if self.areas[name] != view.box
        ]

    def _open(self, coming: list[Animation]) -> None:
        """The first picture stands there from the first frame on: it is the clip's poster."""
        for animation in coming:
            animation.begin()
            animation.finish()
        self.add(*self.title())

    def _bring(self, area: str, view: View) -> Step:
        """Build a view, put it into its area and on stage; a view that was shown moves there."""
        if area not in self.areas:
            raise ValueError(f"the stage has no area {area!r}, it has {', '.join(self.areas)}")
        box = self.areas[area]
        self.shown[area] = view
        if view.box is not None and view.group in self.mobjects:
            return Step(view.glide(box))
        view.story = self
        if view.box is None:
            view.build()
        view.place(box)
        view.box = box
        self.add(view.group)
        step = view.enter()
        if view.origin is not None:
            gone = [v for v in self._leaving if v is view.origin]
            step.animations += [FadeOut(v.group, run_time=theme.FADE / 2) for v in gone]
            view.origin = None
        return step

    def act(self, *steps: Any) -> None:
        """Play steps, one after the other; at each end all numbers are what they stand for."""
        for thing in steps:
            while not isinstance(thing, (Step, Animation, Mobject)) and callable(thing):
                thing = thing()
            if isinstance(thing, (list, tuple)):
                self.act(*thing)
                continue
            for step in _steps(thing):
                self._play(step)

    def _play(self, step: Step) -> None:
        if step.animations:
            longest = max(a.run_time for a in step.animations)
            self.play(*step.animations, run_time=step.run_time or longest)
        self._settle()

    def tell(
        self, key: str, *steps: Any, along: Sequence[Animation] = (),
        idle: Idle | Sequence[Idle] = (),
    ) -> None:  # fmt: skip
        """Another caption in the same section, then `steps`, then `idle` goes on; a caption that
        is not in the clip's words only takes the one before away."""
        if self.has_caption(key):
            self.say(key, along=along)
        else:
            self.hush()
            self.act(Step(*along))
        self._settle()
        self.act(*steps)
        self._idle = _several(idle) or self._idle

    def hold(self, seconds: float) -> None:
        """Hold for reading; what idles goes on meanwhile."""
        idling = [going for idle in self._idle if seconds > 0.5 and (going := idle(seconds))]
        if not idling:
            super().hold(seconds)
            return
        rate = float(self.camera.frame_rate)
        for going in idling:
            going.rate_func = linear
        self.play(*idling, run_time=(np.ceil(seconds * rate - 1e-6) - 0.01) / rate)
        self._settle()

    def _settle(self) -> None:
        """Whatever is seen is what it stands for, bit for bit, and is entered in the ledger."""
        for name, view in self.shown.items():
            view.box = self.areas[name]
        for mobject in self.mobjects:
            for number in lives(mobject):
                number.rest()
                self.figure(number.ref.figure)

    def standing(self, ref: Ref, but: Mobject | None = None) -> Live | None:
        """A number on screen that stands for the same one."""
        for mobject in self.mobjects:
            for number in lives(mobject):
                if number is not but and number.ref.is_same(ref):
                    return number
        return None

    def drop(self, *mobjects: Mobject) -> None:
        """Take objects out of the picture at once."""
        take_out(self, Group(*mobjects))

"""The window: its loop, which turns events into intents and changes into pictures, and sleeps while nothing happens."""

from __future__ import annotations

import contextlib
import math
import time
from collections.abc import Callable
from pathlib import Path

import pygame

from .actions.door import Actions
from .dump import Dump, describe
from .game.controller import Controller
from .game.texts import say
from .keyboard import Keyboard
from .mouse import Mouse
from .sounds import Sounds
from .widgets import (
    pieces,
    scene,
    study_layout,
    theme,
)
from .widgets.board_view import Geometry
from .widgets.controls import Intent
from .widgets.layout import Layout, arrange, automatic_scale, with_end
from .widgets.library_panel import LibraryPanel
from .widgets.library_sheet import LibrarySheet
from .widgets.line import Line
from .widgets.move_list import MoveListView
from .widgets.overlays import Overlay, RestoreCard
from .widgets.sheets import GamesSheet, SettingsSheet
from .window import wake

FRAME = 1 / 30  # seconds between two pictures at least
RESIZED = 0.5  # seconds after a change of the window's size until it is stored
REPEAT = (320, 45)  # milliseconds until a held key repeats, and between two repeats


class App:
    """The window around a controller."""

    def __init__(
        self,
        controller: Controller,
        surface: pygame.Surface,
        scale: float,
        dump: Path | None = None,
        models: Path | None = None,
    ):
        self.controller, self.surface, self.scale = controller, surface, scale
        self.sounds = Sounds(wake)
        self.hand = scene.Hand()
        self.moves = MoveListView()
        self.library = LibraryPanel()
        self.overlay: Overlay | None = None
        self.entry = Line("entry", longest=24)
        self.typing = False  # whether the box for moves has the keyboard
        self.pictures = 0  # drawn so far
        self.running = True
        self.actions = Actions(self, models)
        self._dump = Dump(dump) if dump else None
        self._travel: scene.Travel | None = None
        self._drawn: object = None
        self._resized: float | None = None  # when, if the size is not stored yet
        self._last_picture = 0.0
        self.dirty = True  # the picture is old
        self.mouse, self.keyboard = Mouse(self), Keyboard(self)
        pygame.key.set_repeat(*REPEAT)
        self.keyboard.listen()
        self._arrange()

    # ------------------------------------------------------------------------------------------------ geometry

    def _arrange(self) -> None:
        settings = self.controller.settings
        look = theme.PALETTES[settings.panel]
        analysis, size = self.controller.state.analysis, self.surface.get_size()
        if analysis.on:
            attempt = analysis.attempt is not None
            self.layout: Layout = study_layout.arrange(size, self.scale, look, settings.folded, attempt)
        else:
            self.layout = arrange(size, self.scale, look, settings.folded)
        if self.controller.state.shows_end:
            self.layout = with_end(self.layout)
        self.geometry = Geometry.fit(self.layout.board, self.controller.state.flipped)
        self._arranged = self._arrangement()
        self.entry.rect = self.layout.entry
        self.entry.placeholder = say(settings.language, "entry_placeholder")
        self.entry.place(self.layout)
        if self.overlay:
            self.overlay.place(self.layout, self.surface.get_rect(), settings.language)
        self.dirty = True

    def _arrangement(self) -> tuple:
        settings = self.controller.settings
        analysis = self.controller.state.analysis
        mode = analysis.on, analysis.attempt is not None, self.controller.state.shows_end
        return self.surface.get_size(), self.scale, settings.language, settings.panel, settings.folded, mode

    def _keep_arranged(self) -> None:
        """Arrange the window again if settings or its size have changed."""
        chosen = self.controller.settings.ui_scale
        self.scale = chosen / 100 if chosen else automatic_scale(pygame.display.get_desktop_sizes()[0])
        self.surface = pygame.display.get_surface() or self.surface
        if self._arrangement() != self._arranged:
            if self.surface.get_size() != self._arranged[0]:
                self._resized = time.monotonic()
            self._arrange()
        self.geometry = Geometry.fit(self.layout.board, self.controller.state.flipped)

    def _remember_size(self, now: float) -> None:
        """Store the window's size in the settings once it has stayed the same for a while."""
        if self._resized is not None and now - self._resized > RESIZED:
            self._resized = None
            width, height = self.surface.get_size()
            self.controller.change(width=width, height=height)

    # ------------------------------------------------------------------------------------------------ the loop

    def run(self, background: Callable[[], None], stopped: Callable[[], bool] = lambda: False) -> None:
        """Show the board, start `background` work, then run until the window is closed or the program is `stopped`.

        Raises KeyboardInterrupt where that was before the window began to live.
        """
        pygame.display.set_icon(pygame.transform.smoothscale(pieces.disc(1, 96), (64, 64)))
        self.draw()
        background()
        self.sounds.start()
        self.offer_unfinished_game()
        if stopped():
            raise KeyboardInterrupt
        with contextlib.suppress(KeyboardInterrupt):  # Ctrl-C in the terminal closes the window
            while self.running and not stopped():
                self.step(self.patience())
        self._remember_size(math.inf)

    def patience(self) -> int:
        """Return the milliseconds to sleep at most."""
        state = self.controller.state
        if self.dirty or self._travel or self.hand.dragging:
            return max(round((FRAME - (time.monotonic() - self._last_picture)) * 1000), 1)
        if self.controller.impatient:
            return 50
        if state.opponent_to_move and not state.failure and (not state.paused or state.pending):
            return 100  # the elapsed time grows
        if state.clock.running is not None:
            return 100 if state.clock.left(state.clock.running) < 10 else 250
        return 500  # Ctrl-C cannot interrupt the sleep itself

    def step(self, patience: int) -> None:
        """Wait for events, `patience` milliseconds at most, handle them, and draw if anything has changed."""
        for event in [pygame.event.wait(patience), *pygame.event.get()]:
            if event.type != pygame.NOEVENT:
                self.handle(event)
        self.controller.tick()
        now = time.monotonic()
        self._notice_changes(now)
        self._remember_size(now)
        if self._dump:
            self._dump.flush()
        if self.dirty and now - self._last_picture >= FRAME:
            self.draw()

    def _notice_changes(self, now: float) -> None:
        """Start the motion and the sounds that the controller asks for; mark the picture as old if it is."""
        controller = self.controller
        motion = controller.take_motion()
        if motion and controller.settings.animation:
            self._travel = scene.Travel(motion, now)
        for name in controller.take_sounds():
            if controller.settings.sound:
                self.sounds.play(name, controller.settings.volume)
        if isinstance(self.overlay, SettingsSheet):
            self.overlay.settings = controller.settings
        if isinstance(self.overlay, GamesSheet | LibrarySheet) and self.overlay.refresh():
            self.dirty = True
        self.actions.tick()
        self._keep_arranged()
        if self._travel:
            self.dirty = True
            if self._travel.over(now):
                self._travel = None
        self.dirty = self.dirty or (controller.view(), controller.settings, self.sounds.available) != self._drawn

    def draw(self) -> None:
        """Draw the whole window and, with `--dump-layout`, describe it."""
        controller, now = self.controller, time.monotonic()
        view = controller.view()
        scene.paint(
            self.surface, self.layout, self.geometry, view, controller.settings, self.hand, self.moves,
            self.library, self.entry, self.typing, self._travel, now, self.sounds.available,
        )  # fmt: skip
        if self.overlay:
            self.overlay.draw(self.surface, self.layout, self.hand.pointer)
        pygame.display.flip()
        if pygame.display.get_caption()[0] != view.title:
            pygame.display.set_caption(view.title)
        self.pictures += 1
        self._drawn = (view, controller.settings, self.sounds.available)
        self._last_picture, self.dirty = now, False
        if self._dump:
            overlay = (self.overlay.name, self.overlay.rectangles()) if self.overlay else None
            sounds = (self.sounds.available, self.sounds.played)
            panel = self.library.rectangles() if view.library else {}
            self._dump.write(describe(controller, view, self.layout, self.geometry, overlay, sounds, panel))

    # ------------------------------------------------------------------------------------------------ events

    def stop_motion(self) -> None:
        """Show the last move as done."""
        self._travel = None

    @property
    def covered(self) -> bool:
        """Return whether something is open that takes all clicks and keys."""
        return self.overlay is not None and self.overlay.blocking

    @property
    def line(self) -> Line | None:
        """Return the line that typed text goes to."""
        if self.overlay is not None and self.overlay.blocking:
            return self.overlay.line
        return self.entry if self.typing else None

    def handle(self, event: pygame.Event) -> None:
        """Handle one event of the window system or of our threads."""
        kind = event.type
        if kind == pygame.QUIT:
            self.do(("quit", None))
        elif kind in (pygame.VIDEORESIZE, pygame.WINDOWSIZECHANGED, pygame.WINDOWEXPOSED, pygame.WINDOWRESTORED):
            self.dirty = True
        elif kind == pygame.MOUSEMOTION:
            self.mouse.point(event.pos)
        elif kind == pygame.MOUSEBUTTONDOWN and event.button == 1:
            self.mouse.press(event.pos)
        elif kind == pygame.MOUSEBUTTONUP and event.button == 1:
            self.mouse.release(event.pos)
        elif kind == pygame.MOUSEBUTTONDOWN and event.button == 3 and not self.covered:
            self.mouse.press_right(event.pos)
        elif kind == pygame.MOUSEWHEEL:
            self.mouse.wheel(event.y)
        elif kind == pygame.KEYDOWN:
            self.keyboard.key(event)
        elif kind == pygame.KEYUP:
            self.keyboard.up(event.key)
        elif kind in (pygame.TEXTINPUT, pygame.TEXTEDITING):
            self.keyboard.text(kind, event.text)
        elif kind == pygame.DROPFILE:
            self.do(("open", Path(event.file)))
        elif kind == pygame.DROPTEXT:
            self.do(("paste_text", event.text))
        elif kind == pygame.WINDOWFOCUSLOST:
            self.keyboard.leave()
        self.keyboard.listen()

    # ------------------------------------------------------------------------------------------------ overlays

    def do(self, intent: Intent | None) -> None:
        """Carry out what a button, a key, a menu or a dialog asks for, as far as the game allows it now."""
        if intent is not None:
            self.dirty = True
            self.actions.carry_out(intent)

    def show(self, overlay: Overlay) -> None:
        """Open an overlay in place of the one that is open."""
        self.close()
        self.overlay = overlay
        overlay.place(self.layout, self.surface.get_rect(), self.controller.settings.language)

    def place_again(self) -> None:
        """Place the open overlay again, as its content has changed."""
        if self.overlay:
            self.overlay.place(self.layout, self.surface.get_rect(), self.controller.settings.language)

    def offer_unfinished_game(self) -> None:
        """Ask whether to continue an unfinished game, if there is one."""
        kept = self.controller.games.shelf.archive.look()
        if kept:
            self.show(RestoreCard(kept.plies))

    def close(self) -> None:
        """Close the open overlay, or leave the box for moves."""
        if self.overlay is not None:
            self.overlay.remove()
            if self.overlay.name == "restore":
                self.controller.games.decline()  # the game goes to the recent ones
        self.overlay = None
        self.typing = False
        self.dirty = True

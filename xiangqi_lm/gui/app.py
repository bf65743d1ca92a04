"""The window: events become intents, changes become pictures; sleeps while nothing happens."""

from __future__ import annotations

import contextlib
import math
import time
from collections.abc import Callable
from pathlib import Path

import pygame

from .actions.door import Actions
from .dump import Dump, describe
from .game.analysis_view import AnalysisView
from .game.controller import Controller
from .game.texts import say
from .input import REPEATED, intent_of_key
from .sounds import Sounds
from .widgets import (
    attempt_card,
    editor_panel,
    graph,
    library_panel,
    lines,
    panels,
    pieces,
    scene,
    study_layout,
    theme,
)
from .widgets.board_view import Geometry
from .widgets.controls import Intent
from .widgets.layout import Layout, arrange, automatic_scale, end_area, with_end
from .widgets.library_panel import LibraryPanel
from .widgets.library_sheet import LibrarySheet
from .widgets.line import Line
from .widgets.move_list import MoveListView
from .widgets.overlays import Overlay, RestoreCard
from .widgets.sheets import GamesSheet, SettingsSheet
from .window import set_pointer, wake

FRAME = 1 / 30  # seconds: no picture follows another sooner
RESIZED = 0.5  # seconds after the last change of the window's size at which it is remembered
DRAG = 5  # pixels that turn a click into a drag
REPEAT = (320, 45)  # milliseconds until a held key works again, and between two times
FOLDING = ("analysis", "info")


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
        self._resized: float | None = None  # when, where that is not remembered yet
        self._last_picture = 0.0
        self._pointer_shape = pygame.SYSTEM_CURSOR_ARROW
        self._down: set[int] = set()  # keys that are held
        self._listening = False  # whether the window system sends texts
        self._dirty = True
        pygame.key.set_repeat(*REPEAT)
        self._listen()
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
        self._dirty = True

    def _arrangement(self) -> tuple:
        settings = self.controller.settings
        analysis = self.controller.state.analysis
        mode = analysis.on, analysis.attempt is not None, self.controller.state.shows_end
        return self.surface.get_size(), self.scale, settings.language, settings.panel, settings.folded, mode

    def _keep_arranged(self) -> None:
        """Follow what settings changed: scale, language, colours, flipped board."""
        chosen = self.controller.settings.ui_scale
        self.scale = chosen / 100 if chosen else automatic_scale(pygame.display.get_desktop_sizes()[0])
        self.surface = pygame.display.get_surface() or self.surface
        if self._arrangement() != self._arranged:
            if self.surface.get_size() != self._arranged[0]:
                self._resized = time.monotonic()
            self._arrange()
        self.geometry = Geometry.fit(self.layout.board, self.controller.state.flipped)

    def _remember_size(self, now: float) -> None:
        """Put the window's size into the settings once it has been left alone for a while."""
        if self._resized is not None and now - self._resized > RESIZED:
            self._resized = None
            width, height = self.surface.get_size()
            self.controller.change(width=width, height=height)

    # ------------------------------------------------------------------------------------------------ the loop

    def run(self, background: Callable[[], None], stopped: Callable[[], bool] = lambda: False) -> None:
        """Show the board, begin `background` work, then live until the window is closed or the program is `stopped`.

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
        if self._dirty or self._travel or self.hand.dragging:
            return max(round((FRAME - (time.monotonic() - self._last_picture)) * 1000), 1)
        if self.controller.impatient:
            return 50
        if state.opponent_to_move and not state.failure and (not state.paused or state.pending):
            return 100  # the elapsed time grows
        if state.clock.running is not None:
            return 100 if state.clock.left(state.clock.running) < 10 else 250
        return 500  # looks around for Ctrl-C, which cannot break into a longer sleep

    def step(self, patience: int) -> None:
        """Wait for events that many milliseconds at most, handle them, draw if anything changed."""
        for event in [pygame.event.wait(patience), *pygame.event.get()]:
            if event.type != pygame.NOEVENT:
                self.handle(event)
        self.controller.tick()
        now = time.monotonic()
        self._notice_changes(now)
        self._remember_size(now)
        if self._dump:
            self._dump.flush()
        if self._dirty and now - self._last_picture >= FRAME:
            self.draw()

    def _notice_changes(self, now: float) -> None:
        """Begin what the controller asks for: motion, sounds; mark the picture old when it is."""
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
            self._dirty = True
        self.actions.tick()
        self._keep_arranged()
        if self._travel:
            self._dirty = True
            if self._travel.over(now):
                self._travel = None
        self._dirty = self._dirty or (controller.view(), controller.settings, self.sounds.available) != self._drawn

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
        self._last_picture, self._dirty = now, False
        if self._dump:
            overlay = (self.overlay.name, self.overlay.rectangles()) if self.overlay else None
            sounds = (self.sounds.available, self.sounds.played)
            panel = self.library.rectangles() if view.library else {}
            self._dump.write(describe(controller, view, self.layout, self.geometry, overlay, sounds, panel))

    # ------------------------------------------------------------------------------------------------ events

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
            self._dirty = True
        elif kind == pygame.MOUSEMOTION:
            self._point(event.pos)
        elif kind == pygame.MOUSEBUTTONDOWN and event.button == 1:
            self._press(event.pos)
        elif kind == pygame.MOUSEBUTTONUP and event.button == 1:
            self._release(event.pos)
        elif kind == pygame.MOUSEBUTTONDOWN and event.button == 3 and not self.covered:
            self._press_right(event.pos)
        elif kind == pygame.MOUSEWHEEL:
            self._wheel(event.y)
        elif kind == pygame.KEYDOWN:
            self._key(event)
        elif kind == pygame.KEYUP:
            self._down.discard(event.key)
        elif kind in (pygame.TEXTINPUT, pygame.TEXTEDITING):
            self._text(kind, event.text)
        elif kind == pygame.DROPFILE:
            self.do(("open", Path(event.file)))
        elif kind == pygame.DROPTEXT:
            self.do(("paste_text", event.text))
        elif kind == pygame.WINDOWFOCUSLOST:
            self._down.clear()
        self._listen()

    def _listen(self) -> None:
        """Have the window system send texts only while a line has the keyboard: else an input method eats shortcuts."""
        line = self.line
        if (line is not None) != self._listening:
            self._listening = line is not None
            with contextlib.suppress(pygame.error):
                (pygame.key.start_text_input if self._listening else pygame.key.stop_text_input)()
        if line is not None:
            with contextlib.suppress(pygame.error):
                pygame.key.set_text_input_rect(line.caret())

    def _text(self, kind: int, words: str) -> None:
        line = self.line
        if line is None:
            return
        if kind == pygame.TEXTEDITING:
            line.composing = words
        else:
            line.typed(words)
        self._dirty = True

    def _wheel(self, steps: int) -> None:
        """The wheel scrolls lists, and over the board it walks through the game."""
        self._dirty = True
        pointer = self.hand.pointer
        if self.overlay is not None and self.overlay.blocking:
            self.overlay.wheel(pointer, -steps)
        elif self.layout.board.collidepoint(pointer):
            self.do(("step", -steps))
        elif self._library_at(pointer):
            self.library.wheel(pointer, -steps)
        else:
            self.moves.scroll(self.layout, self.controller.view(), -steps)

    def _key(self, event: pygame.Event) -> None:
        """A key: of what is open, of the line that is typed in, or a shortcut."""
        if event.key in self._down and (event.key not in REPEATED or (event.key == pygame.K_TAB and not self.overlay)):
            return  # it is held
        self._down.add(event.key)
        line = self.line
        if line is not None and line.composing:
            return  # the input method's
        self._dirty = True
        if self.overlay is not None:
            taken = self.overlay.key(event)
            if not isinstance(taken, bool):
                self.do(taken)
            if taken:
                return
        elif self.typing and event.key not in (pygame.K_ESCAPE, pygame.K_F1, pygame.K_TAB):
            self._key_in_entry(event)
            return
        elif self.library.focused and self.controller.view().library is not None:
            taken = self.library.key(event)
            if not isinstance(taken, bool):
                self.do(taken)
            if taken:
                return
        intent = intent_of_key(event.key, event.mod, self.typing)
        if intent is None:
            return
        if self.overlay is not None and not self.overlay.blocking:
            self.close()
        if self.overlay is None or intent[0] == "close":
            self.do(intent)

    def _key_in_entry(self, event: pygame.Event) -> None:
        if event.key not in (pygame.K_RETURN, pygame.K_KP_ENTER):
            self.entry.key(event)
            return
        words = self.entry.text.strip()
        if words and self.controller.type_move(words):
            self.entry.set_text("")
        else:
            self.entry.select_all()  # so that the next try replaces it

    def _point(self, pixel: tuple[int, int]) -> None:
        hand = self.hand
        hand.pointer = pixel
        hover = self._button_at(pixel)
        if hover != hand.hover or self.overlay or self.controller.state.editor or self._library_at(pixel):
            hand.hover, self._dirty = hover, True
        self._point_at_line(pixel)
        self._shape_pointer(pixel)
        if hand.pressed_at and hand.carried is not None:
            if max(abs(pixel[0] - hand.pressed_at[0]), abs(pixel[1] - hand.pressed_at[1])) > DRAG:
                hand.dragging = True
            self._dirty = self._dirty or hand.dragging

    def _point_at_line(self, pixel: tuple[int, int]) -> None:
        """A move of the judge's lines under the pointer is shown on the board, with those before it."""
        analysis = self.controller.view().analysis
        if analysis is not None and not self.covered:
            found = None if self._library_at(pixel) else lines.line_at(self.layout, analysis, pixel)
            self.controller.study.hover(*(found or ((), 0)))

    def _button_at(self, pixel: tuple[int, int]) -> str | None:
        end = self.controller.view().end
        if end is not None and end_area(self.layout).collidepoint(pixel):
            rects = panels.end_buttons(self.layout, end)
        else:
            rects = self.layout.buttons
        return next((name for name, rect in rects.items() if rect.collidepoint(pixel)), None)

    def _shape_pointer(self, pixel: tuple[int, int]) -> None:
        """A hand over what can be clicked."""
        state, square = self.controller.state, self.geometry.square_at(pixel)
        mine = square is not None and state.human_to_move and state.game.board.color_at(square) is state.turn
        view = self.controller.view()
        live = self.hand.hover is not None and self.hand.hover in view.enabled
        if view.analysis is not None:
            plies = view.analysis.graph.plies if view.analysis.graph is not None else None
            live = live or lines.line_at(self.layout, view.analysis, pixel) is not None
            live = live or (plies is not None and graph.ply_at(self.layout, plies, pixel) is not None)
        shape = pygame.SYSTEM_CURSOR_HAND if (mine or live) and not self.covered else pygame.SYSTEM_CURSOR_ARROW
        if shape != self._pointer_shape:
            self._pointer_shape = shape
            set_pointer(shape)

    def _press(self, pixel: tuple[int, int]) -> None:
        self.hand.pointer, self._dirty = pixel, True
        if self.overlay:
            intent = self.overlay.click(pixel)
            if intent or self.overlay.blocking:
                self.do(intent)
                return
            self.close()  # the question is put off and the click goes where it was meant to go
        self.typing = self.layout.entry.collidepoint(pixel) and self.controller.state.editor is None
        if self.typing:
            self.entry.click(pixel)
            return
        self.hand.held = self._button_at(pixel)
        if self.layout.board.collidepoint(pixel):
            square = self.geometry.square_at(pixel)
            self._travel = None
            if self.controller.press(square):
                self.hand.carried, self.hand.pressed_at = square, pixel
        elif self.hand.held is None:
            self._press_in_panel(pixel)

    def _press_in_panel(self, pixel: tuple[int, int]) -> None:
        if self.controller.state.editor is not None:
            self.do(editor_panel.click(self.layout, pixel))
            return
        if self._library_at(pixel):
            self.do(self.library.click(pixel))
            return
        self.library.focused = ""
        for name in FOLDING:
            if getattr(self.layout, name).height and self.layout.title(name).collidepoint(pixel):
                self.do(("fold", name))
                return
        analysis = self.controller.view().analysis
        if analysis is not None and self._press_in_analysis(analysis, pixel):
            return
        if self.layout.moves.collidepoint(pixel):
            place = self.moves.place_at(self.layout, self.controller.view(), pixel)
            if place is not None:
                self.controller.navigation.look_at(place)

    def _library_at(self, pixel: tuple[int, int]) -> bool:
        """Return whether the panel of the library is there."""
        return self.controller.state.library.open and library_panel.area(self.layout).collidepoint(pixel)

    def _press_in_analysis(self, analysis: AnalysisView, pixel: tuple[int, int]) -> bool:
        """A press on a line plays it out, one on the graph goes there; False where it is on neither."""
        study = self.controller.study
        if (found := lines.line_at(self.layout, analysis, pixel)) is not None:
            study.play_line(found[0])
        elif analysis.graph is not None and (ply := graph.ply_at(self.layout, analysis.graph.plies, pixel)) is not None:
            self.controller.navigation.go_to(ply)
        elif analysis.attempt is not None and attempt_card.answer_at(self.layout, analysis.attempt, pixel):
            study.coach.show()
        else:
            return False
        return True

    def _press_right(self, pixel: tuple[int, int]) -> None:
        """The right button: clears a point in the editor, opens the menu of a move in the list."""
        self._dirty = True
        if self.layout.board.collidepoint(pixel):
            self.controller.erase(self.geometry.square_at(pixel))
        elif self.layout.moves.collidepoint(pixel) and not (self.controller.state.editor or self._library_at(pixel)):
            place = self.moves.place_at(self.layout, self.controller.view(), pixel)
            if place is not None:
                self.controller.navigation.look_at(place)
                self.do(("move_menu", pixel))

    def _release(self, pixel: tuple[int, int]) -> None:
        hand = self.hand
        hand.pointer, self._dirty = pixel, True
        if hand.pressed_at:
            self.controller.release(self.geometry.square_at(pixel), hand.dragging)
        hand.carried, hand.pressed_at, hand.dragging = None, None, False
        held, hand.held = hand.held, None
        if held and not self.covered and self._button_at(pixel) == held:
            self.do((held, None))

    # ------------------------------------------------------------------------------------------------ overlays

    def do(self, intent: Intent | None) -> None:
        """Carry out what a button, a key, a menu or a dialog asks for, as far as the game allows it now."""
        if intent is not None:
            self._dirty = True
            self.actions.carry_out(intent)

    def show(self, overlay: Overlay) -> None:
        """Open that over the window in place of what is open."""
        self.close()
        self.overlay = overlay
        overlay.place(self.layout, self.surface.get_rect(), self.controller.settings.language)

    def place_again(self) -> None:
        """Place again what is open, as its content has changed."""
        if self.overlay:
            self.overlay.place(self.layout, self.surface.get_rect(), self.controller.settings.language)

    def offer_unfinished_game(self) -> None:
        """Ask whether to go on with a game that was left unfinished, if there is one."""
        kept = self.controller.games.shelf.archive.look()
        if kept:
            self.show(RestoreCard(kept.plies))

    def close(self) -> None:
        """Close what is open, or let go of the text box."""
        if self.overlay is not None:
            self.overlay.remove()
            if self.overlay.name == "restore":
                self.controller.games.decline()  # put off: it is among the recent games
        self.overlay = None
        self.typing = False
        self._dirty = True

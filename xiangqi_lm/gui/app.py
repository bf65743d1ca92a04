"""The window: events become intents, changes become pictures; sleeps while nothing happens."""

from __future__ import annotations

import contextlib
import math
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pygame

from ..engine.levels import OFFERED
from .dump import Dump, describe
from .game.controller import Controller
from .game.texts import say
from .input import intent_of_key
from .sounds import Sounds
from .widgets import pieces, scene
from .widgets.board_view import Geometry
from .widgets.layout import Layout, arrange, automatic_scale
from .widgets.overlays import HelpSheet, Intent, Menu, Overlay, RestoreCard, SettingsSheet
from .widgets.panels import MoveList
from .window import set_pointer, wake

if TYPE_CHECKING:  # imported after the first picture: they cost a tenth of a second
    from .widgets.dialogs import PathDialog, Widgets

FRAME = 1 / 30  # seconds: no picture follows another sooner
RESIZED = 0.5  # seconds after the last change of the window's size at which it is remembered
DRAG = 5  # pixels that turn a click into a drag


class App:
    """The window around a controller."""

    def __init__(self, controller: Controller, surface: pygame.Surface, scale: float, dump: Path | None = None):
        self.controller, self.surface, self.scale = controller, surface, scale
        self.sounds = Sounds(wake)
        self.hand = scene.Hand()
        self.moves = MoveList()
        self.overlay: Overlay | None = None
        self.widgets: Widgets | None = None
        self.pictures = 0  # drawn so far
        self.running = True
        self._dump = Dump(dump) if dump else None
        self._travel: scene.Travel | None = None
        self._drawn: object = None
        self._resized: float | None = None  # when, where that is not remembered yet
        self._last_picture = 0.0
        self._last_update = time.monotonic()
        self._pointer_shape = pygame.SYSTEM_CURSOR_ARROW
        self._dirty = True
        self._arrange()

    # ------------------------------------------------------------------------------------------------ geometry

    def _arrange(self) -> None:
        self.layout: Layout = arrange(self.surface.get_size(), self.scale)
        self.geometry = Geometry.fit(self.layout.board, self.controller.state.flipped)
        self._arranged = (self.surface.get_size(), self.scale, self.controller.settings.language)
        if self.widgets:
            self.widgets.rebuild(self.layout, self.surface.get_rect(), self.controller.settings.language)
        if self.overlay:
            self.overlay.place(self.layout, self.surface.get_rect(), self.controller.settings.language)
        pygame.display.set_caption(say(self.controller.settings.language, "title"))
        self._dirty = True

    def _keep_arranged(self) -> None:
        """Follow what settings changed: scale, language, flipped board."""
        chosen = self.controller.settings.ui_scale
        self.scale = chosen / 100 if chosen else automatic_scale(pygame.display.get_desktop_sizes()[0])
        self.surface = pygame.display.get_surface() or self.surface
        if (self.surface.get_size(), self.scale, self.controller.settings.language) != self._arranged:
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

    def run(self, background: Callable[[], None]) -> None:
        """Show the board, begin `background` work, then live until the window is closed."""
        pygame.display.set_icon(pygame.transform.smoothscale(pieces.disc(1, 96), (64, 64)))
        self.draw()
        background()
        self.sounds.start()
        self.add_widgets()
        self.offer_unfinished_game()
        with contextlib.suppress(KeyboardInterrupt):  # Ctrl-C in the terminal closes the window
            while self.running:
                self.step(self._patience())
        self._remember_size(math.inf)

    def add_widgets(self) -> None:
        """Bring in pygame_gui: the box for moves and, later, dialogs."""
        from .widgets.dialogs import Widgets

        self.widgets = Widgets(self.layout, self.surface.get_rect(), self.controller.settings.language)
        self._dirty = True

    def _patience(self) -> int:
        """Milliseconds to sleep at most."""
        state = self.controller.state
        if self._dirty or self._travel or self.hand.dragging:
            return max(round((FRAME - (time.monotonic() - self._last_picture)) * 1000), 1)
        if self.overlay_is_dialog or (self.widgets and self.widgets.typing):
            return 250  # the text cursor blinks
        if state.opponent_to_move and not state.paused and not state.failure:
            return 100  # the elapsed time grows
        return 500  # looks around for Ctrl-C, which cannot break into a longer sleep

    def step(self, patience: int) -> None:
        """Wait for events that many milliseconds at most, handle them, draw if anything changed."""
        for event in [pygame.event.wait(patience), *pygame.event.get()]:
            if event.type != pygame.NOEVENT:
                self.handle(event)
        self.controller.tick()
        now = time.monotonic()
        if self.widgets:
            self.widgets.manager.update(now - self._last_update)
        self._last_update = now
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
        self._keep_arranged()
        if self._travel:
            self._dirty = True
            if self._travel.over(now):
                self._travel = None
        typing = self.widgets is not None and (self.widgets.typing or self.overlay_is_dialog)
        seen = (controller.view(), controller.settings, self.sounds.available)
        self._dirty = self._dirty or typing or seen != self._drawn

    def draw(self) -> None:
        """Draw the whole window and, with `--dump-layout`, describe it."""
        controller, now = self.controller, time.monotonic()
        view = controller.view()
        scene.paint(
            self.surface, self.layout, self.geometry, view, controller.settings, self.hand, self.moves,
            self._travel, now, self.sounds.available,
        )  # fmt: skip
        if self.widgets and not self.overlay_is_dialog:
            self.widgets.manager.draw_ui(self.surface)
        if self.overlay:
            scene.paint_overlay(self.surface, self.layout, self.overlay, self.hand)
            if self.widgets and self.overlay_is_dialog:
                self.widgets.manager.draw_ui(self.surface)
        pygame.display.flip()
        self.pictures += 1
        self._drawn = (view, controller.settings, self.sounds.available)
        self._last_picture, self._dirty = now, False
        if self._dump:
            overlay = (self.overlay.name, self.overlay.rectangles()) if self.overlay else None
            sounds = (self.sounds.available, self.sounds.played)
            self._dump.write(describe(controller, view, self.layout, self.geometry, overlay, sounds))

    # ------------------------------------------------------------------------------------------------ events

    @property
    def overlay_is_dialog(self) -> bool:
        """Whether a path is being asked for."""
        return self.overlay is not None and self.overlay.name in ("open", "save")

    @property
    def asks_about_unfinished_game(self) -> bool:
        """Whether the card with that question is open; it hinders nothing."""
        return self.overlay is not None and self.overlay.name == "restore"

    def handle(self, event: pygame.Event) -> None:
        """One event of the window system, of pygame_gui or of our threads."""
        if event.type == pygame.QUIT:
            self.running = False
        elif event.type in (pygame.VIDEORESIZE, pygame.WINDOWSIZECHANGED, pygame.WINDOWEXPOSED, pygame.WINDOWRESTORED):
            self._dirty = True
        elif event.type == pygame.MOUSEMOTION:
            self._point(event.pos)
        elif event.type == pygame.MOUSEBUTTONDOWN and event.button == 1:
            covered = self.overlay is not None and not self.asks_about_unfinished_game
            self._press(event.pos)
            if covered and not self.overlay:
                return  # the click that closed it must not reach what lay below
        elif event.type == pygame.MOUSEBUTTONUP and event.button == 1:
            self._release(event.pos)
        elif event.type == pygame.MOUSEWHEEL and not self.overlay:
            self.moves.scroll(self.layout, self.controller.view(), -event.y)
            self._dirty = True
        elif event.type == pygame.KEYDOWN and self._key(event):
            return
        if self.widgets:
            self._widget_event(event)

    def _widget_event(self, event: pygame.Event) -> None:
        import pygame_gui

        assert self.widgets is not None
        if self.overlay and not self.overlay_is_dialog:
            return
        self.widgets.manager.process_events(event)
        if event.type == pygame_gui.UI_TEXT_ENTRY_FINISHED:
            self._entered(event.ui_element)
        elif self.overlay_is_dialog and event.type in (
            pygame_gui.UI_SELECTION_LIST_NEW_SELECTION, pygame_gui.UI_SELECTION_LIST_DOUBLE_CLICKED_SELECTION,
        ):  # fmt: skip
            double = event.type == pygame_gui.UI_SELECTION_LIST_DOUBLE_CLICKED_SELECTION
            self.do(self._dialog.chosen(event.text, double))

    @property
    def _dialog(self) -> PathDialog:
        assert self.overlay_is_dialog
        return self.overlay  # type: ignore[return-value]

    def _entered(self, element: object) -> None:
        assert self.widgets is not None
        if element is self.widgets.entry:
            words = self.widgets.entry.get_text().strip()
            if words and self.controller.type_move(words):
                self.widgets.entry.set_text("")

    def _key(self, event: pygame.Event) -> bool:
        """True if the key was one of ours; while a text is typed only Escape, Tab and F1 are."""
        if self.overlay_is_dialog and event.key in (pygame.K_RETURN, pygame.K_KP_ENTER):
            self.do(self._dialog.accept())  # wherever the keyboard is: the list takes it when it is clicked
            return True
        if self.asks_about_unfinished_game and event.key in (pygame.K_RETURN, pygame.K_KP_ENTER):
            self.do(("restore", True))
            return True
        typing = self.overlay_is_dialog or (self.widgets is not None and self.widgets.typing)
        intent = intent_of_key(event.key, event.mod, typing)
        if intent and self.asks_about_unfinished_game:
            self.close()
        if intent is None or (self.overlay and intent[0] != "close"):
            return False
        self.do(intent)
        return True

    def _point(self, pixel: tuple[int, int]) -> None:
        hand = self.hand
        hand.pointer = pixel
        hover = next((name for name, rect in self.layout.buttons.items() if rect.collidepoint(pixel)), None)
        if hover != hand.hover or self.overlay:
            hand.hover, self._dirty = hover, True
        self._shape_pointer(pixel)
        if hand.pressed_at and hand.carried is not None:
            if max(abs(pixel[0] - hand.pressed_at[0]), abs(pixel[1] - hand.pressed_at[1])) > DRAG:
                hand.dragging = True
            self._dirty = self._dirty or hand.dragging

    def _shape_pointer(self, pixel: tuple[int, int]) -> None:
        """A hand over what can be clicked."""
        state, square = self.controller.state, self.geometry.square_at(pixel)
        mine = square is not None and state.human_to_move and state.game.board.color_at(square) is state.turn
        live = self.hand.hover is not None and self.hand.hover in self.controller.view().enabled
        shape = pygame.SYSTEM_CURSOR_HAND if (mine or live) and not self.overlay else pygame.SYSTEM_CURSOR_ARROW
        if shape != self._pointer_shape:
            self._pointer_shape = shape
            set_pointer(shape)

    def _press(self, pixel: tuple[int, int]) -> None:
        self.hand.pointer, self._dirty = pixel, True
        if self.overlay:
            intent = self.overlay.click(pixel)
            if intent or not self.asks_about_unfinished_game:
                self.do(intent)
                return
            self.close()  # the question is put off and the click goes where it was meant to go
        self.hand.held = next((n for n, rect in self.layout.buttons.items() if rect.collidepoint(pixel)), None)
        if self.layout.board.collidepoint(pixel):
            square = self.geometry.square_at(pixel)
            self._travel = None
            self.hand.read = self.controller.view().outcome
            if self.controller.press(square):
                self.hand.carried, self.hand.pressed_at = square, pixel
        elif self.layout.moves.collidepoint(pixel):
            ply = self.moves.ply_at(self.layout, self.controller.view(), pixel)
            if ply is not None:
                self.controller.go_to(ply)

    def _release(self, pixel: tuple[int, int]) -> None:
        hand = self.hand
        hand.pointer, self._dirty = pixel, True
        if hand.pressed_at:
            self.controller.release(self.geometry.square_at(pixel), hand.dragging)
        hand.carried, hand.pressed_at, hand.dragging = None, None, False
        held, hand.held = hand.held, None
        if held and not self.overlay and self.layout.buttons[held].collidepoint(pixel):
            self.do((held, None))

    # ------------------------------------------------------------------------------------------------ overlays

    def do(self, intent: Intent | None) -> None:
        """Carry out what a button, a key, a menu or a dialog asks for."""
        if intent is not None:
            self._dirty = True
            self.carry_out(intent)

    def show(self, overlay: Overlay) -> None:
        """Open that over the window in place of what is open."""
        self.close()
        self.overlay = overlay
        overlay.place(self.layout, self.surface.get_rect(), self.controller.settings.language)

    def offer_unfinished_game(self) -> None:
        """Ask whether to go on with a game that was left unfinished, if there is one."""
        kept = self.controller.keeper.look()
        if kept:
            self.show(RestoreCard(len(kept.game.moves)))

    def close(self) -> None:
        """Close what is open, or let go of the text box."""
        if self.overlay_is_dialog:
            self._dialog.remove()
        if self.asks_about_unfinished_game:
            self.controller.keeper.offered = False  # put off: it stays until another game takes its place
        self.overlay = None
        if self.widgets:
            self.widgets.focus(None)
        self._dirty = True

    # ------------------------------------------------------------------------------------------------ what intents do

    def carry_out(self, intent: Intent) -> None:
        """Do what the intent says, as far as the game allows it now."""
        name, value = intent
        if name in ("new_game", "level", "open", "save", "settings", "help") and value is None:
            self._show(name)
        elif name == "close":
            self.close()
        elif name == "type":
            if self.widgets:
                self.widgets.focus(None if self.widgets.typing else self.widgets.entry)
        elif name == "set":
            self.controller.change(**value)
        elif name == "refused":  # a path that cannot be one: the dialog stays for another try
            purpose, text, reason = value
            self.controller.tell(
                f"{'save' if purpose == 'save' else 'load'}_failed", error=True, name=text, reason=reason
            )
        elif value is not None:
            self.close()
            self._with_value(name, value)
        elif name in self.controller.view().enabled:
            self._plain(name)

    def _with_value(self, name: str, value: Any) -> None:
        controller = self.controller
        {
            "new_game": lambda: controller.new_game(side=value),
            "level": lambda: controller.change(level=value),
            "open": lambda: controller.load(Path(value)),
            "save": lambda: controller.save(Path(value)),
            "step": lambda: controller.step(value),
            "go_to": lambda: controller.go_to(value),
            "restore": lambda: controller.restore() if value else controller.decline(),
        }[name]()

    def _plain(self, name: str) -> None:
        controller = self.controller
        {
            "take_back": controller.take_back,
            "redo": controller.redo,
            "resign": controller.resign,
            "hint": controller.hint,
            "flip": controller.flip,
            "action": controller.action,
            "arrows": lambda: controller.toggle("arrows"),
            "sound": lambda: controller.toggle("sound"),
            "language": lambda: controller.change(language="en" if controller.settings.language == "zh" else "zh"),
            "copy_fen": lambda: pygame.scrap.put_text(controller.copy_fen()),
            "paste_fen": lambda: self._paste(),
        }[name]()

    def _paste(self) -> None:
        try:
            words = pygame.scrap.get_text()
        except pygame.error:
            words = ""
        if words.strip():
            self.controller.paste_fen(words)
        else:
            self.controller.tell("clipboard_empty", error=True)

    def _show(self, name: str) -> None:
        settings = self.controller.settings
        if name not in self.controller.view().enabled:
            return
        if name == "new_game":
            items = tuple((f"menu_{side}", ("new_game", side)) for side in ("red", "black", "both"))
            self.show(Menu("menu_new_game", "new_game", items, ("new_game", settings.side)))
        elif name == "level":
            items = tuple((f"level_{level}", ("level", level)) for level in OFFERED)
            self.show(Menu("menu_level", "level", items, ("level", settings.level)))
        elif name == "settings":
            self.show(SettingsSheet(settings))
        elif name == "help":
            self.show(HelpSheet())
        elif self.widgets:
            from .widgets.dialogs import PathDialog

            self.show(PathDialog(name, settings.folder, self.widgets))

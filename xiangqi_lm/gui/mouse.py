"""The mouse: what is under the pointer, and the effects of presses, drags and the wheel."""

from __future__ import annotations

import pygame

from .game.analysis_view import AnalysisView
from .screen import Screen
from .widgets import attempt_card, editor_panel, graph, library_panel, lines, panels
from .widgets.controls import Pixel
from .widgets.layout import end_area
from .window import set_pointer

DRAG = 5  # pixels that turn a click into a drag
FOLDING = ("analysis", "info")  # blocks that a click on their title folds


class Mouse:
    """Turns mouse events into intents and moves."""

    def __init__(self, screen: Screen):
        self._screen = screen
        self._shape = pygame.SYSTEM_CURSOR_ARROW

    # ------------------------------------------------------------------------------------------------ pointing

    def point(self, pixel: Pixel) -> None:
        """Follow the pointer: highlight the button under it, show the line under it, drag its piece."""
        screen, hand = self._screen, self._screen.hand
        hand.pointer = pixel
        hover = self._button_at(pixel)
        if hover != hand.hover or screen.overlay or screen.controller.state.editor or self._library_at(pixel):
            hand.hover, screen.dirty = hover, True
        self._point_at_line(pixel)
        self._shape_pointer(pixel)
        if hand.pressed_at and hand.carried is not None:
            if max(abs(pixel[0] - hand.pressed_at[0]), abs(pixel[1] - hand.pressed_at[1])) > DRAG:
                hand.dragging = True
            screen.dirty = screen.dirty or hand.dragging

    def _point_at_line(self, pixel: Pixel) -> None:
        """Show the move of the judge's lines under the pointer on the board, with the moves before it."""
        screen = self._screen
        analysis = screen.controller.view().analysis
        if analysis is not None and not screen.covered:
            found = None if self._library_at(pixel) else lines.line_at(screen.layout, analysis, pixel)
            screen.controller.study.hover(*(found or ((), 0)))

    def _button_at(self, pixel: Pixel) -> str | None:
        """Return the button at a pixel; the position editor and the card at the end of the game cover others."""
        screen = self._screen
        if screen.controller.state.editor is not None and editor_panel.area(screen.layout).collidepoint(pixel):
            return None
        end = screen.controller.view().end
        if end is not None and end_area(screen.layout).collidepoint(pixel):
            rects = panels.end_buttons(screen.layout, end)
        else:
            rects = screen.layout.buttons
        return next((name for name, rect in rects.items() if rect.collidepoint(pixel)), None)

    def _shape_pointer(self, pixel: Pixel) -> None:
        """Show a hand over clickable things."""
        screen = self._screen
        state, square = screen.controller.state, screen.geometry.square_at(pixel)
        live = square is not None and state.human_to_move and state.game.board.color_at(square) is state.turn
        view = screen.controller.view()
        live = live or (screen.hand.hover is not None and screen.hand.hover in view.enabled)
        if view.analysis is not None:
            plies = view.analysis.graph.plies if view.analysis.graph is not None else None
            live = live or lines.line_at(screen.layout, view.analysis, pixel) is not None
            live = live or (plies is not None and graph.ply_at(screen.layout, plies, pixel) is not None)
        shape = pygame.SYSTEM_CURSOR_HAND if live and not screen.covered else pygame.SYSTEM_CURSOR_ARROW
        if shape != self._shape:
            self._shape = shape
            set_pointer(shape)

    def _library_at(self, pixel: Pixel) -> bool:
        """Return whether a pixel is in the library panel."""
        screen = self._screen
        return screen.controller.state.library.open and library_panel.area(screen.layout).collidepoint(pixel)

    # ------------------------------------------------------------------------------------------------ pressing

    def press(self, pixel: Pixel) -> None:
        """Handle a press of the left button."""
        screen, hand = self._screen, self._screen.hand
        hand.pointer, screen.dirty = pixel, True
        if screen.overlay:
            intent = screen.overlay.click(pixel)
            if intent or screen.overlay.blocking:
                screen.do(intent)
                return
            screen.close()  # the question is postponed, and the click reaches what is below
        screen.typing = screen.layout.entry.collidepoint(pixel) and screen.controller.state.editor is None
        if screen.typing:
            screen.entry.click(pixel)
            return
        hand.held = self._button_at(pixel)
        if screen.layout.board.collidepoint(pixel):
            square = screen.geometry.square_at(pixel)
            screen.stop_motion()
            if screen.controller.press(square):
                hand.carried, hand.pressed_at = square, pixel
        elif hand.held is None:
            self._press_in_panel(pixel)

    def _press_in_panel(self, pixel: Pixel) -> None:
        screen = self._screen
        layout, controller = screen.layout, screen.controller
        if controller.state.editor is not None:
            screen.do(editor_panel.click(layout, pixel))
            return
        if self._library_at(pixel):
            screen.do(screen.library.click(pixel))
            return
        screen.library.focused = ""
        for name in FOLDING:
            if getattr(layout, name).height and layout.title(name).collidepoint(pixel):
                screen.do(("fold", name))
                return
        analysis = controller.view().analysis
        if analysis is not None and self._press_in_analysis(analysis, pixel):
            return
        if layout.moves.collidepoint(pixel):
            place = screen.moves.place_at(layout, controller.view(), pixel)
            if place is not None:
                controller.navigation.look_at(place)

    def _press_in_analysis(self, analysis: AnalysisView, pixel: Pixel) -> bool:
        """Play the line at a pixel, or go to the ply of the graph there; return false if there is neither."""
        layout, controller = self._screen.layout, self._screen.controller
        if (found := lines.line_at(layout, analysis, pixel)) is not None:
            controller.study.play_line(found[0])
        elif analysis.graph is not None and (ply := graph.ply_at(layout, analysis.graph.plies, pixel)) is not None:
            controller.navigation.go_to(ply)
        elif analysis.attempt is not None and attempt_card.answer_at(layout, analysis.attempt, pixel):
            controller.study.coach.show()
        else:
            return False
        return True

    def press_right(self, pixel: Pixel) -> None:
        """Handle a press of the right button: clear a point in the editor, or open the menu of a listed move."""
        screen = self._screen
        layout, controller = screen.layout, screen.controller
        screen.dirty = True
        if layout.board.collidepoint(pixel):
            controller.erase(screen.geometry.square_at(pixel))
        elif layout.moves.collidepoint(pixel) and not (controller.state.editor or self._library_at(pixel)):
            place = screen.moves.place_at(layout, controller.view(), pixel)
            if place is not None:
                controller.navigation.look_at(place)
                screen.do(("move_menu", pixel))

    def release(self, pixel: Pixel) -> None:
        """Handle the release of the left button: the end of a drag, or a click on a button."""
        screen, hand = self._screen, self._screen.hand
        hand.pointer, screen.dirty = pixel, True
        if hand.pressed_at:
            screen.controller.release(screen.geometry.square_at(pixel), hand.dragging)
        hand.carried, hand.pressed_at, hand.dragging = None, None, False
        held, hand.held = hand.held, None
        if held and not screen.covered and self._button_at(pixel) == held:
            screen.do((held, None))

    def wheel(self, steps: int) -> None:
        """Scroll the list under the pointer; over the board, go through the game."""
        screen = self._screen
        screen.dirty = True
        pointer = screen.hand.pointer
        if screen.overlay is not None and screen.overlay.blocking:
            screen.overlay.wheel(pointer, -steps)
        elif screen.layout.board.collidepoint(pointer):
            screen.do(("step", -steps))
        elif self._library_at(pointer):
            screen.library.wheel(pointer, -steps)
        else:
            screen.moves.scroll(screen.layout, screen.controller.view(), -steps)

"""The panel next to the board: the players' cards, status, the game's card, the card at the end, buttons."""

from __future__ import annotations

import pygame

from ...rules.squares import RED
from ..game.texts import say
from ..game.view import EndCard, PlayerCard, View
from . import icons, pieces, theme
from .analysis import draw_title
from .graph import MARKS
from .layout import LARGE, NAVIGATION, SMALL, TEXT, TITLE, Layout, end_area
from .study_layout import LARGE as STUDY_LARGE

# ------------------------------------------------------------------------------------------------ players


def draw_player(surface: pygame.Surface, layout: Layout, area: pygame.Rect, card: PlayerCard, style: str) -> None:
    """Draw a player's card: king, name, kind or captured pieces, clock."""
    px, look = layout.px, layout.look
    theme.rounded(surface, area, px(10), look.card, look.accent if card.to_move else look.edge)
    size = min(px(36), area.height - px(10))
    king = pieces.small_disc(int(card.color), size, style)
    surface.blit(king, king.get_rect(midleft=(area.left + px(10), area.centery)))
    left, right = area.left + px(18) + size, area.right - px(10)
    if card.clock:
        right = _draw_clock(surface, layout, area, card).left - px(8)
    size = next((s for s in (TEXT, 13, 12) if theme.text_width(card.name, px(s), True) <= right - left), 12)
    name = theme.fitted(card.name, px(size), right - left, True)
    upper, lower = area.centery - px(10), area.centery + px(11)
    if not card.kind and not card.taken:
        upper = area.centery
    shown = theme.draw_text(surface, name, px(size), look.text, bold=True, midleft=(left, upper))
    beside = right - shown.right - px(14) >= px(13) * len(card.taken)
    if card.taken:
        at = (shown.right + px(14), upper) if beside and card.kind else (left, lower)
        _draw_taken(surface, layout, card, at, right, style)
    if card.kind and (beside or not card.taken):
        kind = card.kind  # last parts are dropped if they do not fit
        while " · " in kind and theme.text_width(kind, px(SMALL)) > right - left:
            kind = kind.rpartition(" · ")[0]
        kind = theme.fitted(kind, px(SMALL), right - left)
        theme.draw_text(surface, kind, px(SMALL), look.soft, midleft=(left, lower))


def _draw_taken(
    surface: pygame.Surface, layout: Layout, card: PlayerCard, at: tuple[int, int], right: int, style: str
) -> None:
    size = layout.px(17)
    step = min(layout.px(14), (right - at[0] - size) // max(len(card.taken) - 1, 1))
    for i, piece in enumerate(card.taken):
        picture = pieces.small_disc(piece, size, style)
        surface.blit(picture, picture.get_rect(midleft=(at[0] + i * step, at[1])))


def _draw_clock(surface: pygame.Surface, layout: Layout, area: pygame.Rect, card: PlayerCard) -> pygame.Rect:
    px, look = layout.px, layout.look
    narrow = area.width < px(240)  # the name needs the room
    size, least = (px(16), px(58)) if narrow else (px(20), px(84))
    room = theme.text_width(card.clock, size, True) + px(12 if narrow else 20)
    box = pygame.Rect(0, 0, max(room, least), area.height - px(14))
    box.midright = area.right - px(8), area.centery
    theme.rounded(surface, box, px(7), look.on if card.running else look.field)
    colour = look.trouble if card.hurry else look.text if card.running else look.soft
    theme.draw_text(surface, card.clock, size, colour, bold=True, center=box.center)
    return box


# ------------------------------------------------------------------------------------------------ status


def draw_status(surface: pygame.Surface, layout: Layout, view: View) -> None:
    """Draw the side to move in large text, with messages in small text below."""
    area, px, look = layout.status, layout.px, layout.look
    theme.rounded(surface, area, px(10), look.card, theme.RED if view.check or view.outcome else look.edge)
    left = area.left + px(14)
    if view.analysis is not None and view.analysis.here:
        bar = pygame.Rect(area.left + px(1), area.top + px(8), px(4), area.height - px(16))
        theme.rounded(surface, bar, px(2), MARKS[view.analysis.here])
    end = layout.buttons["action"].left - px(8) if view.action else area.right - px(12)
    notes = view.message or view.detail
    size = next((s for s in (19, 17, 15) if theme.text_width(view.status, px(s), True) <= end - left), 13)
    words = theme.fitted(view.status, px(size), end - left, True)
    colour = look.accent if view.outcome else look.text
    lower = max(area.height - px(62), 0) // 2  # centred in a higher block
    middle = area.top + lower + px(20 if notes else 31)
    theme.draw_text(surface, words, px(size), colour, bold=True, midleft=(left, middle))
    if view.message or view.action == "restart":
        colour = look.trouble if view.message_is_error or not view.message else look.accent
    else:
        colour = look.trouble if view.check and not view.outcome else look.soft
    lines = theme.wrapped(notes, px(SMALL), end - left, 2)
    first = area.top + lower + px(45 if len(lines) < 2 else 39)
    for i, line in enumerate(lines):
        theme.draw_text(surface, line, px(SMALL), colour, midleft=(left, first + px(15) * i))


# ------------------------------------------------------------------------------------------------ cards


def draw_info(surface: pygame.Surface, layout: Layout, view: View, language: str) -> None:
    """Draw event, date, opening, rules and time control of the game."""
    area, px, look = layout.info, layout.px, layout.look
    if not area.height:
        return
    theme.rounded(surface, area, px(10), look.card, look.edge)
    folded = layout.folded("info")
    title = say(language, "info_title")
    draw_title(surface, layout, layout.title("info"), view.info[0] if folded and view.info else title, folded)
    if folded:
        return
    for i, line in enumerate(view.info[: (area.height - px(TITLE)) // px(20)]):
        words = theme.fitted(line, px(13), area.width - px(24))
        theme.draw_text(
            surface, words, px(13), look.text if i == 0 else look.soft,
            midleft=(area.left + px(12), area.top + px(TITLE + 9 + 20 * i)),
        )  # fmt: skip


def end_buttons(layout: Layout, card: EndCard) -> dict[str, pygame.Rect]:
    """Return the rectangles of the card at the end of the game: its actions and its close button."""
    area, px = end_area(layout), layout.px
    gap = px(8)
    width = (area.width - px(24) - gap * (len(card.actions) - 1)) // len(card.actions)
    out = {
        name: pygame.Rect(area.left + px(12) + i * (width + gap), area.bottom - px(44), width, px(34))
        for i, name in enumerate(card.actions)
    }
    out["close_card"] = pygame.Rect(area.right - px(36), area.top + px(8), px(28), px(28))
    return out


def draw_end(surface: pygame.Surface, layout: Layout, card: EndCard, language: str, style: str, hover: str) -> None:
    """Draw the result, its reason and the possible actions."""
    area, px, look = end_area(layout), layout.px, layout.look
    for grow in range(px(8), 0, -max(px(2), 1)):
        theme.rounded(surface, area.inflate(2 * grow, 2 * grow), px(12) + grow, (0, 0, 0, 12))
    theme.rounded(surface, area, px(12), look.raised, look.accent)
    kings = [int(card.winner)] if card.winner is not None else [int(RED), -int(RED)]
    for i, king in enumerate(kings):
        picture = pieces.small_disc(king, px(58 if len(kings) == 1 else 40), style)
        at = area.left + px(44) + px(14) * (2 * i - len(kings) + 1), area.top + px(46)
        surface.blit(picture, picture.get_rect(center=at))
    left = area.left + px(88)
    room = area.right - px(40) - left
    theme.draw_text(surface, card.headline, px(22), look.accent, bold=True, midleft=(left, area.top + px(28)))
    for i, line in enumerate(theme.wrapped(card.reason, px(13), room + px(26), 2)):
        theme.draw_text(surface, line, px(13), look.text, midleft=(left, area.top + px(56) + px(18) * i))
    for name, rect in end_buttons(layout, card).items():
        if name == "close_card":
            picture = icons.icon("close", px(16), look.soft)
            surface.blit(picture, picture.get_rect(center=rect.center))
            continue
        main = name in ("rematch", "again")
        fill = look.main if main else look.hover if name == hover else look.tile
        theme.rounded(surface, rect, px(8), fill, look.edge)
        colour = look.main_text if main else look.text
        theme.draw_text(surface, say(language, f"end_{name}"), px(TEXT), colour, bold=main, center=rect.center)


# ------------------------------------------------------------------------------------------------ buttons


def button_words(name: str, view: View, language: str) -> str:
    """Return the label of a button, or "" if it shows only its icon."""
    if name == "sound" or name in NAVIGATION:
        return ""
    if name == "action":
        return say(language, f"action_{view.action}") if view.action else ""
    if name == "analysis" and view.analysis is not None:
        name = "play"
    if name == "review" and "review" in view.on:
        name = "review_stop"
    attempt = view.analysis.attempt if view.analysis is not None else None
    if name == "attempt_next" and attempt is not None and attempt.again:
        name = "next_mistake"
    return say(language, f"button_{name}")


def label_size(name: str) -> int:
    """Return the text size of a button's label at scale 1."""
    return 13 if name == "action" else SMALL


def label_room(name: str, rect: pygame.Rect, scale: float) -> int:
    """Return the width available for a button's label."""
    return rect.width - round((32 if name == "action" else 6) * scale)


def draw_buttons(
    surface: pygame.Surface, layout: Layout, view: View, language: str, hover: str | None, held: str | None, sound: bool
) -> None:
    """Draw all buttons in their states; `sound` says whether a sound device is available."""
    look = layout.look
    for name, rect in layout.buttons.items():
        if name == "action" and not view.action:
            continue
        live, on = name in view.enabled, name in view.on and name != "sound"
        large = name in LARGE or name in STUDY_LARGE
        fill = look.tile if large else look.card
        if live and name == held:
            fill = look.down
        elif on:
            fill = look.on
        elif live and name == hover:
            fill = look.hover
        if not live:
            fill = look.dead
        theme.rounded(surface, rect, layout.px(8), fill, look.edge)
        colour = (look.text if large or name == hover else look.soft) if live else look.disabled
        if on:
            colour = look.accent if look is theme.DARK else look.text
        _draw_face(surface, layout, name, rect, button_words(name, view, language), colour, view, sound)


def _draw_face(
    surface: pygame.Surface,
    layout: Layout,
    name: str,
    rect: pygame.Rect,
    words: str,
    colour: theme.Colour,
    view: View,
    sound: bool,
) -> None:
    px = layout.px
    if (name in LARGE or name in STUDY_LARGE) and rect.height >= px(40):
        picture = icons.icon(name, px(18), colour)
        surface.blit(picture, picture.get_rect(center=(rect.centerx, rect.top + px(15))))
        theme.draw_text(surface, words, px(label_size(name)), colour, center=(rect.centerx, rect.bottom - px(11)))
    elif name == "sound":
        audible = sound and "sound" in view.on
        picture = icons.icon("sound" if audible else "mute", px(16), colour if audible else layout.look.faint)
        surface.blit(picture, picture.get_rect(center=rect.center))
    elif name in NAVIGATION:
        picture = icons.icon(name, px(17), colour)
        surface.blit(picture, picture.get_rect(center=rect.center))
    elif name == "action":
        picture = icons.icon(view.action or "stop", px(15), layout.look.accent)
        surface.blit(picture, picture.get_rect(center=(rect.left + px(15), rect.centery)))
        at = (rect.left + px(26), rect.centery)
        theme.draw_text(surface, words, px(label_size(name)), colour, midleft=at)
    else:
        theme.draw_text(surface, words, px(label_size(name)), colour, center=rect.center)

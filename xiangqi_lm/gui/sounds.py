"""Synthesised sounds: knocks of wood on wood, a bell for check, short tunes for the end."""

from __future__ import annotations

import math
import random
import threading
from array import array
from collections.abc import Callable

import pygame

from .window import quiet

RATE = 44100
Note = tuple[float, float, float, float, float]  # start s, frequency Hz, decay s, loudness, share of noise

RECIPES: dict[str, tuple[Note, ...]] = {
    "select": ((0, 620, 0.018, 0.35, 0.25),),
    "move": ((0, 245, 0.045, 0.9, 0.35), (0, 515, 0.022, 0.4, 0.1)),
    "capture": ((0, 185, 0.06, 1.0, 0.5), (0, 420, 0.03, 0.5, 0.3), (0.045, 260, 0.04, 0.5, 0.4)),
    "check": ((0, 245, 0.045, 0.8, 0.3), (0.03, 880, 0.16, 0.4, 0), (0.03, 1320, 0.1, 0.2, 0)),
    "move_theirs": ((0, 205, 0.05, 0.9, 0.3), (0, 430, 0.026, 0.35, 0.1)),
    "capture_theirs": ((0, 150, 0.07, 1.0, 0.5), (0, 350, 0.035, 0.5, 0.3), (0.05, 215, 0.045, 0.5, 0.4)),
    "check_theirs": ((0, 205, 0.05, 0.8, 0.3), (0.03, 740, 0.18, 0.4, 0), (0.10, 622, 0.2, 0.35, 0)),
    "illegal": ((0, 130, 0.07, 0.7, 0.1), (0.09, 115, 0.07, 0.6, 0.1)),
    "win": ((0, 523, 0.2, 0.4, 0), (0.13, 659, 0.2, 0.4, 0), (0.26, 784, 0.4, 0.5, 0)),
    "loss": ((0, 392, 0.2, 0.4, 0), (0.15, 330, 0.2, 0.4, 0), (0.30, 262, 0.45, 0.5, 0)),
    "draw": ((0, 440, 0.2, 0.4, 0), (0.15, 440, 0.3, 0.4, 0)),
}


def samples(notes: tuple[Note, ...], rng: random.Random) -> array:
    """Return signed 16-bit mono samples of a recipe."""
    seconds = max(start + 5 * decay for start, _, decay, _, _ in notes)
    wave = [0.0] * int(RATE * seconds)
    for start, frequency, decay, loudness, noise in notes:
        first = int(start * RATE)
        dull = 0.0
        for i in range(min(int(5 * decay * RATE), len(wave) - first)):
            t = i / RATE
            dull += 0.35 * (rng.uniform(-1, 1) - dull)  # low-pass noise, to sound like wood
            tone = math.sin(2 * math.pi * frequency * t * (1 - 0.4 * min(t, 0.05)))
            attack = min(1.0, i / 40)
            wave[first + i] += attack * loudness * math.exp(-t / decay) * ((1 - noise) * tone + 2 * noise * dull)
    loudest = max(1.0, max(map(abs, wave)))
    return array("h", (int(26000 * value / loudest) for value in wave))


class Sounds:
    """Plays sounds by name without blocking; without a device it is silent and `available` is False."""

    def __init__(self, wake: Callable[[], None] = lambda: None):
        self.available = False
        self.played = 0
        self._wake = wake
        self._bank: dict[str, pygame.mixer.Sound] = {}

    @property
    def names(self) -> set[str]:
        """Return the names of the sounds that were made."""
        return set(self._bank)

    def start(self) -> None:
        """Open the device and make the sounds on a thread, as some sound servers take seconds to answer."""
        threading.Thread(target=self.open, name="sounds", daemon=True).start()

    def open(self) -> None:
        """Open the device and make the sounds; without a device nothing changes."""
        try:
            with quiet():
                pygame.mixer.init(RATE, -16, 1, 512)
            if pygame.mixer.get_init() != (RATE, -16, 1):
                pygame.mixer.quit()
                pygame.mixer.init(RATE, -16, 1, 512, allowedchanges=0)
            rng = random.Random(5)
            self._bank = {name: pygame.mixer.Sound(buffer=samples(notes, rng)) for name, notes in RECIPES.items()}
        except pygame.error:
            return
        self.available = True
        self._wake()

    def play(self, name: str, volume: int) -> None:
        """Play a sound at a volume in per cent."""
        if self.available:
            sound = self._bank[name]
            sound.set_volume(volume / 100)
            sound.play()
            self.played += 1


def describe_device() -> str | None:
    """Return the driver of the sound device, or None if no device can be opened."""
    try:
        with quiet():
            pygame.mixer.init(RATE, -16, 1, 512)
    except pygame.error:
        return None
    driver = pygame.mixer.get_driver()
    pygame.mixer.quit()
    return driver

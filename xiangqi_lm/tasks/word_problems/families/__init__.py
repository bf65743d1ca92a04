"""The families of problems that the generator can make."""

from __future__ import annotations

from .counting import AGES, CHICKENS, SURPLUS, TREES
from .everyday import PARTS, SHAPES, TIMES
from .rates import CATTLE, SPEED, WORK
from .shapes import Family, Shape
from .shares import CONCENTRATION, PROFIT, RATIOS

CLASSIC = (CHICKENS, SURPLUS, AGES, TREES, CATTLE, PROFIT, SPEED, WORK, CONCENTRATION, RATIOS)
EVERYDAY = (PARTS, TIMES, SHAPES)
FAMILIES: dict[str, Family] = {family.name: family for family in (*CLASSIC, *EVERYDAY)}

__all__ = ["CLASSIC", "EVERYDAY", "FAMILIES", "Family", "Shape"]

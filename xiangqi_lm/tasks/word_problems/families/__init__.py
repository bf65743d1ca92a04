"""The families of problems that the generator can make."""

from __future__ import annotations

from .ages import AGES
from .cattle import CATTLE
from .chickens import CHICKENS
from .concentration import CONCENTRATION
from .everyday import PARTS, SHAPES, TIMES
from .profit import PROFIT
from .ratios import RATIOS
from .shapes import Family, Shape, Wording
from .speed import SPEED
from .surplus import SURPLUS
from .trees import TREES
from .work import WORK

CLASSIC = (CHICKENS, SURPLUS, AGES, TREES, CATTLE, PROFIT, SPEED, WORK, CONCENTRATION, RATIOS)
EVERYDAY = (PARTS, TIMES, SHAPES)
FAMILIES: dict[str, Family] = {family.name: family for family in (*CLASSIC, *EVERYDAY)}

__all__ = ["CLASSIC", "EVERYDAY", "FAMILIES", "Family", "Shape", "Wording"]

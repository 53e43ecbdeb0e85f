"""Lots: chance by a recorded seed, so that anybody can draw again and see that nobody chose."""

from models.lots.draw import draw, verify_draws
from models.lots.record import ALGORITHM, Draw, DrawRecord, Part, Seat, Ticket

__all__ = ["ALGORITHM", "Draw", "DrawRecord", "Part", "Seat", "Ticket", "draw", "verify_draws"]

"""Teams and indicators: figures with their formulas and bases, the court's own interval, and no rank of anybody."""

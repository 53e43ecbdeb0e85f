"""What a simulated year is judged by: indicators with their formulas, what cases were worth, and who gains by delay."""

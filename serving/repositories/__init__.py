"""What is on record, area by area: reading and writing rows together with their audit rows."""

"""What is learnt from outcomes: hazards, recovered shares, calibration, comparable cases."""

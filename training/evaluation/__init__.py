"""How good a bundle is, on a later period, beside baselines."""

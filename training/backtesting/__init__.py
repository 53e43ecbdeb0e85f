"""Models as they would have been: learned as of one day after another, and held to what came of the cases since."""

"""A court's year in simulation (模拟): the same applications under every policy, and what indicators say of each."""

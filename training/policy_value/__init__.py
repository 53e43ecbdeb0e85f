"""What a routing policy is worth, told from the decisions that were logged; refused where they cannot tell."""

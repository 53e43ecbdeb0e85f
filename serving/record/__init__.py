"""What is added to advice afterwards: what became of the case, and what people made of it."""

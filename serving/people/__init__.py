"""What the law gives to people whose data the court keeps: masking, export, erasure, holds, explanation, review."""

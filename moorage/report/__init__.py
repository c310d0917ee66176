"""What the operator sees of a run."""

"""Looking without changing: before the work (doctor) and after it (verify)."""

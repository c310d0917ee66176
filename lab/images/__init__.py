"""Container images of the lab, made from files and packages without any Docker."""

"""Groovy scripts: run by real Groovy, over objects that ask this process for all they do."""

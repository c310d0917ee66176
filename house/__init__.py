"""What keeps the repository itself in order: its checks, its links, its audit, its pictures."""

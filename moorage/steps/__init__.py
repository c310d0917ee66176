"""One folder a step; what several of them share lies beside the folders."""

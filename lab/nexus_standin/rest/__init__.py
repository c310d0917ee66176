"""The REST API under ``/service/rest``: one file a subject, each with its table of routes."""

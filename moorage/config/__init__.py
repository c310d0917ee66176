"""What the operator wrote: inventories, templates and references to secrets."""

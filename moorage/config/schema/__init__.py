"""The shape of an inventory, as models with the field's own names."""

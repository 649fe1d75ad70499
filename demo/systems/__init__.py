"""Writers of the operational systems: one module per system, each with its own tables and words."""

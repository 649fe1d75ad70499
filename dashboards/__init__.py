"""Pages for CFO, analyst and steward over the published file; knows nothing else of the product."""

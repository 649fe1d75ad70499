"""What arrives and what is promised: canonical objects, published tables, layouts of source systems."""

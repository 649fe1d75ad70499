"""The only place with SQL: one module per topic, each function one question asked through the door."""

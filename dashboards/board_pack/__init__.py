"""The board pack: what the CFO's pages say, on paper, in English or Chinese."""

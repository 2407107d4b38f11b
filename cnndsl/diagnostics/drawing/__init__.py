"""How a diagnostic is drawn for people: cells, styles, source excerpts. Pure: text in, text out."""

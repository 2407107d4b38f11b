"""The texts in which brackets and words mean nothing, as patterns.

No possessive quantifiers or atomic groups: Python 3.11.2, Debian 12's, matches nothing with some of them.
"""

from __future__ import annotations

QUOTED = r'"""[\s\S]*?"""|"[^"\\\n]*(?:\\.[^"\\\n]*)*"|\\.'
"""Docstrings, strings, and escapes: with these each quote is looked at once, in a string without an end, too."""
COMMENT = r"#[^\n]*"

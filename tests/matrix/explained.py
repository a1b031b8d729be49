# SPDX-License-Identifier: MIT
"""explained.py - the cells that a stack cannot do, each with the reason in that stack. Such a cell is
tried all the same: it is counted as explained, never as passed, and one that passes fails the matrix,
so that no excuse outlives its reason."""

# stack -> (the beginning of cells' names, why)
EXPLAINED = {
}


def reason_of(stack, cell):
    """Why this stack cannot do this cell, or None."""
    for beginning, why in EXPLAINED.get(stack, ()):
        if cell.startswith(beginning):
            return why
    return None

"""Extension and restructuring (展期与重组): the terms of a running loan agreed anew, within what the rules allow."""

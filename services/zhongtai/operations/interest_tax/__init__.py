"""Tax on savings interest (储蓄存款利息所得税): what is withheld of interest when it is paid, by when it was earned."""

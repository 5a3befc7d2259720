"""The whole navigation, as whoever is here meets it: what tests of the desks run."""

from fieldcheck.web import main

main.show()

"""Two demo accounts that show who sees what: one of a handful of people, one of fifty in a tree of teams.

`run` is all that a command needs. It makes what is missing and keeps what is there, so that a second run takes a
moment, and it answers with the personas to try: who they are, what they should see and a token for each.
"""

from demo.load import DemoFailed
from demo.run import Progress, SignToken, Tour, TourPersona, run

__all__ = ["DemoFailed", "Progress", "SignToken", "Tour", "TourPersona", "run"]

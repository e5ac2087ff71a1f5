"""What handlers may ask for by name: ``db: TheDb``, ``actor: TheActor``, ``wiring: TheWiring``.

They are what the application provides, so nothing is validated again on each request.
"""

from __future__ import annotations

from litestar.di import NamedDependency
from litestar.params import SkipValidation

from auction.kernel.actors import Actor
from auction.kernel.db import Database
from web.metrics import Metrics
from web.wiring import Wiring

TheWiring = NamedDependency[SkipValidation[Wiring]]
"""``wiring``: everything that this installation was wired with."""
TheDb = NamedDependency[SkipValidation[Database]]
"""``db``: the door to PostgreSQL."""
TheActor = NamedDependency[SkipValidation[Actor]]
"""``actor``: who acts; on a public route without a session it refuses with `SignInNeeded`."""
TheMetrics = NamedDependency[SkipValidation[Metrics]]
"""``metrics``: the counters of this process."""

"""rpps-sync: a local, dated and checked copy of the French directory of health professionals (RPPS).

Start with :mod:`pipelines.nightly`, one function that tells the night's story; each step lives in the room
(sub-package) of its name, and the values that cross rooms are in ``practitioner``, ``publication``,
``observation``, ``finding`` and ``run_summary``.
"""

__version__ = "0.1.0"

"""Let ``python -m rpps_sync`` stand for ``rpps-sync``."""

from rpps_sync.cli import main

main()

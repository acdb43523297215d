from pathlib import Path

import pytest

from rpps_sync.simulator.publish import publish
from simulated_days import FIRST_DAY


@pytest.fixture(scope="session")
def simulation(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six days of 6,000 practitioners, written once."""
    folder = tmp_path_factory.mktemp("simulation") / "days"
    publish(folder, practitioners=6_000, first_day=FIRST_DAY, days=6, seed=11)
    return folder


@pytest.fixture(scope="session")
def busy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four days in which a twentieth of the lines changes each day."""
    folder = tmp_path_factory.mktemp("busy") / "days"
    publish(folder, practitioners=4_000, first_day=FIRST_DAY, days=4, seed=4, change_rate=0.05)
    return folder

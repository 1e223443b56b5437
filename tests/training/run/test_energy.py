"""The energy of a run, read from files laid out as Linux lays out its counters."""

from __future__ import annotations

from pathlib import Path

import pytest

from training.run.energy import cost, energy_told, in_kwh, meter_for


def package(powercap: Path, folder: str, name: str, joules: float, span: float = 262_143.0) -> Path:
    """A counter as /sys/class/powercap shows it; the file to write new readings to."""
    here = powercap / folder
    here.mkdir(parents=True)
    (here / "name").write_text(f"{name}\n")
    (here / "max_energy_range_uj").write_text(f"{round(span * 1e6)}\n")
    write(here / "energy_uj", joules)
    return here / "energy_uj"


def write(file: Path, joules: float) -> None:
    file.write_text(f"{round(joules * 1e6)}\n")


def test_packages_are_added_and_their_parts_are_not_counted_twice(tmp_path: Path) -> None:
    first = package(tmp_path, "intel-rapl:0", "package-0", 100)
    second = package(tmp_path, "intel-rapl:1", "package-1", 7)
    part = package(tmp_path, "intel-rapl:0:0", "core", 50)
    meter = meter_for("cpu", tmp_path)
    write(first, 130.5)
    write(second, 9)
    write(part, 70)
    assert meter.so_far() == pytest.approx(32.5)
    assert meter.so_far() == pytest.approx(32.5)


def test_a_counter_that_begins_again_at_0_is_read_on(tmp_path: Path) -> None:
    file = package(tmp_path, "intel-rapl:0", "package-0", 990, span=1000)
    meter = meter_for("cpu", tmp_path)
    write(file, 15)
    assert meter.so_far() == pytest.approx(25)


def test_a_machine_without_a_counter_has_no_figure(tmp_path: Path) -> None:
    assert meter_for("cpu", tmp_path / "nothing").so_far() is None
    package(tmp_path, "intel-rapl:0", "psys", 100)  # the whole platform, where it is shown, is another figure
    assert meter_for("cpu", tmp_path).so_far() is None


def test_a_counter_that_can_no_longer_be_read_leaves_no_figure(tmp_path: Path) -> None:
    file = package(tmp_path, "intel-rapl:0", "package-0", 100)
    meter = meter_for("cpu", tmp_path)
    file.unlink()
    assert meter.so_far() is None


def test_energy_is_told_in_kilowatt_hours_and_costs_what_the_user_pays() -> None:
    assert in_kwh(3_600_000) == 1
    assert cost(1_800_000, 0.30) == pytest.approx(0.15)
    assert energy_told(43_200) == "0.012 kWh"
    assert energy_told(None) == "not measured: this machine has no readable meter"

"""How fast `training` is on a GPU against TRL's SFTTrainer, and how much of the GPU's own matrix speed that is

    python benchmarks/gpu_training.py [--minutes 8] [--json out.json] [--shapes 8b 1b] [--ways lora qlora]
    python benchmarks/gpu_training.py --tiny          # the same script on a processor, in a minute

Needs no network and no files: Llama models of these shapes with random weights (which do not matter for speed), a
tokenizer of their own, and made-up rows whose lengths spread as those of chats do (log-normal, median 350 tokens, sigma
0.6, at most 2,048; the second half of each is the reply). Each row of the table is a process of its own, the most
wanted first, and the script ends within `--minutes`: a row that fails, hangs or lacks a package says so and the next
one is measured. Every row is printed and written to `--json` as it comes.

    ours   `training` as it is, its metric lines included
    TRL    SFTTrainer with SFTConfig's defaults and the same batch size, adapter, rows and labels

Printed: real tokens (padding not counted) and padded tokens a second of the whole step, reading and logging included;
the highest memory; and the share of the machine's matrix speed: operations that the real tokens need (4 for each weight
of the blocks, 4 for each weight of the output layer and labelled token, 6 for each weight of the adapter; attention
itself, about 1 %, and what is computed twice are not counted), against the product of two 8192 x 8192 matrices of
random numbers in bf16. Aims: 45 % of it for LoRA on the 8B shape, and 1.5 times TRL.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))
from gpu_row import SAYS, SHAPES

ROW = Path(__file__).with_name("gpu_row.py")
ARMS = ("ours", "TRL")
NEEDED = {
    "ours": ("torch", "transformers", "trl", "peft", "accelerate", "datasets", "pydantic", "psutil"),
    "TRL": ("torch", "transformers", "trl", "peft", "accelerate", "datasets"),
}
ROW_SECONDS = 150.0  # at most, so that one process that hangs leaves time for others
LEAST_SECONDS = 20.0  # less is not enough to import the libraries
AIM_SHARE, AIM_RATIO = 0.45, 1.5


@dataclass
class Results:
    """What was found so far; written whole after every row."""

    file: Path | None
    machine: dict[str, Any] = field(default_factory=dict)
    rows: list[dict[str, Any]] = field(default_factory=list)

    def keep(self, row: dict[str, Any]) -> None:
        self.rows.append(row)
        self.write()

    def write(self) -> None:
        if self.file is not None:
            part = self.file.with_name(self.file.name + ".part")
            part.write_text(json.dumps({"machine": self.machine, "rows": self.rows}, indent=2), "utf-8")
            part.replace(self.file)


def missing(arm: str, way: str) -> list[str]:
    """Packages that this row needs and that are not there."""
    return [name for name in (*NEEDED[arm], *(["bitsandbytes"] if way == "qlora" else [])) if not there(name)]


def there(package: str) -> bool:
    try:
        return find_spec(package) is not None
    except (ImportError, ValueError):
        return False


def measured(command: list[str], seconds: float) -> dict[str, Any]:
    """What a process of its own said, and under "problem" why it ended before its end, where it did.

    It has a session of its own, so that whatever it started ends with it.
    """
    with tempfile.TemporaryFile("w+") as said, tempfile.TemporaryFile("w+") as complained:
        child = subprocess.Popen(command, stdout=said, stderr=complained, start_new_session=True)
        try:
            code: int | None = child.wait(seconds)
        except subprocess.TimeoutExpired:
            code = None
        finally:
            with suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGKILL)
            child.wait()
        said.seek(0)
        complained.seek(0)
        found: dict[str, Any] = {}
        for line in said.read().splitlines():
            if line.startswith(SAYS):
                found |= json.loads(line.removeprefix(SAYS))
        complaint = [line.strip() for line in complained.read().splitlines() if line.strip()]
    if code is None:
        found["problem"] = f"not done after {seconds:.0f} s"
    elif code < 0:
        found["problem"] = f"ended by signal {-code}" + (" (out of the machine's memory?)" if code == -9 else "")
    elif code:
        found["problem"] = (complaint or ["it failed without a word"])[-1][:300]
    notes = [line for line in complaint if line.startswith("memory ran out")]
    return found | ({"notes": notes} if notes else {})


def matrix_speed(shapes: list[str], seconds: float) -> dict[str, Any]:
    """The machine and its matrix speed, printed."""
    found = measured([sys.executable, str(ROW), "matrix", shapes[0], "-", "0", "0"], seconds)
    versions = ", ".join(f"{name} {one}" for name, one in found.get("versions", {}).items())
    print(f"{found.get('device', '?')}; {versions or 'versions unknown'}")
    if "operations" in found:
        print(f"bf16 product of two large random matrices: {found['operations'] / 1e12:.1f} TFLOP/s", flush=True)
    else:
        print(f"the matrix speed is not known: {found.get('problem', 'no GPU')}", flush=True)
    return found


def row_of(arm: str, shape: str, way: str, chosen: argparse.Namespace, until: float) -> dict[str, Any]:
    """One row: its figures, or why there are none, or both where it was ended early."""
    row: dict[str, Any] = {"shape": shape, "way": way, "arm": arm}
    absent, left = missing(arm, way), until - time.monotonic()
    if absent:
        return row | {"problem": f"needs {', '.join(absent)}"}
    if left < LEAST_SECONDS:
        return row | {"problem": "no time left; raise --minutes or name fewer --shapes and --ways"}
    command = [sys.executable, str(ROW), arm, shape, way, str(chosen.steps), str(chosen.batch)]
    return row | measured(command, left if chosen.tiny else min(left, ROW_SECONDS))


def told(row: dict[str, Any], speed: float | None) -> str:
    """A row of the table."""
    name = f"{row['shape']:5} {row['way']:6} {row['arm']:5}"
    if "real" not in row:
        return f"{name} {row.get('problem', 'it said nothing')}"
    share = "      ?" if speed is None else f"{row['operations'] / speed:7.1%}"
    how = "computed twice" if row["recomputes"] else f"parts of {row['parts']}" if row["parts"] else "kept"
    ended = [f"{row['at_once']} rows at once, {row['steps']} steps", *row.get("notes", [])]
    ended += [row["problem"]] if "problem" in row else []
    used = f"{row['allocated'] / 2**30:7.1f} {row['reserved'] / 2**30:7.1f}"
    speeds = f"{row['real']:9.0f} {row['padded']:9.0f} {used} {row['operations'] / 1e12:8.2f}"
    return f"{name} {speeds} {share}  {how:16} {'; '.join(ended)}"


def beside_aims(pair: dict[str, dict[str, Any]], speed: float | None) -> list[str]:
    """Ours beside TRL's and beside what was aimed at, one sentence each."""
    said = []
    ours, trl = (pair.get(arm, {}) for arm in ARMS)
    if "real" in ours and "real" in trl:
        said.append(
            f"ours is {ours['real'] / trl['real']:.2f} times TRL in real tokens a second (aim {AIM_RATIO}), with "
            f"{ours['allocated'] / trl['allocated']:.2f} times its memory"
        )
    if "real" in ours and speed is not None and ours["shape"] == "8b" and ours["way"] == "lora":
        aim = AIM_SHARE * speed / ours["each"]
        said.append(
            f"{AIM_SHARE:.0%} of the matrix speed would be {aim:,.0f} tokens a second; ours is {ours['real']:,.0f}"
        )
    return said


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--shapes", nargs="+", choices=list(SHAPES), default=["8b", "1b"])
    options.add_argument("--ways", nargs="+", choices=["lora", "qlora"], default=["lora", "qlora"])
    options.add_argument("--steps", type=int, default=30, help="of which the first six are not counted")
    options.add_argument("--batch", type=int, default=8)
    options.add_argument("--minutes", type=float, default=8.0, help="after which everything has ended")
    options.add_argument("--json", type=Path, help="where the figures go, too, after each row")
    options.add_argument("--tiny", action="store_true", help="a tiny shape on whatever is there: tries the script")
    chosen = options.parse_args()
    until = time.monotonic() + 60 * chosen.minutes
    if chosen.tiny:
        chosen.shapes, chosen.steps, chosen.batch = ["tiny"], min(chosen.steps, 8), min(chosen.batch, 4)
        print("a tiny model tries the script; its figures say nothing about speed")
    if not there("torch"):
        print("this benchmark needs torch, and is of use where torch can use a GPU")
        return 2
    results = Results(chosen.json)
    results.machine = matrix_speed(chosen.shapes, min(ROW_SECONDS, 60 * chosen.minutes))
    results.write()
    if not results.machine.get("cuda") and not chosen.tiny:
        print("there is no GPU that torch can use; --tiny tries the script on a processor")
        return 2
    speed = results.machine.get("operations")
    heads = ("real/s", "padded/s", "GiB", "held", "TFLOP/s", "share")
    print(f"{'shape':5} {'way':6} {'':5} " + "{:>9} {:>9} {:>7} {:>7} {:>8} {:>7}  ".format(*heads) + "activations")
    for way in chosen.ways:
        for shape in chosen.shapes:
            pair = {}
            for arm in ARMS:
                pair[arm] = row_of(arm, shape, way, chosen, until)
                results.keep(pair[arm])
                print(told(pair[arm], speed), flush=True)
            for line in beside_aims(pair, speed):
                print(f"{shape:5} {way:6} {line}", flush=True)
    return 0 if any("real" in row for row in results.rows) else 1


if __name__ == "__main__":
    raise SystemExit(main())

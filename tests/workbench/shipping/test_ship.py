"""A run of a tiny model shipped in every form, and whether it says the same; a form that does not is named."""

from __future__ import annotations

import importlib.util
import json
import shutil
import stat
from pathlib import Path

import pytest
from click.testing import CliRunner

from training.adapters.adapter import check_adapter
from training.plan import TrainingPlan
from workbench.actions.check_parity import check_parity
from workbench.actions.freeze_golden import freeze_golden
from workbench.actions.ship import ship, shipped
from workbench.cli import main
from workbench.errors import BadInput, GoldloopError, NotFound, Refused
from workbench.rows import Rows
from workbench.shipping.cards import card_of_merged
from workbench.shipping.hub import plan_push
from workbench.store import Store, datasets, goldens, runs

TOYS = Path(__file__).parents[2] / "evaluators" / "conftest.py"
spec = importlib.util.spec_from_file_location("toy_models", TOYS)
toys = importlib.util.module_from_spec(spec)  # type: ignore[arg-type]
spec.loader.exec_module(toys)  # type: ignore[union-attr]
tiny_model, tiny_adapter = toys.tiny_model, toys.tiny_adapter

# In place of llama.cpp's script: says what it was given into the file it was to write.
CONVERTER = "import sys; open(sys.argv[sys.argv.index('--outfile') + 1], 'w').write(' '.join(sys.argv[1:]))"
ALL = ["merge", "ollama", "vllm"]


@pytest.fixture
def store(tmp_path: Path, tiny_model: Path, tiny_adapter: Path) -> Store:
    """A store with one finished run of the tiny model on 32 rows beside 8 golden ones, half of them sealed."""
    store = Store.open(tmp_path / "store")
    rows = Rows.of(
        *[(f"Where is shelf {n}?", f"Shelf {n} stands behind the door with number {n * 7}.") for n in range(40)]
    )
    datasets.add_version(store, "desk", rows, parent=None, verb="import", settings={}, counts={}, who="Ann")
    frozen = freeze_golden(store, "desk", share=0.2, sealed=0.5)
    assert frozen.version is not None
    assert frozen.golden is not None
    run = runs.add(store, frozen.version, frozen.golden, TrainingPlan(model=str(tiny_model)).model_dump(), "Ann", None)
    folder = runs.folder(store, run.id)
    shutil.copytree(tiny_adapter, folder / "adapter")
    (folder / "adapter" / "README.md").write_text(
        "---\nlibrary_name: peft\n---\n# LoRA adapter for tiny\n\n## Use\n\nx\n"
    )
    trained = datasets.rows_of(store, frozen.version)
    trained.frame.select("row_id", "messages").write_parquet(folder / "rows.parquet")
    runs.finish(store, run.id, {"adapter": "adapter"})
    return store


def test_every_shipped_form_gives_the_tokens_of_the_run(store: Store) -> None:
    done = ship(store, 1, forms=ALL)
    assert done.parity is not None
    assert done.parity["holds"], done.parity["sentence"]
    assert done.parity["sentence"].startswith("Parity holds: on 8 prompts (")
    by_name = {form["form"]: form for form in done.parity["forms"]}
    assert by_name["merged in memory"]["same"] == 8
    assert by_name["merged, read back from its files"]["largest"] < 1e-4
    assert by_name["merged, computed in 16 bit"]["counts"] is False
    names = {name for name, _ in done.files}
    assert {"adapter/adapter_model.safetensors", "adapter/README.md", "merged/model.safetensors", "merged/README.md",
            "merged/tokenizer.json", "merged/chat_template.jinja", "Modelfile", "HOW_TO_LOAD.md"} <= names  # fmt: skip
    for form in ("adapter", "merged"):  # a push takes every file of them
        assert {f"{form}/{name}" for name, _ in plan_push(done, "ann/desk", form=form).files} < names


def test_sealed_rows_are_not_asked(store: Store) -> None:
    from training.tokens.template import tokenizer_for
    from workbench.shipping.proof import asked_prompts

    run = runs.get(store, 1)
    asked = asked_prompts(store, run, tokenizer_for(run.plan["model"]), 100)
    golden = goldens.newest(store, "desk")
    assert len([name for name in asked if name.startswith("golden ")]) == 8 - len(golden.ids("sealed"))
    assert not {f"golden {row}" for row in golden.ids("sealed")} & set(asked)


def test_a_shipment_whose_weights_were_changed_does_not_hold_and_says_where(store: Store, tiny_adapter: Path) -> None:
    import torch
    from safetensors.torch import load_file, save_file

    done = ship(store, 1, forms=["merge"], parity=False)
    path = done.folder / "merged" / "model.safetensors"
    weights = load_file(path)
    name = next(one for one in weights if "down_proj" in one)
    weights[name] = weights[name] + torch.randn(weights[name].shape, generator=torch.Generator().manual_seed(1))
    save_file(weights, path, metadata={"format": "pt"})
    found = check_parity(store, 1)
    assert found["holds"] is False
    assert found["sentence"].startswith("Parity does not hold: merged, read back from its files does not give")
    form = next(one for one in found["forms"] if one["form"] == "merged, read back from its files")
    assert form["same"] < form["prompts"]
    assert form["first"]["prompt"].startswith(("golden ", "training "))
    assert form["first"]["expected"] != form["first"]["given"]
    assert CliRunner().invoke(main, ["--store", str(store.root), "ship", "1", "--check"]).exit_code == 1


def test_no_path_of_this_computer_leaves_with_the_weights(store: Store, tiny_model: Path) -> None:
    done = ship(store, 1, forms=["merge", "vllm"], parity=False)
    texts = [path for path in done.folder.rglob("*") if path.suffix in (".json", ".md", ".jinja")]
    assert [path.name for path in texts if str(tiny_model) in path.read_text("utf-8")] == []
    assert [path.name for path in texts if str(store.root) in path.read_text("utf-8")] == []
    config = json.loads((done.folder / "adapter" / "adapter_config.json").read_text("utf-8"))
    assert config["base_model_name_or_path"] == tiny_model.name
    assert any(f"{tiny_model.name} stands for the folder in which it lies" in note for note in done.notes)


def test_of_a_modelfile_on_the_adapter_only_the_modelfile_names_the_folder_of_the_base(
    store: Store, tiny_model: Path
) -> None:
    done = ship(store, 1, forms=["ollama"], parity=False)
    texts = [path for path in done.folder.rglob("*") if path.suffix in (".json", ".md") or path.name == "Modelfile"]
    assert [path.name for path in texts if str(tiny_model) in path.read_text("utf-8")] == ["Modelfile"]
    assert any(note.startswith("The Modelfile names the base model where it lay") for note in done.notes)


@pytest.mark.parametrize(
    ("flag", "said"),
    [("use_dora", "load no DoRA adapters"), ("use_rslora", r"this one would answer at 1/2 of its strength")],
)
def test_an_adapter_that_ollama_and_llama_cpp_misread_goes_to_them_merged_only(
    store: Store, tmp_path: Path, flag: str, said: str
) -> None:
    path = runs.folder(store, 1) / "adapter" / "adapter_config.json"
    path.write_text(json.dumps({**json.loads(path.read_text("utf-8")), flag: True}))
    for form in ("ollama", "gguf"):
        with pytest.raises(BadInput, match=said):
            ship(store, 1, forms=[form], preview=True)
    assert ship(store, 1, forms=["merge", "ollama"], preview=True).forms == ("merge", "ollama")


def test_an_adapter_changed_beside_its_merged_model_does_not_hold(store: Store) -> None:
    from safetensors.torch import load_file, save_file

    done = ship(store, 1, forms=["merge"])
    assert done.parity is not None
    assert done.parity["holds"], "the adapter is the run's own, byte for byte, and is not asked once more"
    path = done.folder / "adapter" / "adapter_model.safetensors"
    save_file({name: weight * 3 for name, weight in load_file(path).items()}, path, metadata={"format": "pt"})
    found = check_parity(store, 1)
    assert found["sentence"] == (
        "Parity does not hold: read back from the shipment does not give the same tokens as the adapter on its base, "
        "in 32 bit."
    )


def test_the_shipped_adapter_is_the_runs_own_byte_for_byte(store: Store, tiny_adapter: Path) -> None:
    done = ship(store, 1, parity=False)
    assert check_adapter(done.folder / "adapter").rank == 4
    name = "adapter_model.safetensors"
    assert (done.folder / "adapter" / name).read_bytes() == (tiny_adapter / name).read_bytes()


def test_a_merged_model_of_small_size_stays_in_32_bit_and_can_be_had_in_16(store: Store) -> None:
    def dtype(folder: Path) -> str:
        return str(json.loads((folder / "merged" / "config.json").read_text("utf-8"))["dtype"])

    assert dtype(ship(store, 1, forms=["merge"], parity=False).folder) == "float32"
    assert dtype(ship(store, 1, forms=["merge"], precision="bf16", parity=False).folder) == "bfloat16"


def test_what_is_shipped_can_be_read_again_with_its_commands(store: Store) -> None:
    ship(store, 1, forms=["vllm"], parity=False)
    found = shipped(store, 1)
    [command] = found.commands
    assert command.text.endswith(f"--lora-modules desk-run-1={found.folder / 'adapter'} --max-lora-rank 8")
    with pytest.raises(NotFound, match="Run 1 was not shipped there yet"):
        shipped(store, 1, found.folder / "elsewhere")


def test_a_folder_with_something_else_in_it_is_left_alone(store: Store, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("dear")
    with pytest.raises(Refused, match="holds files that no shipment made"):
        ship(store, 1, to=tmp_path / "mine", parity=False)
    assert (tmp_path / "mine" / "letter.txt").read_text() == "dear"


def test_a_store_that_was_moved_ships_again_to_where_it_shipped(store: Store, tmp_path: Path) -> None:
    aside = tmp_path / "aside"
    for to in (None, aside):
        ship(store, 1, forms=["vllm"], to=to, parity=False)
    store.close()
    shutil.move(store.root, tmp_path / "moved")
    moved = Store.open(tmp_path / "moved")
    for to in (None, aside):
        assert ship(moved, 1, forms=["vllm"], to=to, parity=False).forms == ("vllm",)


def test_the_shipment_of_another_run_of_the_same_number_is_left_alone(store: Store, tmp_path: Path) -> None:
    ship(store, 1, forms=["vllm"], to=tmp_path / "aside", parity=False)
    path = tmp_path / "aside" / "shipment.json"
    path.write_text(json.dumps({**json.loads(path.read_text("utf-8")), "mark": "of another store"}))
    with pytest.raises(Refused, match="holds the shipment of another run"):
        ship(store, 1, forms=["vllm"], to=tmp_path / "aside", parity=False)


def test_a_preview_writes_nothing(store: Store) -> None:
    plan = ship(store, 1, forms=ALL, preview=True)
    assert not plan.folder.exists()
    assert [one.title.partition(",")[0].partition(":")[0] for one in plan.commands] == ["vLLM", "vLLM", "Ollama"]


def test_a_card_with_a_golden_text_stops_the_shipment_and_is_not_repeated(store: Store) -> None:
    golden = goldens.rows_of(store, goldens.newest(store, "desk"))
    card = runs.folder(store, 1) / "adapter" / "README.md"
    card.write_text(f"# card\n\nIt says: {golden.reply[0]}\n")
    with pytest.raises(Refused, match=r"README\.md holds the text of a row of desk golden 1") as told:
        ship(store, 1, parity=False)
    assert golden.reply[0] not in str(told.value)
    assert not (runs.folder(store, 1) / "shipped").exists()


def test_gguf_without_llama_cpp_is_told_before_anything_is_merged(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.delenv("GOLDLOOP_LLAMA_CPP", raising=False)
    with pytest.raises(BadInput, match=r"A GGUF file is made by llama\.cpp's convert_hf_to_gguf\.py, which is not on"):
        ship(store, 1, forms=["merge", "gguf"])
    with pytest.raises(BadInput, match=r"convert_lora_to_gguf\.py"):
        ship(store, 1, forms=["gguf"])


def test_the_script_in_the_folder_named_converts_the_merged_model(store: Store, tmp_path: Path) -> None:
    (tmp_path / "convert_hf_to_gguf.py").write_text(CONVERTER)
    done = ship(store, 1, forms=["merge", "gguf", "ollama"], llama_cpp_folder=tmp_path, parity=False)
    said = (done.folder / "gguf" / "desk-run-1.gguf").read_text()
    assert said.endswith("--outtype f32")
    assert (done.folder / "Modelfile").read_text().startswith("FROM ./gguf/desk-run-1.gguf\n")


def test_a_script_that_fails_is_told_with_its_last_words(store: Store, tmp_path: Path) -> None:
    (tmp_path / "convert_hf_to_gguf.py").write_text("raise SystemExit('no such architecture: Tiny')")
    with pytest.raises(GoldloopError, match=r"did not convert .*merged: \.\.\. no such architecture: Tiny"):
        ship(store, 1, forms=["merge", "gguf"], llama_cpp_folder=tmp_path, parity=False)
    assert not (runs.folder(store, 1) / "shipped").exists()
    (tmp_path / "convert_hf_to_gguf.py").write_text("import nosuchpackage")
    with pytest.raises(BadInput, match="needs the Python package nosuchpackage"):
        ship(store, 1, forms=["merge", "gguf"], llama_cpp_folder=tmp_path, parity=False)


def test_a_whole_model_ships_as_one(store: Store, tiny_model: Path) -> None:
    folder = runs.folder(store, 1) / "adapter"
    shutil.rmtree(folder)
    shutil.copytree(tiny_model, folder)
    for path in folder.iterdir():
        path.chmod(path.stat().st_mode | stat.S_IWUSR)
    done = ship(store, 1, forms=["vllm", "ollama"])
    assert done.parity is not None
    assert "every shipped form gives the same tokens as the run's model, in 32 bit;" in done.parity["sentence"]
    assert "model/model.safetensors" in {name for name, _ in done.files}
    assert done.commands[0].text == f"vllm serve {done.folder / 'model'} --served-model-name desk-run-1"
    assert (done.folder / "Modelfile").read_text().startswith("FROM ./model\n")


def test_the_cards_of_merged_models_say_what_was_added_to_what() -> None:
    whole = card_of_merged("# card\n\n## Use\n\nx\n", "bf16", whole=True)
    assert "Every weight was tuned: these are the run's own weights, written as bf16." in whole
    assert "adapter" not in whole
    quantised = card_of_merged("# LoRA adapter for tiny\n\n## Use\n\nx\n", "fp32", learned_in_4bit=True)
    assert quantised.startswith("# Merged from a LoRA adapter: tiny")
    assert "The adapter was added to the base model in 32 bit, and nothing was rounded after." in quantised
    assert "The adapter was learned on this base in 4 bit. Here it is added to the base as it is published" in quantised


def test_the_command_tells_files_parity_and_commands(store: Store) -> None:
    done = CliRunner().invoke(main, ["--store", str(store.root), "ship", "1", "--merge", "--vllm"])
    assert done.exit_code == 0, done.output
    assert "Parity holds: on 8 prompts" in done.output
    assert "(beside) merged, computed in 16 bit:" in done.output
    assert "vllm serve" in done.output


def test_a_run_without_an_adapter_cannot_be_shipped(store: Store) -> None:
    shutil.rmtree(runs.folder(store, 1) / "adapter")
    with pytest.raises(BadInput, match="Run 1 has no adapter yet, so there is nothing to ship"):
        ship(store, 1)

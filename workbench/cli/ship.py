"""Commands after a run: ship it, and let it go on learning from preferences."""

from __future__ import annotations

from typing import Any

import click

from workbench import jobs
from workbench.cli.terminal import FINDINGS, ID, follow, opened, progress
from workbench.errors import BadInput
from workbench.reports.tables import plain
from workbench.store import Store


@click.command("ship")
@click.argument("run", type=ID)
@click.option(
    "--to", "folder", type=click.Path(), metavar="DIR", help="Where to (default: shipped/ in the run's folder)."
)
@click.option("--merge", is_flag=True, help="Base and adapter as one whole model.")
@click.option("--ollama", is_flag=True, help="A Modelfile for Ollama.")
@click.option("--vllm", is_flag=True, help="The command that serves it with vLLM.")
@click.option("--gguf", is_flag=True, help="A GGUF file, by llama.cpp's own script where it is here.")
@click.option("--llama-cpp", "llama_cpp", type=click.Path(), metavar="DIR", help="Where llama.cpp's scripts lie.")
@click.option(
    "--precision", type=click.Choice(["auto", "base", "fp32", "bf16", "fp16"]), default="auto", show_default=True,
    help="Number format of the merged model; auto: 32 bit up to 2 GB, else the base model's.",
)  # fmt: skip
@click.option("--parity/--no-parity", default=True, show_default=True, help="Ask every form the same questions.")
@click.option("--check", is_flag=True, help="Only ask again whether a shipment says the same; ships nothing.")
@click.option("--push", metavar="OWNER/NAME", help="Send the shipment to the hub as a new repository, private.")
@click.option("--public", is_flag=True, help="With --push: everybody may read it.")
@click.option("--form", type=click.Choice(["merged", "model", "adapter", "gguf"]), help="With --push: which form goes.")
@click.option(
    "--yes", metavar="OWNER/NAME", default="", help="With --push: the name once more, instead of being asked."
)
@click.pass_context
def ship(
    context: click.Context, run: int, folder: str | None, merge: bool, ollama: bool, vllm: bool, gguf: bool,
    llama_cpp: str | None, precision: str, parity: bool, check: bool, push: str | None, public: bool,
    form: str | None, yes: str,
) -> None:  # fmt: skip
    """Write a run's model in the forms that others load, and prove that it says the same.

    Exit code 1 where parity does not hold.
    """
    from workbench.actions.ship import ship as do_ship

    store = opened(context)
    asked = {"merge": merge, "ollama": ollama, "vllm": vllm, "gguf": gguf}
    forms = [name for name, wanted in asked.items() if wanted]
    if check:
        _check(store, run, folder, context)
        return
    if push and not forms and _is_shipped(store, run, folder):
        _push(store, run, push, folder, public, form, yes)
        return
    done = do_ship(
        store, run, to=folder, forms=forms, precision=precision, llama_cpp_folder=llama_cpp, parity=parity,  # type: ignore[arg-type]
        report=progress,
    )  # fmt: skip
    _show(done)
    if push:
        _push(store, run, push, folder, public, form, yes)
    if done.parity and not done.parity["holds"]:
        context.exit(FINDINGS)


@click.command("prefer")
@click.argument("words", nargs=-1, required=True, metavar="[plan] RUN")
@click.option("--pairs", type=click.Path(), metavar="FILE", help="A preference file instead of blind rounds.")
@click.option("--set", "settings", multiple=True, metavar="KNOB=VALUE", help="beta, rewards, or a knob of training.")
@click.option("--drop-alike", is_flag=True, help="Leave out pairs that only resemble a golden row, too.")
@click.option("--watch", is_flag=True, help="Stay and show the progress.")
@click.pass_context
def prefer(
    context: click.Context, words: tuple[str, ...], pairs: str | None, settings: tuple[str, ...], drop_alike: bool,
    watch: bool,
) -> None:  # fmt: skip
    """Let a run's adapter go on learning which of two replies people preferred (DPO).

    "goldloop prefer plan RUN" only tells how many pairs there are, how many may be used, and why not the others.
    """
    from workbench.actions.prefer import plan_preferences, refuse

    store = opened(context)
    only_plan, run = _words(words)
    planned = plan_preferences(store, run, pairs=pairs, settings=settings, drop_alike=drop_alike, report=progress)
    click.echo(plain(planned.sentence))
    for line in planned.guard:
        click.echo(f"  {plain(line)}")
    if only_plan:
        for step in planned.steps:
            click.echo(f"  - {plain(step)}")
        knobs = planned.plan
        click.echo(f"Beta {knobs.strength:g}, rewards the {knobs.rewards} over a reply's tokens, "
                   f"{knobs.training.epochs:g} epochs, {knobs.training.batch_size} pairs a batch.")  # fmt: skip
        if planned.may:
            click.echo(f"Begin it with: goldloop prefer {run}")
        return
    refuse(planned)
    job = jobs.start(
        store, "prefer", {"run": run, "pairs": pairs, "settings": list(settings), "drop_alike": drop_alike}
    )
    click.echo(f"Job {job.id} goes on with run {run}.")
    if not watch:
        click.echo(f"Watch it with: goldloop jobs watch {job.id}")
        return
    new = (follow(store, job.id).result or {}).get("run")
    click.echo(f"Run {new} is trained. Evaluate it: goldloop evaluate {new}. Then beside its parent: goldloop compare")


def _words(words: tuple[str, ...]) -> tuple[bool, int]:
    only_plan = words[0] == "plan"
    rest = words[1:] if only_plan else words
    if len(rest) != 1 or not rest[0].isdigit() or not 0 < int(rest[0]) < 2**31:
        raise BadInput("Give the number of one run: goldloop prefer 3, or goldloop prefer plan 3.")
    return only_plan, int(rest[0])


def _is_shipped(store: Store, run: int, folder: str | None) -> bool:
    from workbench.shipping import shipment
    from workbench.store import runs

    return shipment.read(store, runs.get(store, run), folder) is not None


def _show(done: Any) -> None:
    from workbench.shipping.shipment import in_words

    click.echo(f"{done.folder}  ({in_words(done.size)})")
    for name, size in done.files:
        click.echo(f"  {in_words(size):>10}  {plain(name)}")
    if done.parity:
        click.echo(plain(done.parity["sentence"]))
        for one in done.parity["forms"]:
            click.echo(f"  {'' if one['counts'] else '(beside) '}{plain(one['sentence'])}")
    else:
        click.echo("Nobody has looked whether the forms say the same: goldloop ship RUN --check")
    for command in done.commands:
        click.echo(f"{command.title}:\n  {plain(command.text)}")
    for note in done.notes:
        click.echo(f"note: {plain(note)}")


def _check(store: Store, run: int, folder: str | None, context: click.Context) -> None:
    from workbench.actions.check_parity import check_parity

    found = check_parity(store, run, folder, report=progress)
    click.echo(plain(found["sentence"]))
    for one in found["forms"]:
        click.echo(f"  {'' if one['counts'] else '(beside) '}{plain(one['sentence'])}")
    if not found["holds"]:
        context.exit(FINDINGS)


def _push(store: Store, run: int, repo: str, folder: str | None, public: bool, form: str | None, yes: str) -> None:
    from workbench.actions.push_to_hub import push_to_hub
    from workbench.shipping.shipment import in_words

    shown = push_to_hub(store, run, repo, private=not public, form=form, folder=folder, preview=True).plan
    click.echo(shown.sentence)
    for name, size in shown.files:
        click.echo(f"  {in_words(size):>10}  {plain(name)}")
    typed = yes or click.prompt(f"Type {repo} to send it, anything else to leave it", default="", show_default=False)
    done = push_to_hub(store, run, repo, yes=typed, private=not public, form=form, folder=folder)
    click.echo(f"Sent to {done.address}")

"""Opens the store, draws the screens and serves them; also the entry point of a Hugging Face Space.

`python app.py [--store DIR] [--host H] [--port P]`
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
from collections.abc import Sequence

from workbench.errors import GoldloopError
from workbench.settings import database_url, store_folder
from workbench.store import Store


def arguments(given: Sequence[str] | None = None) -> argparse.Namespace:
    """What the command line says."""
    parser = argparse.ArgumentParser(prog="app.py", description="Open Goldloop in the browser.")
    parser.add_argument("--store", help="the folder where everything lives (default: GOLDLOOP_STORE, else data/local)")
    parser.add_argument(
        "--host", default="127.0.0.1", help="the address to listen on; another than this computer needs a login"
    )
    parser.add_argument("--port", type=int, default=int(os.environ.get("GRADIO_SERVER_PORT", "7860")))
    parser.add_argument("--insecure-no-auth", action="store_true", help="listen on an open address without a login")
    return parser.parse_args(given)


def main(given: Sequence[str] | None = None) -> int:
    """Serves until Ctrl+C. Gives the exit code: 2 for something the user can mend."""
    chosen = arguments(given)
    from workbench.screens.serve import launch

    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # a polite end removes the folder of uploads

    try:
        store = Store.open(store_folder(chosen.store), database_url())
        launch(store, chosen.host, chosen.port, insecure_no_auth=chosen.insecure_no_auth)
    except GoldloopError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())

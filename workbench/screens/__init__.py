"""What a person sees: one file a screen, no rule of its own in it.

A screen is added with one file and one line:

1. `workbench/screens/<name>.py` with `TITLE`, `PATH` and `draw(store)`; `draw` begins with `page = Page(...)`
   (see `page.py`), makes its components and hangs its handlers on them with `page.on` and `page.arrive`;
2. its name in `MENU` in `shell.py`.
"""

import os

# Before gradio is imported anywhere: it reads this once, and asks a server of its own otherwise.
os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"

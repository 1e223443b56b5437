"""How it looks: fonts that come with the app, calm colours, light and dark from the same variables."""

from __future__ import annotations

from pathlib import Path

import gradio as gr

HERE = Path(__file__).parent
# Of the bundled fonts only weights 400 and 700 are whole: the 600 files lack a to z, and bold text would mix two fonts.
WEIGHTS = (400, 700)
LocalFont = gr.themes.LocalFont

theme = gr.themes.Default(
    primary_hue="indigo", neutral_hue="slate", radius_size="md", text_size="md",
    font=(LocalFont("IBM Plex Sans", weights=WEIGHTS), "ui-sans-serif", "system-ui", "sans-serif"),
    font_mono=(LocalFont("IBM Plex Mono", weights=WEIGHTS), "ui-monospace", "monospace"),
).set(
    body_text_color_subdued="*neutral_500",
    button_primary_background_fill="*primary_600",
    button_primary_background_fill_hover="*primary_700",
    button_secondary_background_fill="*neutral_50",
    button_secondary_border_color="*neutral_300",
    button_secondary_background_fill_dark="*neutral_800",
    button_secondary_border_color_dark="*neutral_600",
    button_border_width="1px",
    button_large_text_size="*text_md",
)  # fmt: skip

CSS = (HERE / "style.css").read_text(encoding="utf-8")


def script(*names: str) -> str:
    """Scripts of this folder as one for a `gr.HTML`, behind `put`, with which all of them make their elements."""
    return "".join((HERE / f"{name}.js").read_text(encoding="utf-8") for name in ("put", *names))


# What every page runs before anything else.
HEAD = f"<script>{(HERE / 'head.js').read_text(encoding='utf-8')}</script>"

"""Tells whether a prompt asks for a text of its own kind, such as a letter, whose form is its own."""

from __future__ import annotations

import re

_TEXT = (
    r"letters?|e-?mails?|mails?|messages?|resum[eé]s?|cv|speech|toast|invitations?|memo|press release|advert\w*|ads?"
    r"|announcement|notes?"
    r"|greetings?|introduction|bio\w*|card|dialog(?:ue)?s?|conversations?|chat|script|post|tweet|repl(?:y|ies)"
    r"|response|story|poem|song|lyrics|play"
    r"|brief\w*|schreiben|nachricht|einladung|rede|gedicht|dialog|lettre|courriel|message|discours|dialogue"
    r"|invitation|poème|carta|correo|mensaje|discurso|diálogo|poema"
    r"|invitación|e-mail|lettera|messaggio|discorso|dialogo|convite|mensagem|brief|bericht|toespraak|list|wiadomość"
    r"|письмо|сообщение|речь|диалог|лист|mektup|mesaj|surat|pesan|thư"
)
# In English a verb has to ask for it; elsewhere the word by itself excuses.
_ASKS = (
    r"write|draft|create|compose|generate|make|give|design|prepare|produce|provide|need|suggest|rewrite|edit"
    r"|construct|develop|build|craft|come up|correct"
    r"|translate|formulate|convert|improve|complete|format|record|send|imagine|pretend|role-?play|how (?:would|do"
    r"|should|can) (?:you|i|we)|say|tell|greet|reply|respond|answer"
)
_ELSEWHERE = (
    r"\b(?:schreib\w*|verfass\w*|écri\w+|rédig\w+|escrib\w*|redact\w*|escrev\w*|scriv\w*|schrijf|napisz|напиши\w*"
    r"|yaz\w*|tulis\w*|viết)\b"
    r"|写|寫|撰|创|生成|起草|发送|编辑|制作|書いて|作成|써 ?줘|써주|작성"
)
ASKED = re.compile(rf"\b(?:{_ASKS})\b[^.?!\n]{{0,120}}\b(?:{_TEXT})\b|{_ELSEWHERE}", re.I)
LOOKED_AT = 4_000  # characters of the prompt


def asks_for_a_text(prompt: str) -> bool:
    """True where the prompt asks for a letter, a speech, a dialogue or the like."""
    return bool(ASKED.search(prompt[:LOOKED_AT]))

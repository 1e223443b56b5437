import time

import pytest

from workbench.checks.safety.secret_patterns import find_secrets
from workbench.checks.safety.secrets import secrets
from workbench.fixes.mask_secrets import mask_secrets, without_secrets
from workbench.rows import Rows


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("key " + "AKIA" + "R7VQ2LMT5XWD3KPZ", "AWS access key"),
        ("use " + "sk-" + "proj-9aBcD3fGh1JkLmN0pQrStUvWxYz", "AI service key"),
        ("redis://cache:w9K-pl2Q@cache.shop.net:6379", "password in a connection address"),
        ("Server=db;User Id=sa;Password=Fox!7712;", "password in a connection string"),
        ("Mein Passwort lautet Sonne#2024x", "password"),
        ("The API key is 7f3c9a1be82d4f60a5c3d9e8b7f61240", "value of a api key"),
        ("token=q8Zr0Jk2LmN5pQ7sT9uVwXy", "value of a token"),
    ],
)
def test_each_kind_is_found(text, kind):
    assert [piece.kind for piece in find_secrets(text)] == [kind]


@pytest.mark.parametrize(
    "text",
    [
        "AKIAIOSFODNN7EXAMPLE",
        "postgres://user:password@localhost/db",
        "password = get_password(user1)",
        "The token count is 4821.",
        "password: ********",
        "Your password must hold 12 characters.",
        "secret_key = settings.SECRET_KEY_1",
        "-----BEGIN PRIVATE KEY-----\n...\n-----END PRIVATE KEY-----",
    ],
)
def test_what_only_looks_like_it_is_left_alone(text):
    assert find_secrets(text) == []


def test_a_password_that_was_asked_for_opens_nothing():
    asked = ("Generate a strong password.", "Your password: Kx7!pQ2z")
    assert secrets.run(Rows.of(asked)).measure.to_list() == [0.0]


def test_a_note_never_shows_the_secret():
    note = secrets.run(Rows.of("The password is Winter!2187.")).note[0]
    assert note == "password … in the assistant turn at character 17"


def test_masking_leaves_the_words_around():
    assert without_secrets("Login: redis://cache:w9K-pl2Q@h.net now") == "Login: redis://cache:[SECRET]@h.net now"
    rows = Rows.of(("Hi", "The password is Winter!2187."))
    assert mask_secrets.run(rows, secrets.run(rows).flagged).reply == ["The password is [SECRET]."]


@pytest.mark.parametrize("piece", ["password: a1", "eyJ", "://a:", "A", "token=", "-----BEGIN PRIVATE KEY-----", "sk-"])
def test_a_long_hostile_text_takes_no_longer_than_its_length(piece):
    start = time.process_time()
    find_secrets(piece * (100_000 // len(piece)))
    assert time.process_time() - start < 5

"""Language models over both protocols, asked of a real server: answers, refusals, silence."""

import logging
import socket
from dataclasses import replace

import pytest

from core.assistant import LanguageModel, access_of, key_of, open_model
from core.errors import InvalidInput, LanguageModelFailed
from core.settings import Settings
from tests.language_server import KEY, Language, Reply, language_server

BOTH = pytest.mark.parametrize("provider", ["openai", "anthropic"])


def opened(provider: str, server: Language, timeout_s: float = 20.0) -> LanguageModel:
    url = server.url if provider == "openai" else server.url.removesuffix("/v1")
    settings = Settings(
        llm_provider=provider, llm_model="tiny", llm_url=url, llm_timeout_s=timeout_s
    )
    access = access_of(settings)
    assert access is not None
    return open_model(access, KEY)


def asked(model: LanguageModel):
    return model.complete("Be brief.", "Say yes.", max_tokens=50, temperature=1.0)


@BOTH
def test_a_question_and_its_answer(provider: str) -> None:
    with language_server(lambda prompt: f"yes to {prompt}") as server:
        answer = asked(opened(provider, server))
    assert (answer.text, answer.tokens, answer.is_whole) == ("yes to Say yes.", 100, True)
    (sent,) = server.asked
    assert sent.body["model"] == "tiny"
    assert sent.body["max_tokens"] == 50
    assert KEY in " ".join(sent.headers.values())
    assert KEY not in server.words


def test_each_speaks_its_protocol() -> None:
    with language_server(lambda prompt: "yes") as server:
        asked(opened("openai", server))
        asked(opened("anthropic", server))
    chat, messages = server.asked
    assert (chat.path, messages.path) == ("/v1/chat/completions", "/v1/messages")
    assert chat.body["messages"][0] == {"role": "system", "content": "Be brief."}
    assert messages.body["system"] == "Be brief."
    assert chat.body["temperature"] == 1.0
    assert "temperature" not in messages.body


def test_the_provider_itself_is_asked_with_the_newer_limit() -> None:
    with language_server(lambda prompt: "yes") as server:
        model = opened("openai", server)
        asked(replace(model, access=replace(model.access, needs_key=True)))
    assert server.asked[0].body["max_completion_tokens"] == 50


@BOTH
@pytest.mark.parametrize(
    ("status", "said"),
    [
        (401, "STUDIO_LLM_KEY"),
        (403, "key's rights"),
        (404, "tiny"),
        (400, "does not take the question"),
        (302, "leads elsewhere"),
    ],
)
def test_what_the_server_refuses(provider: str, status: int, said: str) -> None:
    elsewhere = {"location": "http://127.0.0.1:1/v1", "x-should-retry": "false"}
    reply = Reply(status, f'{{"error": {{"message": "bad {KEY}"}}}}'.encode(), elsewhere)
    with (
        language_server(lambda prompt: reply) as server,
        pytest.raises(LanguageModelFailed, match=said) as caught,
    ):
        asked(opened(provider, server))
    assert KEY not in str(caught.value)
    assert f"127.0.0.1:{server.port}" in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__
    assert len(server.asked) == 1


@BOTH
def test_too_many_questions_are_asked_again(provider: str) -> None:
    said: list = [Reply(429, b"{}", {"retry-after": "0.01"}), "at last"]
    with language_server(lambda prompt: said.pop(0)) as server:
        assert asked(opened(provider, server)).text == "at last"
    assert len(server.asked) == 2


@BOTH
def test_too_many_questions_for_good(provider: str) -> None:
    reply = Reply(429, b"{}", {"retry-after": "0.01"})
    with (
        language_server(lambda prompt: reply) as server,
        pytest.raises(LanguageModelFailed, match="quota"),
    ):
        asked(opened(provider, server))
    assert len(server.asked) == 3


@BOTH
def test_silence_ends(provider: str, monkeypatch) -> None:
    monkeypatch.setattr("core.assistant.failures.RETRIES", 0)
    with (
        language_server(lambda prompt: Reply(delay_s=30)) as server,
        pytest.raises(LanguageModelFailed, match=r"within 0\.2 seconds"),
    ):
        asked(opened(provider, server, timeout_s=0.2))


@BOTH
def test_nobody_there(provider: str, monkeypatch) -> None:
    monkeypatch.setattr("core.assistant.failures.RETRIES", 0)
    with socket.create_server(("127.0.0.1", 0)) as free:
        server = Language(free.getsockname()[1])
    with pytest.raises(LanguageModelFailed, match="cannot be reached"):
        asked(opened(provider, server))


@BOTH
@pytest.mark.parametrize(
    "body",
    [
        b"<html>hello</html>",
        b'{"choices": [], "content": null}',
        b'{"choices": [{"message": {"content": null}}], "content": [{"no": "type"}]}',
        b"[1, 2]",
        b"",
        b"null",
    ],
)
@pytest.mark.parametrize("kind", ["application/json", "text/html"])
def test_another_protocol(provider: str, body: bytes, kind: str) -> None:
    with (
        language_server(lambda prompt: Reply(body=body, headers={"content-type": kind})) as server,
        pytest.raises(LanguageModelFailed, match="protocol"),
    ):
        asked(opened(provider, server))


def test_a_server_that_does_not_count() -> None:
    body = b'{"choices": [{"message": {"content": "hm"}, "finish_reason": "length"}]}'
    with language_server(lambda prompt: Reply(body=body)) as server:
        answer = asked(opened("openai", server))
    assert (answer.text, answer.tokens, answer.is_whole) == ("hm", None, False)


@BOTH
def test_proxies_and_keys_of_the_environment_are_left_alone(provider: str, monkeypatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    for name in ("OPENAI_API_KEY", "OPENAI_ADMIN_KEY", "ANTHROPIC_API_KEY"):
        monkeypatch.setenv(name, "somebody-elses")
    with language_server(lambda prompt: "yes") as server:
        assert asked(opened(provider, server)).text == "yes"
    assert "somebody-elses" not in str(server.asked)


@BOTH
def test_the_key_is_in_no_log_and_no_repr(provider: str, caplog) -> None:
    caplog.set_level(logging.DEBUG)
    with language_server(lambda prompt: "yes") as server:
        model = opened(provider, server)
        asked(model)
    assert KEY not in caplog.text
    assert KEY not in repr(model)


def test_without_a_provider_there_is_none() -> None:
    assert access_of(Settings()) is None


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"llm_provider": "llama"}, "must be one of openai, anthropic"),
        ({"llm_model": ""}, "STUDIO_LLM_MODEL"),
        ({"llm_url": "ftp://host/"}, "STUDIO_LLM_URL"),
        ({"llm_url": "https://ada:pw@host/v1"}, "STUDIO_LLM_KEY"),
        ({"llm_url": "https://host/v1?key=1"}, "query"),
        ({"llm_url": "http://10.0.0.7:8000/v1"}, "STUDIO_ALLOW_HTTP"),
    ],
)
def test_settings_that_cannot_be_used(fields: dict, said: str) -> None:
    settings = Settings(**{"llm_provider": "openai", "llm_model": "m", **fields})
    with pytest.raises(InvalidInput, match=said) as caught:
        access_of(settings)
    assert "pw" not in str(caught.value)


@pytest.mark.parametrize(
    "fields",
    [
        {"llm_url": "http://localhost:11434/v1"},
        {"llm_url": "http://[::1]:8000/v1"},
        {"llm_url": "https://10.0.0.7/v1", "forbid_private": True},
        {"llm_url": "http://10.0.0.7/v1", "allow_http": True},
    ],
)
def test_servers_of_the_house_are_allowed(fields: dict) -> None:
    access = access_of(Settings(llm_provider="openai", llm_model="m", **fields))
    assert access is not None
    assert access.url == fields["llm_url"]
    assert key_of(access, {}) == ""


def test_the_provider_itself_needs_a_key() -> None:
    access = access_of(Settings(llm_provider="anthropic", llm_model="m"))
    assert access is not None
    assert access.host == "api.anthropic.com"
    with pytest.raises(InvalidInput, match="STUDIO_LLM_KEY_FILE"):
        key_of(access, {})
    assert key_of(access, {"STUDIO_LLM_KEY": f" {KEY}\n"}) == KEY


def test_the_key_may_be_in_a_file(tmp_path) -> None:
    file = tmp_path / "key"
    settings = Settings(llm_provider="openai", llm_model="m", llm_key_file=str(file))
    access = access_of(settings)
    assert access is not None
    with pytest.raises(InvalidInput, match="cannot be read"):
        key_of(access, {})
    file.write_text(f"{KEY}\n")
    assert key_of(access, {}) == KEY
    file.write_text("two\nlines")
    with pytest.raises(InvalidInput, match="one line") as caught:
        key_of(access, {})
    assert "lines\n" not in str(caught.value)

"""A server that speaks the protocols of OpenAI and Anthropic, on loopback and in a thread."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

KEY = "sk-test-0123456789-never-to-be-seen"
Says = Callable[[str], Any]
"""From a prompt to what is said, or to a :class:`Reply`."""


@dataclass(frozen=True)
class Reply:
    """An answer that is not as it should be."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    delay_s: float = 0.0


@dataclass
class Asked:
    """A request as it came."""

    path: str
    headers: dict[str, str]
    body: dict[str, Any]

    @property
    def prompt(self) -> str:
        return str(self.body["messages"][-1]["content"])


@dataclass
class Language:
    """A running server and what it was asked."""

    port: int
    asked: list[Asked] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    @property
    def words(self) -> str:
        """Everything that was sent, as text."""
        return "\n".join(json.dumps(one.body, ensure_ascii=False) for one in self.asked)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args: object) -> None:
        pass

    def do_POST(self) -> None:
        server: Any = self.server
        size = int(self.headers["content-length"])
        asked = Asked(self.path, dict(self.headers), json.loads(self.rfile.read(size)))
        server.asked.append(asked)
        said = server.says(asked.prompt)
        if not isinstance(said, Reply):
            shape = _message if self.path.endswith("/messages") else _completion
            said = Reply(body=json.dumps(shape(said, asked.body["model"])).encode())
        if said.delay_s:
            server.stopping.wait(said.delay_s)
        self._give(said)

    def _give(self, reply: Reply) -> None:
        self.send_response(reply.status)
        usual = {"content-type": "application/json", "content-length": str(len(reply.body))}
        for name, value in (usual | reply.headers).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(reply.body)


def _completion(said: str, model: str) -> dict[str, Any]:
    message = {"role": "assistant", "content": said}
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    usage = {"prompt_tokens": 40, "completion_tokens": 60, "total_tokens": 100}
    whole = {"id": "c1", "object": "chat.completion", "created": 1, "model": model}
    return {**whole, "choices": [choice], "usage": usage}


def _message(said: str, model: str) -> dict[str, Any]:
    content = [{"type": "text", "text": said}]
    usage = {"input_tokens": 40, "output_tokens": 60}
    whole = {"id": "m1", "type": "message", "role": "assistant", "model": model}
    return {**whole, "content": content, "stop_reason": "end_turn", "usage": usage}


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Clients that go away are what some tests are about."""


@contextmanager
def language_server(says: Says) -> Iterator[Language]:
    server: Any = _Server(("127.0.0.1", 0), _Handler)
    running = Language(server.server_address[1])
    server.says, server.asked, server.stopping = says, running.asked, threading.Event()
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield running
    finally:
        server.stopping.set()
        server.shutdown()
        server.server_close()
        thread.join()

"""A local server that speaks what vLLM's does where adapters are served: `/v1/models`, `/v1/load_lora_adapter`, chat.
An answer names the model that gave it. It counts what it was asked, and can be one that was started without LoRA.

    with VllmServer("/weights/base") as server:
        ...  server.base_url (ends in /v1), server.loaded, server.asked
"""

from __future__ import annotations

import json
import threading
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self


class VllmServer:
    """The server, in a thread of its own. `lora` false: adapters cannot be loaded; `modules`: `--lora-modules`."""

    def __init__(self, base: str, *, lora: bool = True, modules: dict[str, str] | None = None) -> None:
        self.base, self.lora = base, lora
        self.loaded: dict[str, str] = dict(modules or {})
        self.asked: Counter[str] = Counter()
        self.problems: list[str] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                names = [outer.base, *outer.loaded]
                self.reply(200, {"data": [{"id": name, "max_model_len": 512} for name in names]})

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                self.reply(*(outer.load(body) if self.path.endswith("load_lora_adapter") else outer.chat(body)))

            def reply(self, status: int, body: dict[str, Any]) -> None:
                data = json.dumps(body).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, format: str, *args: Any) -> None:
                """Silent."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    @property
    def base_url(self) -> str:
        """Address for a provider file."""
        return f"http://127.0.0.1:{self._server.server_address[1]}/v1"

    def load(self, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """As vLLM: 404 without LoRA, 400 for what is no adapter, the name known from then on."""
        if not self.lora:
            return 404, {"detail": "Not Found"}
        config = json.loads((Path(body["lora_path"]) / "adapter_config.json").read_text())
        if config["r"] > 512 or not (Path(body["lora_path"]) / "adapter_model.safetensors").is_file():
            return 400, {"message": "cannot load"}
        self.loaded[body["lora_name"]] = body["lora_path"]
        return 200, {}

    def chat(self, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """An answer that says which of the served models gave it."""
        name = body["model"]
        if name != self.base and name not in self.loaded:
            return 404, {"error": {"message": f"no such model: {name}", "type": "NotFoundError"}}
        self.asked[name] += 1
        message = {"role": "assistant", "content": f"answered by {name}"}
        usage = {"prompt_tokens": 3, "completion_tokens": 3, "total_tokens": 6}
        choice = {"index": 0, "finish_reason": "stop", "message": message}
        return 200, {"id": "x", "object": "chat.completion", "created": 0, "model": name, "choices": [choice],
                     "usage": usage}  # fmt: skip

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

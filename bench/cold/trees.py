"""The processes that answer, and callers who send them requests."""

import json
import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from secrets import token_hex
from typing import Any, Self

API = "/api/v1"
ANSWERING = Path(__file__).with_name("answering.py")
PASSWORD = "ほうじ茶を毎朝いれる 2026"


class Refused(Exception):
    """A request was refused or failed, so its time would mean nothing."""


@dataclass(frozen=True, slots=True)
class Call:
    method: str
    path: str
    token: str = ""
    json: Any = None
    picture: bytes | None = None
    key: str | None = None

    def as_json(self) -> dict[str, Any]:
        headers, body = {}, ""
        if self.token:
            headers["authorization"] = f"Bearer {self.token}"
        if self.key:
            headers["idempotency-key"] = self.key
        if self.json is not None:
            headers["content-type"] = "application/json"
            body = json.dumps(self.json)
        if self.picture is not None:
            headers["content-type"] = "multipart/form-data; boundary=edge"
            body = (
                '--edge\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\n\r\n'
                + self.picture.decode("latin-1")
                + "\r\n--edge--\r\n"
            )
        return {"method": self.method, "path": API + self.path, "headers": headers, "body": body}


@dataclass(frozen=True, slots=True)
class Answer:
    body: str
    micros: float

    def json(self) -> Any:
        return json.loads(self.body.encode("latin-1"))


class Tree:
    """A checkout whose API answers in a process of its own."""

    def __init__(self, folder: Path, python: str, url: str, data: Path) -> None:
        data.mkdir(parents=True, exist_ok=True)
        with (data / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [python, ANSWERING],
                cwd=folder,
                env=settings(folder, url, data),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        self._log = data / "log"

    def ask(self, *calls: Call) -> list[Answer]:
        """Send the calls one after the other, without a pause. Raises Refused."""
        found = self._exchange({"calls": [call.as_json() for call in calls]})
        for call, (status, body, _) in zip(calls, found, strict=True):
            if status >= 400:
                problem = body.encode("latin-1").decode(errors="replace")[:300]
                raise Refused(f"{call.method} {call.path}: {status} {problem}")
        return [Answer(body, micros) for _, body, micros in found]

    def query(self, sql: str, *values: Any) -> list[list[Any]]:
        rows: list[list[Any]] = self._exchange({"sql": sql, "values": values})
        return rows

    def _exchange(self, asked: dict[str, Any]) -> Any:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(json.dumps(asked), file=self._process.stdin, flush=True)
        answer = self._process.stdout.readline()
        if not answer:
            raise RuntimeError(f"the process ended:\n{self._log.read_text()[-2000:]}")
        return json.loads(answer)

    def stop(self) -> None:
        self._process.communicate()


def settings(folder: Path, url: str, data: Path) -> Mapping[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("LINKY_")}
    given = {
        "ADMIN_MFA": "optional",
        "DATABASE_URL": url,
        "DATA_DIR": str(data.resolve()),
        "JWT_KEYS": "bench:" + "b" * 40,
        "LOG_LEVEL": "error",
        "NEW_ACCOUNT_HOURS": "0",
        "RATE_LIMITS": "off",
        "WORKER": "apart",
    }
    ours = {f"LINKY_{name}": value for name, value in given.items()}
    return {**kept, **ours, "PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}


@dataclass
class Caller:
    """Somebody who is signed in. `send` sends at once, and returns what the answer holds."""

    tree: Tree
    token: str = ""
    refresh_token: str = ""
    user: dict[str, Any] = field(default_factory=dict)
    email: str = ""

    @property
    def id(self) -> str:
        return str(self.user["id"])

    def call(self, method: str, path: str, json: Any = None, **how: Any) -> Call:
        return Call(method, path, self.token, json, **how)

    def send(self, method: str, path: str, json: Any = None, **how: Any) -> Any:
        (answer,) = self.tree.ask(self.call(method, path, json, **how))
        return answer.json() if answer.body else None

    def take(self, answer: dict[str, Any]) -> Self:
        self.user = answer.get("user", self.user)
        self.token = answer["tokens"]["access_token"]
        self.refresh_token = answer["tokens"]["refresh_token"]
        return self


def register(tree: Tree, *, verified: bool = True) -> Caller:
    person = Caller(tree, email=f"{token_hex(6)}@example.com")
    form = {"email": person.email, "password": PASSWORD, "nickname": f"利用者{token_hex(3)}"}
    person.take(person.send("POST", "/auth/register", form))
    if verified:
        tree.query(
            "UPDATE users SET email_verified_at = now() WHERE id = ($1::text)::uuid", person.id
        )
    return person


def sign_in(person: Caller) -> Caller:
    other = Caller(person.tree, email=person.email)
    form = {"email": person.email, "password": PASSWORD}
    return other.take(other.send("POST", "/auth/login", form))

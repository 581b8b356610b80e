"""A real server process: limits on bodies before they are read, and the contents of its log."""

import socket
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.support.failing_server import ADDRESS
from tests.support.served import PREFIX, Served, member_headers, serving
from tests.support.waiting import HANG_SECONDS
from tests.support.world import PASSWORD, token

LIMIT = 256 * 1024


@pytest.fixture(scope="module")
def served(server_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(server_url, tmp_path_factory.mktemp("served")) as served:
        yield served


def login_of(size: int) -> bytes:
    """A JSON body of exactly this many bytes."""
    form = b'{"email": "unknown@example.com", "password": "x"}'
    return form + b" " * (size - len(form))


def test_a_huge_content_length_is_refused_before_the_body_is_sent(served: Served) -> None:
    for size in (300 * 2**20, LIMIT + 1, 10**15):
        head = f"POST {PREFIX}/auth/login HTTP/1.1\nHost: x\nContent-Type: application/json\n"
        status, body, _ = served.raw(head + f"Content-Length: {size}")
        assert (status, body["code"]) == (413, "payload_too_large"), size
        assert body["request_id"]


def test_a_chunked_body_is_counted_while_it_arrives(served: Served) -> None:
    chunk = b"10000\r\n" + b" " * 0x10000 + b"\r\n"
    head = (
        f"POST {PREFIX}/auth/login HTTP/1.1\nHost: x\nContent-Type: application/json\n"
        "Transfer-Encoding: chunked"
    )
    status, body, sent = served.raw(head, *[chunk] * 800)
    assert (status, body["code"]) == (413, "payload_too_large")
    assert sent < 40 * 2**20, "the server read the whole body"


def test_a_body_of_exactly_the_limit_is_accepted(served: Served) -> None:
    headers = {"Content-Type": "application/json"}
    path = f"{PREFIX}/auth/login"
    plain = served.http.post(path, content=login_of(LIMIT), headers=headers)
    assert (plain.status_code, plain.json()["code"]) == (401, "invalid_credentials")
    chunked = served.http.post(path, content=iter([login_of(LIMIT)]), headers=headers)
    assert (chunked.status_code, chunked.json()["code"]) == (401, "invalid_credentials")
    more = served.http.post(path, content=login_of(LIMIT + 1), headers=headers)
    assert (more.status_code, more.json()["code"]) == (413, "payload_too_large")
    more = served.http.post(path, content=iter([login_of(LIMIT + 1)]), headers=headers)
    assert (more.status_code, more.json()["code"]) == (413, "payload_too_large")


def test_a_file_may_be_larger_up_to_its_own_limit(served: Served) -> None:
    headers = member_headers(served)
    path = f"{PREFIX}/users/me/avatar"
    for size, status in ((2**20, 415), (10 * 2**20, 415), (10 * 2**20 + 1, 413), (11 * 2**20, 413)):
        files = {"file": ("a.jpg", b"x" * size, "image/jpeg")}
        try:
            response = served.http.put(path, files=files, headers=headers)
        except httpx.WriteError:  # The server answered and closed while the client was sending.
            assert status == 413
            continue
        assert response.status_code == status, (size, response.text)
    # A form with a file that announces far too much is refused before it is sent.
    head = f"PUT {path} HTTP/1.1\nHost: x\nContent-Type: multipart/form-data; boundary=b\n"
    refused, _, _ = served.raw(head + f"Content-Length: {300 * 2**20}")
    assert refused == 413


def test_one_export_after_the_other_is_served(served: Served) -> None:
    """The client gets the last byte a moment before the server frees the place."""
    headers = member_headers(served)
    answers = [served.http.get(f"{PREFIX}/users/me/export", headers=headers) for _ in range(20)]
    assert {answer.status_code for answer in answers} == {200}


def test_bytes_that_are_not_http_are_refused_and_the_server_keeps_running(served: Served) -> None:
    before = len(served.log.read_text())
    with socket.create_connection(("127.0.0.1", served.port), HANG_SECONDS) as connection:
        connection.sendall(b"\x16\x03\x01 hello\r\n\r\n")
        assert b"400" in connection.recv(1000).split(b"\r\n")[0]
    # A client that disconnects in the middle of its body causes no error.
    head = f"POST {PREFIX}/auth/login HTTP/1.1\r\nHost: x\r\nContent-Length: 50\r\n"
    with socket.create_connection(("127.0.0.1", served.port), HANG_SECONDS) as connection:
        connection.sendall(head.encode() + b"Content-Type: application/json\r\n\r\n{")
    assert served.http.get("/health/live").status_code == 200
    # Other tests cause errors on this server, so only the new part of the log is checked.
    assert "Traceback" not in served.log.read_text()[before:]


@pytest.mark.parametrize(
    "head",
    [
        f"FOO {PREFIX}/posts HTTP/1.1\nHost: x",
        f"GET {PREFIX}/posts HTTP/1.1\nHost: x\nX-Request-ID: a\x7fb",
        f"POST {PREFIX}/posts HTTP/1.1\nHost: x\nIdempotency-Key: a\x01b\nContent-Length: 0",
        f"POST {PREFIX}/posts HTTP/1.1\nHost: x\nContent-Length: many",
        *(f"GET {PREFIX}/users/me?\udcff HTTP/1.1\nHost: x", "nonsense"),
    ],
)
def test_malformed_requests_get_a_problem_json_answer(served: Served, head: str) -> None:
    status, problem, _ = served.raw(head)
    assert (status, problem["status"], problem["code"]) == (400, 400, "bad_request")
    assert problem["request_id"]
    assert problem["title"] == "リクエストを読み取れません"
    assert served.http.get("/health/live").status_code == 200


def test_a_websocket_upgrade_is_ignored(served: Served) -> None:
    headers = {
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    }
    answer = served.http.get(f"{PREFIX}/posts", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (401, "not_authenticated")


def ensure_requests_are_logged(served: Served, answers: list[httpx.Response], user_id: str) -> None:
    """Check that each request has a line with its id. The fifth one is the user's `/users/me`."""
    lines = {line["request_id"]: line for line in served.lines() if line.get("event") == "request"}
    for number, response in enumerate(answers):
        assert response.headers["x-request-id"] == f"log-{number}"
        assert lines[f"log-{number}"]["status"] == response.status_code
    assert lines["log-4"]["route"].endswith("/users/me")
    assert lines["log-4"]["user_id"] == user_id


def ensure_errors_are_in_the_log_alone(served: Served, answers: list[httpx.Response]) -> None:
    """Check that `/broken` and `/doubled` logged their errors, and their answers tell nothing."""
    broken = [line for line in served.lines() if line.get("event") == "unforeseen_error"]
    assert [line["request_id"] for line in broken] == ["log-9", "log-10"]
    assert "RuntimeError" in broken[0]["exception"]
    assert "UniqueViolationError" in broken[1]["exception"]
    for response in answers:
        assert response.json()["code"] == "internal_error"
        assert ADDRESS not in response.text
        assert "Error" not in response.text


def test_the_log_has_every_request_id_and_no_secrets(served: Served) -> None:
    email, nickname = f"hanako-{token()}@example.com", f"花子{token()}"
    form = {"email": email, "password": PASSWORD, "nickname": nickname}
    http = served.http

    def call(method: str, path: str, **how: Any) -> httpx.Response:
        headers = {"X-Request-ID": f"log-{len(answers)}", **how.pop("headers", {})}
        answers.append(http.request(method, path, headers=headers, **how))
        return answers[-1]

    answers: list[httpx.Response] = []
    signed_in = call("POST", f"{PREFIX}/auth/register", json=form).json()
    tokens = signed_in["tokens"]
    bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
    call("POST", f"{PREFIX}/auth/register", json=form)
    call("POST", f"{PREFIX}/auth/login", json={"email": email, "password": PASSWORD + "x"})
    call("POST", f"{PREFIX}/auth/login?email={email}&password={PASSWORD}", json={"email": email})
    call("GET", f"{PREFIX}/users/me", headers=bearer)
    renewed = call(
        "POST", f"{PREFIX}/auth/refresh", json={"refresh_token": tokens["refresh_token"]}
    ).json()
    call("GET", f"{PREFIX}/nothing/{email}")
    call("GET", f"{PREFIX}/posts?cursor={tokens['refresh_token']}", headers=bearer)
    call("POST", f"{PREFIX}/posts", json={PASSWORD: email}, headers=bearer)
    call("GET", "/broken", headers=bearer | {"Cookie": "session=" + PASSWORD})
    call("GET", "/doubled", headers=bearer)
    wanted = [201, 409, 401, 422, 200, 200, 404, 422, 422, 500, 500]
    assert [answer.status_code for answer in answers] == wanted

    # A request is logged after its answer, and before the next request on the connection.
    assert http.get("/health/live").status_code == 200
    log = served.log.read_text()
    ensure_requests_are_logged(served, answers, signed_in["user"]["id"])
    ensure_errors_are_in_the_log_alone(served, answers[-2:])

    secrets = [email, PASSWORD, nickname, ADDRESS, "@example.com", *tokens.values()]
    secrets += [renewed["access_token"], renewed["refresh_token"]]
    secrets += [tokens["access_token"].rpartition(".")[2]]
    for secret in (value for value in secrets if isinstance(value, str) and value != "bearer"):
        assert secret not in log, secret

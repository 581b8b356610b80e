"""A server process for tests, with routes that fail by unforeseen errors.

The first line of its output is its port, which takes connections at once; the rest is its log.
"""

import socket

import uvicorn
from sqlalchemy import text

from app.core.logging import configure_logging
from app.core.settings.config import load_settings
from app.main import create_app
from app.web.dependencies import Ctx
from app.web.http_protocol import HttpProtocol
from tests.support.patience import stay_patient

ADDRESS = "hanako.unforeseen@example.com"


async def broken() -> None:
    raise RuntimeError(f"the mail to {ADDRESS} bounced")


async def doubled(ctx: Ctx) -> None:
    """PostgreSQL quotes the address in the detail of its error."""
    statement = text(
        "INSERT INTO users (email, nickname, role, provider, password_hash)"
        " VALUES (:e, 'x', 'user', 'email', 'x')"
    )
    for _ in range(2):
        await ctx.db.execute(statement, e=ADDRESS)


def main() -> None:
    stay_patient()
    settings = load_settings()
    configure_logging(settings.log_level, as_json=True)
    app = create_app(settings)
    app.add_api_route("/broken", broken, methods=["GET"], include_in_schema=False)
    app.add_api_route("/doubled", doubled, methods=["GET"], include_in_schema=False)
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        # Before the port is known: Uvicorn would listen only after it has said that it started.
        listener.listen()
        print(listener.getsockname()[1], flush=True)
        config = uvicorn.Config(
            app,
            http=HttpProtocol,
            ws="none",
            log_config=None,
            access_log=False,
            proxy_headers=False,
            server_header=False,
        )
        uvicorn.Server(config).run(sockets=[listener])


if __name__ == "__main__":
    main()

"""The second step of admins: what an authenticator app does, and setting it up in the console."""

import re

import httpx
import pyotp

from tests.support.api import Api
from tests.support.console import Browser, shown
from tests.support.fakes import FakeClock

_SECRET = re.compile(r'id="secret">([A-Z2-7]{32})<')
_SEALED = re.compile(r'name="setup" value="([^"]+)"')
_RECOVERY = re.compile(r"<li><code>([a-z0-9-]{19})</code></li>")


class Authenticator:
    """An app with one secret. Each code that it gives is of a later time step."""

    def __init__(self, secret: str, clock: FakeClock) -> None:
        self._totp, self._clock = pyotp.TOTP(secret), clock

    def code(self, *, steps: int = 0) -> str:
        """The code of now, or of so many time steps later or earlier."""
        return self._totp.generate_otp(int(self._clock().timestamp()) // 30 + steps)

    def next(self) -> str:
        """The code of the next time step, when it has come."""
        self._clock.advance(seconds=30)
        return self.code()

    def wrong(self) -> str:
        """Six digits that are not the code of a minute before or after."""
        near = {self.code(steps=steps) for steps in range(-2, 3)}
        return next(code for code in map("{:06}".format, range(9)) if code not in near)


def secret_of(page: str) -> str:
    found = _SECRET.search(page)
    assert found, page
    return found[1]


def sealed_of(page: str) -> str:
    found = _SEALED.search(page)
    assert found
    return found[1]


def recovery_codes_of(response: httpx.Response) -> list[str]:
    codes = _RECOVERY.findall(shown(response))
    assert len(set(codes)) == 10
    return list(codes)


async def set_up(browser: Browser, clock: FakeClock) -> tuple[Authenticator, list[str]]:
    """Set the second step up in the console. Returns the app and the recovery codes."""
    page = shown(await browser.get("/mfa"))
    app = Authenticator(secret_of(page), clock)
    form = {"token": await browser.token("/mfa"), "setup": sealed_of(page), "code": app.code()}
    return app, recovery_codes_of(await browser.http.post("/admin/mfa", data=form))


async def send_code(browser: Browser, code: str) -> httpx.Response:
    """Send a code to the second step of the console's sign-in."""
    page = "/sign-in/code"
    form = {"token": await browser.token(page), "code": code}
    return await browser.http.post(f"/admin{page}", data=form)


async def pass_mfa(api: Api, code: object) -> httpx.Response:
    return await api.post("/auth/mfa", json={"code": code})

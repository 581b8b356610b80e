"""Somebody who removed the app, and deletes their account after a sign-in at a provider."""

import re

import httpx

from tests.support.browser import Browser

CONFIRM = "http://test/account/delete/confirm"


class Leaver(Browser):
    """A browser without the app and without scripts: it follows links and sends forms."""

    async def begin(self, **_: object) -> httpx.Response:
        shown = await self.get("/account/delete")
        link = f"/account/delete/{self.provider}"
        assert f'href="{link}"' in shown.text
        answer = await self.get(link)
        for line in answer.headers.get_list("set-cookie"):
            self.cookies.load(line)
        self.world.http.cookies.clear()
        return answer

    async def get(self, path: str) -> httpx.Response:
        return await self.world.http.get(f"http://test{path.removeprefix('http://test')}")

    async def confirm(self, page: httpx.Response) -> httpx.Response:
        assert page.status_code == 200, page.text
        assert "<script" not in page.text
        (token,) = re.findall(r'name="token" value="([^"]+)"', page.text)
        return await self.world.http.post(CONFIRM, data={"token": token})

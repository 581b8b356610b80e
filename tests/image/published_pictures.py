"""Posts with two pictures, what their URLs answer, and the job that places their objects."""

from typing import Any

from app.image.service.placing import StoredPictureService
from app.integrations.storage.keys import find_picture_key
from tests.support.api import Api
from tests.support.world import World


class PublishedPost:
    """A post with two pictures: the URLs, keys and contents of its four objects."""

    def __init__(self, world: World, author: Api, post: dict[str, Any], bytes_: list[bytes]):
        self.world, self.author, self.post, self.bytes = world, author, post, bytes_
        self.urls = [image[n] for image in post["images"] for n in ("url", "thumbnail_url")]
        self.keys = [str(find_picture_key(url)) for url in self.urls]

    async def fetch(self) -> list[bytes | int]:
        """Fetch the objects without signing in: the bytes, or the status of a refusal."""
        answers = [await self.world.http.get(url) for url in self.urls]
        return [a.content if a.status_code == 200 else a.status_code for a in answers]


async def publish(world: World, author: Api | None = None) -> PublishedPost:
    """Publish a post with two pictures, which everyone can fetch."""
    author = author or await world.member()
    images = [await world.image(author) for _ in range(2)]
    post = await world.post(author, image_ids=[image["id"] for image in images])
    shown = PublishedPost(world, author, post, [])
    shown.bytes = [answer for answer in await shown.fetch() if isinstance(answer, bytes)]
    assert len(shown.bytes) == 4
    return shown


async def run_place_job(world: World, keys: list[str]) -> None:
    """Run the job that places a post's objects once, in a transaction of its own."""
    async with world.runtime.writing() as ctx:
        await StoredPictureService(ctx).place_objects(keys)

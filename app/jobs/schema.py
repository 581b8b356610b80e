"""The names of pgqueuer's tables, as our migration made them."""

from typing import Any

from pgqueuer.adapters.persistence.qb import (
    QueryBuilderEnvironment,
    QueryQueueBuilder,
    QuerySchedulerBuilder,
)
from pgqueuer.domain.settings import DBSettings
from pydantic_settings import PydanticBaseSettingsSource


class _FixedNames(DBSettings):
    """Ignores the environment: a variable named `CHANNEL` would rename a table."""

    @classmethod
    def settings_customise_sources(
        cls, settings_cls: Any, init_settings: PydanticBaseSettingsSource, *_: Any, **__: Any
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return (init_settings,)


NAMES = _FixedNames()


def query_builders() -> dict[str, Any]:
    """The arguments that make a pgqueuer `Queries` use these names."""
    return {
        "qbe": QueryBuilderEnvironment(NAMES),
        "qbq": QueryQueueBuilder(NAMES),
        "qbs": QuerySchedulerBuilder(NAMES),
    }

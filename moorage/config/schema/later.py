"""Parts of the inventory whose models are made only when an inventory has something for them.

To make a model takes pydantic about half a millisecond, and most inventories name few of them.
"""

from __future__ import annotations

from functools import cached_property
from importlib import import_module
from typing import TYPE_CHECKING, Annotated, Any

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler, TypeAdapter
    from pydantic_core.core_schema import CoreSchema


class Later:
    """Stands in a field's annotation for a type of another module of the schema.

    Args:
        module: the module's last name.
        name: what the type is called there.
    """

    def __init__(self, module: str, name: str) -> None:
        self._module = module
        self._name = name

    @cached_property
    def type(self) -> Any:
        """The type that is meant."""
        return getattr(import_module(f"moorage.config.schema.{self._module}"), self._name)

    @cached_property
    def _adapter(self) -> TypeAdapter[Any]:
        from pydantic import TypeAdapter

        return TypeAdapter(self.type)

    def _validated(self, value: Any) -> Any:
        # its mistakes keep their places: pydantic puts the way to this field before them
        return self._adapter.validate_python(value)

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        from pydantic_core.core_schema import no_info_plain_validator_function

        return no_info_plain_validator_function(self._validated)

    def __get_pydantic_json_schema__(
        self, core: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return handler(self._adapter.core_schema)


def later(module: str, name: str) -> Any:
    """An annotation for the type; see :class:`Later`."""
    return Annotated[Any, Later(module, name)]

"""All libraries together: who sees which name, and which members a type has."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from posixpath import dirname, normpath

from tools.client.resolve.declarations import DartClass, DartType, Library, Link, Member

STUBS = Path(__file__).parent / "stubs"
STUB_OF = {
    "dart:core": "core", "dart:async": "async", "dart:convert": "convert", "dart:io": "io",
    "dart:math": "math", "package:http/http.dart": "http",
    "package:http/testing.dart": "http_testing", "package:meta/meta.dart": "meta",
    "package:test/test.dart": "test", "package:fake_async/fake_async.dart": "fake_async",
    "package:flutter/widgets.dart": "widgets",
    "package:flutter_secure_storage/flutter_secure_storage.dart": "flutter_secure_storage",
    "package:path_provider/path_provider.dart": "path_provider",
    "package:image_picker/image_picker.dart": "image_picker",
    "package:flutter_line_sdk/flutter_line_sdk.dart": "flutter_line_sdk",
    "package:google_sign_in/google_sign_in.dart": "google_sign_in",
    "package:sign_in_with_apple/sign_in_with_apple.dart": "sign_in_with_apple",
    "package:firebase_messaging/firebase_messaging.dart": "firebase_messaging",
    "package:crypto/crypto.dart": "crypto",
    "package:flutter_web_auth_2/flutter_web_auth_2.dart": "flutter_web_auth_2",
    "package:flutter_local_notifications/flutter_local_notifications.dart":
        "flutter_local_notifications",
}  # fmt: skip
CORE = "dart:core"


@dataclass
class Universe:
    libraries: dict[str, Library] = field(default_factory=dict)
    classes: dict[str, DartClass] = field(default_factory=dict)
    aliases: dict[str, DartType] = field(default_factory=dict)
    doubles: list[str] = field(default_factory=list)

    def add(self, path: Path, uri: str) -> None:
        self.add_source(path, uri, path.read_text(encoding="utf-8"))

    def add_source(self, path: Path, uri: str, source: str) -> None:
        library = Library(path, uri, source)
        self.libraries[uri] = library
        self.aliases |= library.aliases
        for name, one in library.classes.items():
            # Types are known by their simple names here, so two classes may not share one.
            if name in self.classes:
                self.doubles.append(f"{path.name}: {name} is the name of two classes")
            self.classes[name] = one

    def target(self, library: Library, link: Link) -> Library | None:
        return self.libraries.get(_joined(library.uri, link.uri))

    def exports(self, library: Library, name: str) -> bool:
        """Whether an import of the library brings the name."""
        if library.declares(name):
            return not name.startswith("_")
        return self.owner_by_exports(library, name) is not None

    def owner_by_exports(self, library: Library, name: str) -> Library | None:
        """The library that declares a name which `library` exports."""
        if library.declares(name):
            return library
        for link in library.links:
            target = self.target(library, link)
            if link.is_export and target and link.lets(name):
                found = self.owner_by_exports(target, name)
                if found:
                    return found
        return None

    def owners(
        self, library: Library, name: str, prefix: str = ""
    ) -> Iterator[tuple[Library, Link | None]]:
        """The libraries that declare a name which a library sees, and the imports that bring it."""
        if not prefix and library.declares(name):
            yield library, None
            return
        for link in library.links:
            target = self.target(library, link)
            if link.is_export or link.prefix != prefix or target is None or not link.lets(name):
                continue
            owner = self.owner_by_exports(target, name)
            if owner:
                yield owner, link
        if not prefix and self.libraries[CORE].declares(name):
            yield self.libraries[CORE], None

    def member(self, type_: DartType, name: str) -> Member | None:
        """Own or inherited, with the type's arguments in place."""
        one = self.classes.get(type_.simple)
        if one is None:
            return None
        known = dict(zip(one.type_params, type_.args, strict=False))
        if name in one.members:
            return with_types(one.members[name], known)
        for parent in (one.superclass, *one.interfaces):
            if parent and (found := self.member(parent.with_(known), name)):
                return found
        core = self.libraries[CORE].classes["Object"]
        return core.members.get(name)

    def supertypes(self, type_: DartType) -> set[str]:
        """The names of a type's class and of all that it extends and implements."""
        one = self.classes.get(type_.simple)
        found = {type_.simple, "Object"}
        if one:
            for parent in (one.superclass, *one.interfaces):
                if parent:
                    found |= self.supertypes(parent)
        return found


@cache
def _joined(base: str, uri: str) -> str:
    """`uri` as the library at `base` imports it."""
    if ":" in uri:
        return uri
    return normpath(f"{dirname(base)}/{uri}").replace("package:/", "package:")


def with_types(member: Member, known: dict[str, DartType]) -> Member:
    if not known:
        return member
    return Member(
        member.name,
        member.type.with_(known),
        member.params,
        member.type_params,
        member.is_static,
    )


def universe_of(packages: Path) -> Universe:
    """With the stubs of all that they need."""
    universe = Universe()
    for uri, name in STUB_OF.items():
        universe.add(STUBS / f"{name}.dart", uri)
    for package in sorted(path for path in packages.iterdir() if path.is_dir()):
        for path in sorted(package.rglob("*.dart")):
            inside = path.relative_to(package)
            if inside.parts[0] == "lib":
                universe.add(path, f"package:{package.name}/{inside.relative_to('lib')}")
            else:
                universe.add(path, f"file:{package.name}/{inside}")
    return universe

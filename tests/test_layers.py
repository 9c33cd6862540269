"""Who may import whom: the right-hand column of the rooms, held against every import statement of the package."""

from __future__ import annotations

import ast
import gc
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "lbpatterns"
OURS = "lbpatterns"

# Room (longest prefix wins) to what it may import besides itself and the standard library.
ALLOWED: dict[str, set[str]] = {
    "lbpatterns": {"lbpatterns.components"},
    "lbpatterns.core": set(),
    "lbpatterns.pem": {"lbpatterns.core", "cryptography"},
    "lbpatterns.pki": {"cryptography"},
    "lbpatterns.components": {"lbpatterns.core", "lbpatterns.pem", "pydantic", "pydantic_core", "pulumi"},
    "lbpatterns.targets": set(),
    "lbpatterns.targets.envoy": {"lbpatterns.core", "lbpatterns.pem", "envoy"},
    "lbpatterns.targets.envoy.resources": {"lbpatterns.core", "lbpatterns.targets.envoy", "pulumi"},
    "lbpatterns.targets.envoy.target": {"lbpatterns.core", "lbpatterns.targets.envoy", "pulumi"},
    "lbpatterns.targets.envoy.plugin": {
        "lbpatterns.core",
        "lbpatterns.targets.envoy",
        "pulumi",
        "grpc",
        "google.protobuf",
    },
    "lbpatterns.targets.scaleway": {"lbpatterns.core"},
    "lbpatterns.targets.scaleway.resources": {
        "lbpatterns.core",
        "lbpatterns.targets.scaleway",
        "pulumi",
        "pulumiverse_scaleway",
    },
    "lbpatterns.targets.scaleway.target": {"lbpatterns.core", "lbpatterns.targets.scaleway", "pulumi"},
    "lbpatterns.book": {"lbpatterns.core", "lbpatterns.targets.scaleway.constraints", "lbpatterns.policy.rules"},
    # Stacks put to the rules. The SDK of policy packs is in the pack alone: a check needs no policy engine.
    "lbpatterns.policy": {"lbpatterns.core", "lbpatterns.pem", "lbpatterns.targets.scaleway"},
    "lbpatterns.policy.pack": {"lbpatterns.core", "lbpatterns.policy", "pulumi_policy"},
    "lbpatterns.policy.proxies": {"lbpatterns.core", "lbpatterns.targets.scaleway.stack_words", "pulumi_policy"},
    "lbpatterns.policy.remediation": {"lbpatterns.policy", "pulumi_policy"},
    "lbpatterns.policy.session": {"lbpatterns.core", "lbpatterns.policy", "pulumi_policy"},
    "lbpatterns.policy.reports": {"lbpatterns.core", "lbpatterns.policy"},
    "lbpatterns.policy.reports.table": {"lbpatterns.policy", "rich"},
    "lbpatterns.testing": {"pulumi_policy", "google.protobuf", "pytest"},
    "lbpatterns.verify": {"lbpatterns.core", "cryptography", "rich", "typer"},
    # A double that shares code with what it is used to test proves nothing.
    "lbpatterns.doubles": {"cryptography", "pydantic", "pytest", "werkzeug"},
    "lbpatterns.cli": {
        "lbpatterns.book",
        "lbpatterns.demo",
        "lbpatterns.doubles",
        "lbpatterns.policy",
        "lbpatterns.verify",
        "pulumi",
        "envoy",
        "typer",
        "rich",
        "yaml",
    },
    "lbpatterns.demo": {
        "lbpatterns.core",
        "lbpatterns.pki",
        "lbpatterns.verify",
        "lbpatterns.cli",
        "cryptography",
        "rich",
        "yaml",
    },
}


def modules() -> Iterator[tuple[str, Path]]:
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = (OURS, *path.relative_to(PACKAGE).with_suffix("").parts)
        yield ".".join(part for part in parts if part != "__init__"), path


@pytest.fixture(autouse=True)
def no_garbage_collection() -> Iterator[None]:
    """Python 3.11 fails inside `ast.parse` when something that is collected there prints a traceback."""
    gc.disable()
    yield
    gc.enable()


def room_of(module: str) -> str:
    return max((room for room in ALLOWED if module == room or module.startswith(room + ".")), key=len)


def imports(path: Path, module: str) -> Iterator[str]:
    """Every imported module, also inside functions and behind TYPE_CHECKING."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module} imports relatively; rooms are named in full"
            yield node.module or ""


def may_import(module: str, imported: str) -> bool:
    if imported.split(".", maxsplit=1)[0] in sys.stdlib_module_names:
        return True
    room = room_of(module)
    inside = imported == room or imported.startswith(room + ".")
    own_package = room != OURS and inside
    return own_package or any(imported == one or imported.startswith(one + ".") for one in ALLOWED[room])


@pytest.mark.parametrize(("module", "path"), list(modules()), ids=lambda value: value if isinstance(value, str) else "")
def test_a_module_imports_only_what_its_room_may(module: str, path: Path) -> None:
    wrong = sorted({imported for imported in imports(path, module) if not may_import(module, imported)})
    assert not wrong, f"{module} (room {room_of(module)}) imports {', '.join(wrong)}"


@pytest.mark.parametrize(
    ("module", "imported"),
    [
        ("lbpatterns.core.spec", "pydantic"),
        ("lbpatterns.core.check", "lbpatterns.components.args"),
        ("lbpatterns.verify.observe", "pulumi"),
        ("lbpatterns.targets.envoy.render", "pulumi"),
        ("lbpatterns.targets.envoy.render", "lbpatterns.targets.scaleway"),
        ("lbpatterns.components.pattern", "lbpatterns.targets.envoy"),
        ("lbpatterns", "pulumi"),
    ],
)
def test_the_rule_can_fail(module: str, imported: str) -> None:
    assert not may_import(module, imported)


@pytest.mark.parametrize(
    ("module", "unwanted"),
    [
        ("lbpatterns", {"pulumi", "pydantic", "cryptography", "pulumiverse_scaleway"}),
        ("lbpatterns.core.check", {"pulumi", "pydantic", "cryptography"}),
        ("lbpatterns.verify.observe", {"pulumi", "pydantic"}),
        ("lbpatterns.verify.table", {"pulumi", "pydantic", "typer"}),
        ("lbpatterns.cli.verify", {"pulumi", "pydantic", "pulumiverse_scaleway", "rich"}),
        ("lbpatterns.components.pattern", {"cryptography", "pulumiverse_scaleway", "rich", "typer"}),
        ("lbpatterns.targets.envoy.target", {"pulumi", "cryptography", "pydantic"}),
        ("lbpatterns.policy", {"pulumi", "pulumi_policy", "pulumiverse_scaleway", "cryptography", "pydantic", "rich"}),
        ("lbpatterns.cli.policy", {"pulumi", "pulumi_policy", "pulumiverse_scaleway", "cryptography", "pydantic"}),
        ("lbpatterns.policy.judge", {"pulumi", "pulumi_policy", "pulumiverse_scaleway", "cryptography", "pydantic"}),
        ("lbpatterns.policy.sources", {"pulumi", "pulumi_policy", "pulumiverse_scaleway", "cryptography", "pydantic"}),
        ("lbpatterns.policy.book", {"pulumi", "pulumi_policy", "pulumiverse_scaleway", "pydantic", "rich", "typer"}),
        ("lbpatterns.policy.pack", {"pulumiverse_scaleway", "pydantic", "rich", "typer"}),
        ("lbpatterns.book.markdown", {"pulumi", "pulumiverse_scaleway", "cryptography", "pydantic", "rich", "typer"}),
    ],
)
def test_a_room_loads_only_what_it_needs(module: str, unwanted: set[str]) -> None:
    program = f"import sys, {module}; print(*sys.modules)"
    printed = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    loaded = {name.split(".")[0] for name in printed.split()}
    assert OURS in loaded
    assert not loaded & unwanted

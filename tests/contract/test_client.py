"""The client has a method for every operation, is what `make docs` would write, and knows nothing else of Kith."""

import ast
import sys
from pathlib import Path

from gateway.api.app import described
from kith import clienting, documenting
from kith.client import Client

ROOT = Path(__file__).parents[2]
OWN = {"httpx", "tenacity", "kith"}


def test_there_is_a_method_for_every_operation() -> None:
    operations = [told for methods in described()["paths"].values() for told in methods.values()]
    methods = {line.split("(")[0].removeprefix("    def ") for line in clienting.operations(described()).splitlines()
               if line.startswith("    def ")}  # fmt: skip
    assert len(methods) == len(operations) > 40
    assert all(callable(getattr(Client, method)) for method in methods)


def test_control_a_client_written_of_another_document_is_found(tmp_path: Path) -> None:
    docs = tmp_path / "docs"
    documenting.write(docs, check=False)
    assert documenting.write(docs, check=True) == 0
    written = tmp_path / "kith" / "client" / "operations.py"
    written.write_text(written.read_text().replace("/v1/me", "/v1/you"))
    assert documenting.write(docs, check=True) == 1


def test_two_operations_with_one_name_are_refused() -> None:
    document = described()
    document["paths"]["/v1/again"] = {"get": document["paths"]["/v1/me"]["get"]}
    try:
        clienting.operations(document)
    except ValueError as error:
        assert "session_me" in str(error)
    else:
        raise AssertionError("nobody noticed")


def imported(source: str) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add(str(node.module).split(".")[0])
    return found - set(sys.stdlib_module_names)


def test_the_client_can_be_carried_away() -> None:
    for path in (ROOT / "kith" / "client").glob("*.py"):
        assert imported(path.read_text()) <= OWN, path
    assert imported("from contracts.actor import Role") == {"contracts"}

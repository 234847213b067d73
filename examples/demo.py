"""What `make demo` shows: both samples checked, their repairs as a diff, and the server asked as an editor asks it."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from lsprotocol import types as lsp
from pygls.lsp.client import LanguageClient

EXAMPLES = Path(__file__).parent
BOOTCAMP = EXAMPLES / "hello_bootcamp"
OFFLINE = {"settings": {"offline": True}}
ABILITIES = lsp.ClientCapabilities(
    workspace=lsp.WorkspaceClientCapabilities(
        workspace_edit=lsp.WorkspaceEditClientCapabilities(
            document_changes=True, resource_operations=[lsp.ResourceOperationKind.Create]
        )
    ),
    text_document=lsp.TextDocumentClientCapabilities(
        code_action=lsp.CodeActionClientCapabilities(
            is_preferred_support=True,
            code_action_literal_support=lsp.ClientCodeActionLiteralOptions(
                lsp.ClientCodeActionKindOptions([lsp.CodeActionKind.QuickFix])
            ),
        )
    ),
)


def main() -> None:
    run("check", "--offline", "examples")
    run("fix", "--offline", "--diff", "examples")
    asyncio.run(ask_the_server())


def run(*arguments: str) -> None:
    """Run the command envls in the folder above, and show what it prints."""
    title("envls " + " ".join(arguments))
    command = [sys.executable, "-m", "envls", *arguments]
    done = subprocess.run(command, cwd=EXAMPLES.parent, check=False)
    if done.returncode not in (0, 1):  # 1: the samples are meant to have errors
        sys.exit(done.returncode)


def title(text: str) -> None:
    print(f"\n\x1b[1m$ {text}\x1b[0m\n" if sys.stdout.isatty() else f"\n$ {text}\n", flush=True)


async def ask_the_server() -> None:
    title("envls server, asked over standard input and output")
    client = LanguageClient("demo", "1")
    heard: asyncio.Queue[lsp.PublishDiagnosticsParams] = asyncio.Queue()

    @client.feature(lsp.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)
    def _publish_diagnostics(params: lsp.PublishDiagnosticsParams) -> None:
        heard.put_nowait(params)

    with tempfile.TemporaryDirectory() as home:
        environment = {**os.environ, "HOME": home, "XDG_CACHE_HOME": home}
        await client.start_io(sys.executable, "-m", "envls", "server", env=environment)
        await client.initialize_async(
            lsp.InitializeParams(
                capabilities=ABILITIES,
                initialization_options=OFFLINE,
                workspace_folders=[lsp.WorkspaceFolder(BOOTCAMP.as_uri(), "hello_bootcamp")],
            )
        )
        client.initialized(lsp.InitializedParams())
        await show_hover(client)
        await show_completion(client)
        await show_quick_fixes(client, heard)
        await client.shutdown_async(None)
        client.exit(None)
        await client.stop()


def open_document(client: LanguageClient, name: str, text: str | None = None) -> tuple[str, str]:
    path = BOOTCAMP / name
    text = path.read_text("utf-8") if text is None else text
    client.text_document_did_open(lsp.DidOpenTextDocumentParams(lsp.TextDocumentItem(path.as_uri(), "yaml", 1, text)))
    return path.as_uri(), text


def place(text: str, before: str) -> lsp.Position:
    """Where the cursor stands behind the first mention of `before`."""
    head = text[: text.index(before) + len(before)]
    return lsp.Position(head.count("\n"), len(head) - head.rfind("\n") - 1)


async def show_hover(client: LanguageClient) -> None:
    name = "aml_config/hello_env.runconfig"
    uri, text = open_document(client, name)
    print(f"--- the pointer rests on `Target` in {name}\n")
    where = place(text, "Target")
    card = await client.text_document_hover_async(lsp.HoverParams(lsp.TextDocumentIdentifier(uri), where))
    assert card is not None
    assert isinstance(card.contents, lsp.MarkupContent)
    print(indented(card.contents.value))


async def show_completion(client: LanguageClient) -> None:
    name = "aml_config/local.runconfig"
    broken = (BOOTCAMP / name).read_text("utf-8").replace('Framework: "Python"', "Framework: ")
    uri, text = open_document(client, name, broken)
    print(f"\n--- completion behind `Framework: ` in {name}\n")
    where = place(text, "Framework: ")
    answer = await client.text_document_completion_async(lsp.CompletionParams(lsp.TextDocumentIdentifier(uri), where))
    items = answer.items if isinstance(answer, lsp.CompletionList) else answer or []
    for item in items[:8]:
        print(f"    {item.label}   {item.detail or ''}".rstrip())


async def show_quick_fixes(client: LanguageClient, heard: asyncio.Queue[lsp.PublishDiagnosticsParams]) -> None:
    name = "aml_config/docker.runconfig"
    uri, _ = open_document(client, name)
    found: list[lsp.Diagnostic] = []
    while not any(one.code == "AML401" for one in found):
        params = await asyncio.wait_for(heard.get(), 20)
        found = list(params.diagnostics) if params.uri == uri else found
    one = next(one for one in found if one.code == "AML401")
    print(f"\n--- the light bulb at `{one.message}` in {name}\n")
    context = lsp.CodeActionContext([one], only=[lsp.CodeActionKind.QuickFix])
    answer: Any = await client.text_document_code_action_async(
        lsp.CodeActionParams(lsp.TextDocumentIdentifier(uri), one.range, context)
    )
    for action in answer or ():
        print("    " + action.title + ("   (preferred)" if getattr(action, "is_preferred", False) else ""))


def indented(text: str) -> str:
    return "\n".join("    " + line for line in text.splitlines())


if __name__ == "__main__":
    main()

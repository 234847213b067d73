"""What `make demo` shows: both samples checked and repaired, and the server asked as an editor asks it.

The bootcamp sample tells its story step by step: what goes wrong for a learner, and the action that mends it.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from lsprotocol import types as lsp
from pygls.lsp.client import LanguageClient
from story import Editor, tell

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
        publish_diagnostics=lsp.PublishDiagnosticsClientCapabilities(version_support=True, related_information=True),
        code_action=lsp.CodeActionClientCapabilities(
            is_preferred_support=True,
            data_support=True,
            resolve_support=lsp.ClientCodeActionResolveOptions(["edit"]),
            code_action_literal_support=lsp.ClientCodeActionLiteralOptions(
                lsp.ClientCodeActionKindOptions([lsp.CodeActionKind.QuickFix])
            ),
        ),
    ),
)


def main() -> None:
    run("check", "--offline", "examples")
    run("fix", "--offline", "--diff", "examples/modern")
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
    with tempfile.TemporaryDirectory() as home:
        project = shutil.copytree(BOOTCAMP, Path(home, BOOTCAMP.name))
        environment = {**os.environ, "HOME": home, "XDG_CACHE_HOME": home}
        await client.start_io(sys.executable, "-m", "envls", "server", env=environment)
        editor = Editor(client)
        await client.initialize_async(
            lsp.InitializeParams(
                capabilities=ABILITIES,
                initialization_options=OFFLINE,
                workspace_folders=[lsp.WorkspaceFolder(project.as_uri(), project.name)],
            )
        )
        client.initialized(lsp.InitializedParams())
        await tell(editor, project)
        await show_hover(editor, project)
        await show_completion(editor, project)
        await client.shutdown_async(None)
        client.exit(None)
        await client.stop()
        run("check", "--offline", str(project))


def place(text: str, before: str) -> lsp.Position:
    """Where the cursor stands behind the first mention of `before`."""
    head = text[: text.index(before) + len(before)]
    return lsp.Position(head.count("\n"), len(head) - head.rfind("\n") - 1)


async def show_hover(editor: Editor, project: Path) -> None:
    name = "aml_config/hello_env.runconfig"
    uri = editor.open(project / name)
    print(f"--- the pointer rests on `Target` in {name}\n")
    where = place(editor.texts[uri], "Target")
    asked = lsp.HoverParams(lsp.TextDocumentIdentifier(uri), where)
    card = await editor.client.text_document_hover_async(asked)
    assert card is not None
    assert isinstance(card.contents, lsp.MarkupContent)
    print(indented(card.contents.value))


async def show_completion(editor: Editor, project: Path) -> None:
    name = "aml_config/local.runconfig"
    path = project / name
    path.write_text(path.read_text("utf-8").replace('Framework: "Python"', "Framework: "), "utf-8")
    uri = editor.open(path)
    print(f"\n--- completion behind `Framework: ` in {name}\n")
    where = place(editor.texts[uri], "Framework: ")
    asked = lsp.CompletionParams(lsp.TextDocumentIdentifier(uri), where)
    answer = await editor.client.text_document_completion_async(asked)
    items = answer.items if isinstance(answer, lsp.CompletionList) else answer or []
    for item in items[:8]:
        print(f"    {item.label}   {item.detail or ''}".rstrip())


def indented(text: str) -> str:
    return "\n".join("    " + line for line in text.splitlines())


if __name__ == "__main__":
    main()

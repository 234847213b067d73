"""The data of a run of SDK v1 as inputs and outputs of a job.

In SDK v1 a run hears of its data by a word in its arguments (`$AZUREML_DATAREFERENCE_x`, `DatasetConsumptionConfig:x`), by
a variable, or by asking the SDK; a job puts `${{inputs.x}}` into its command. A dataset of SDK v1 is read by CLI v2 as an
`mltable` whose mode begins with `eval_`, or directly.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import quote

from envls.assist.migration.commands import as_name, is_name
from envls.assist.migration.draft import Draft
from envls.assist.migration.values import says_something
from envls.formats.azureml.v1 import RunConfiguration, Section, camel, is_true
from envls.syntax import Mapping, resolve_alias

_READ = {"mount": "ro_mount", "download": "download", "direct": "direct"}
_EVALUATED = {"mount": "eval_mount", "download": "eval_download", "direct": "direct"}
_WRITTEN = {"mount": "rw_mount", "upload": "upload"}


@dataclass
class Data:
    """How the command of a job reaches its data: the expression for each word in the arguments, and for each variable.

    `unheard` are the inputs that nothing but the SDK told the script of.
    """

    words: dict[str, str] = field(default_factory=dict)
    variables: dict[str, str] = field(default_factory=dict)
    unheard: dict[str, str] = field(default_factory=dict)

    def filled_in(self, argument: str) -> str:
        """An argument with the expressions for the words in it; a longer name comes before the one it begins with."""
        for word in sorted(self.words, key=len, reverse=True):
            name = re.escape(word.removeprefix("$"))
            pattern = rf"\$(?:\{{{name}\}}|{name}\b)" if word.startswith("$") else rf"{name}\b"
            # the expression is no pattern, and may not be read as one
            argument = self.words[word].join(re.split(pattern, argument))
        return argument


def set_data(run: RunConfiguration, job: Draft, *, spark: bool) -> Data:
    """Gives a job the inputs and outputs of a run; those of a Spark job are read and written directly."""
    data = Data()
    for name, reference in _named(run, "dataReferences"):
        _reference(name, reference, job, data, spark=spark)
    for name, described in _named(run, "data"):
        _input(name, described, job, data)
    for name, described in _named(run, "outputData"):
        _output(name, described, job, data)
    if spark:
        for key in ("inputs", "outputs"):
            for one in _parts(job, key):
                one.set("mode", "direct")
    return data


def _named(run: RunConfiguration, key: str) -> Iterator[tuple[str, Section]]:
    node = run.node(key)
    for entry in node.entries if isinstance(node, Mapping) else ():
        value = resolve_alias(entry.value)
        if isinstance(value, Mapping):
            yield entry.key.value, Section(value, camel)


def _parts(job: Draft, key: str) -> Iterator[Draft]:
    if key in job:
        yield from job.part(key).parts()


def _begin(job: Draft, kind: str, written: str) -> tuple[str, Draft]:
    """An input or output (`kind`) under a name that a job takes."""
    named = job.part(kind)
    name = as_name(written)
    while name in named:
        name += "_"
    part = named.part(name, "type", "path", "mode", "name")
    if name != written:
        named.note(name, f"`{written}` in the run configuration.")
    return f"${{{{{kind}.{name}}}}}", part


def _reference(name: str, reference: Section, job: Draft, data: Data, *, spark: bool) -> None:
    mode = reference.text("mode").lower() or "mount"
    upload = mode == "upload"
    expression, part = _begin(job, "outputs" if upload else "inputs", name)
    part.set("type", "uri_folder")
    part.set("path", _on_datastore(reference.text("dataStoreName"), reference.text("pathOnDataStore")))
    part.set("mode", "upload" if upload else _READ.get(mode, "ro_mount"))
    if mode == "mount" and not spark:
        part.note("mode", "It is mounted to be read; what the script writes there needs an output.")
    _note_place(reference, part)
    word = f"AZUREML_DATAREFERENCE_{name}"
    data.words[f"${word}"] = expression
    data.variables[word] = expression


def _input(name: str, described: Section, job: Draft, data: Data) -> None:
    expression, part = _begin(job, "inputs", name)
    mechanism = described.text("mechanism").lower() or "direct"
    _set_location(name, described, part, mechanism)
    _note_place(described, part)
    if says_something(described.node("options")):
        part.note("mode", "`options` of mounting: a job has none.")
    data.words[f"DatasetConsumptionConfig:{name}"] = expression
    variable = described.text("environmentVariableName")
    if variable:
        data.words[f"${variable}"] = expression
        data.variables[variable] = expression
    else:
        data.unheard[name] = expression


def _output(name: str, described: Section, job: Draft, data: Data) -> None:
    expression, part = _begin(job, "outputs", name)
    mechanism = described.text("mechanism").lower() or "mount"
    part.set("type", "uri_folder")
    if described.node("outputLocation", "dataPath"):
        place = ("outputLocation", "dataPath")
        part.set("path", _on_datastore(described.text(*place, "datastoreName"), described.text(*place, "relativePath")))
    elif address := described.text("outputLocation", "uri", "path"):
        part.set("path", address)
    elif says_something(described.node("outputLocation", "dataset")):
        part.note("path", "The output was a dataset: name a folder of a datastore, or what it shall be registered as.")
    part.set("mode", _WRITTEN.get(mechanism, "rw_mount"))
    registered = described.text("additionalOptions", "registrationOptions", "name")
    if registered:
        part.set("name", registered)
    for option in ("uploadOptions", "mountOptions", "pathOnCompute"):
        if says_something(described.node("additionalOptions", option)):
            part.note("mode", f"`{option}`: an output of a job has none.")
    data.words[f"DatasetOutputConfig:{name}"] = expression


def _set_location(name: str, described: Section, part: Draft, mechanism: str) -> None:
    """Where an input is: a place on a datastore, an address, or a registered dataset."""
    where = "dataLocation"
    if described.node(where, "dataPath"):
        store, path = (described.text(where, "dataPath", key) for key in ("datastoreName", "relativePath"))
        part.set("type", "uri_folder")
        part.set("path", _on_datastore(store, path))
        if "*" in path:
            part.note("path", "A job takes a whole folder: the script has to choose the files, or an `mltable` has to.")
    elif described.node(where, "uri"):
        part.set("type", "uri_file" if is_true(described.node(where, "uri", "isFile")) else "uri_folder")
        part.set("path", described.text(where, "uri", "path"))
    else:
        _set_dataset(name, described, part)
        part.set("mode", _EVALUATED.get(mechanism, "eval_mount"))
        return
    part.set("mode", _READ.get(mechanism, "ro_mount"))


def _set_dataset(name: str, described: Section, part: Draft) -> None:
    registered, version, identity = (
        described.text("dataLocation", "dataset", key) for key in ("name", "version", "id")
    )
    label = f":{version}" if version and version.lower() != "latest" else "@latest"
    part.set("type", "mltable")
    part.set("path", f"azureml:{registered or as_name(name)}{label}")
    if not registered:
        which = f"ID {identity}" if identity else "which is not told"
        part.note("path", f"A job names its data, not their ID: put the name of the dataset here ({which}).")


def _on_datastore(store: str, path: str) -> str:
    return f"azureml://datastores/{store or 'workspaceblobstore'}/paths/{quote(path.strip('/'), safe='/*._-~ ')}"


def _note_place(described: Section, part: Draft) -> None:
    """Where data shall appear on the compute. A job has a key for it, but azure-ai-ml 1.35 looks for the path on this machine."""
    if place := described.text("pathOnCompute"):
        part.note("mode", f"`pathOnCompute: {place}`: a job chooses the place; the command gets it.")
    if is_true(described.node("createOutputDirectories")):
        part.note("mode", "`createOutputDirectories`: make an output, where the script writes there.")


def usable(data: Data, job: Draft) -> dict[str, str]:
    """The variables that a shell can set; the others are told of."""
    for name, expression in data.variables.items():
        if not is_name(name):
            job.note("command", f"The script found `{expression}` in a variable `{name}`, which no shell can set.")
    return {name: expression for name, expression in data.variables.items() if is_name(name)}

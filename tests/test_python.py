"""What programs import, by their text alone; `ast` is the judge of real ones."""

from __future__ import annotations

import ast
import json
import sysconfig
import warnings
from itertools import islice
from pathlib import Path, PurePath

import pytest

from envls.formats import python
from envls.formats.python import Program
from envls.formats.python.program import LARGEST

SCRIPT = PurePath("train.py")
NOTEBOOK = PurePath("explore.ipynb")


def told(text: str) -> list[str]:
    """The modules that a script imports, with what is said of each."""
    found = []
    for one in python.read(SCRIPT, text).imports:
        marks = [name for name in ("guarded", "typing", "lazy", "conditional") if getattr(one, name)]
        found.append(" ".join(("." * one.level + one.name, *marks)))
    return found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("import numpy as np, os.path\n", ["numpy", "os.path"]),
        ("from a.b import (\n    c,  # why\n    d as e,\n)\nfrom . import f\nfrom ..g import *", ["a.b", ".", "..g"]),
        ("import a, \\\n    b; import c\r\nfrom d \\\n import e\r", ["a", "b", "c", "d"]),
        ("\ufeffimport a\n\fimport b\n", ["a", "b"]),
        ('"""\nimport a\n"""\nx = "import b; import c"\n# import d\nprint \'import\', e\n', []),
        ("print 'two'\nexec 'x'\nimport ConfigParser\nraise E, 'x'\n", ["ConfigParser"]),
        ("def f():\n    yield (x\n        from y)\nraise A from b\nimport a b\nimport\nfrom x import\n", []),
        ("try:\n    import a\nexcept ImportError:\n    import b\nelse:\n    import c\nimport d\n",
         ["a guarded", "b guarded", "c guarded", "d"]),
        ("try:\n    import a\nexcept (ValueError, KeyError):\n    import b\nfinally:\n    import c\n", ["a", "b", "c"]),
        ("try:\n try:\n  import a\n except KeyError:\n  pass\nexcept ImportError:\n try:\n  import b\n finally:\n  c()\nexcept E:\n import d\n",
         ["a guarded", "b guarded", "d guarded"]),
        ("try: import a\nexcept: a = None\nwith suppress(ImportError):\n  import b\n", ["a guarded", "b guarded"]),
        ("if TYPE_CHECKING:\n    import a\nif __name__ == '__main__':\n    import b\nelif x:\n\timport c\nelse: import d\n",
         ["a typing", "b", "c conditional", "d conditional"]),
        ("async def f(\n    x,\n):\n    if x:\n        import a\n    import b\nclass C:\n    import c\n",
         ["a lazy conditional", "b lazy", "c"]),
        ("match x:\n    case 1:\n        import a\nfor i in y:\n    import b\n", ["a conditional", "b"]),
        ('f"{x["import a"]}" + f"{\'"\'}"\nimport b\n', ["b"]),
        ("import a\0\n", []),
    ],
)  # fmt: skip
def test_what_a_script_imports(text: str, expected: list[str]) -> None:
    assert told(text) == expected


def test_each_import_has_its_place() -> None:
    text = "import numpy as np, os . path\nfrom .near import (a,\n  b as c)\n"
    imports = python.read(SCRIPT, text).imports
    assert [text[slice(*one.span)] for one in imports] == ["numpy", "os . path", ".near"]
    assert imports[2].names == ("a", "b")
    assert imports[1].name == "os.path"


@pytest.mark.parametrize(
    "text",
    [
        "(" * 100_000 + "\nimport a\n",
        "".join(" " * i + "if x:\n" for i in range(500)) + " " * 500 + "import a\n",
        "'''" * 3333 + "import a" + "\\" * 1001,
        "from a import (" + " " * 50_000 + "\n" * 50_000 + "b",
        "from " + "." * 50_000 + " " * 50_000 + "x",
        "import a" + " , a" * 50_000 + " !",
        "class A:\n" + "  def f(self): x\n" * 50_000 + "  import a\n" * 3_000,
        "x = 1\n" * (LARGEST // 6 + 1),
        "from." * (LARGEST // 5),
        "'install" + " pip" * 100_000 + "'",
    ],
)
def test_nothing_hostile_takes_long_or_breaks(text: str) -> None:
    assert isinstance(python.read(SCRIPT, text), Program)
    assert isinstance(python.read(NOTEBOOK, text), Program)
    assert python.read(NOTEBOOK, "[" * 200_000) == Program()


@pytest.mark.parametrize("cell", ["%%writefile " + "a" * 800_000, "!" + "pip " * 100_000])
def test_no_magic_takes_long(cell: str) -> None:
    assert python.read(NOTEBOOK, notebook(cell)) == Program()


def notebook(*cells: str, **metadata: object) -> str:
    made = [{"cell_type": "code", "source": cell.splitlines(keepends=True), "outputs": []} for cell in cells]
    return json.dumps({"cells": made, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}, indent=1)


def test_what_a_notebook_imports_installs_and_writes() -> None:
    text = notebook(
        "!pip install -q 'lightgbm>=3' seaborn==0.13 --index-url x\n%matplotlib inline\nimport numpy as np\nnp.array?\n",
        '%%time\nimport pandas as pd\nfiles = !ls \'it\nx = "ü"; import cv2\n',
        "%%bash\nimport nothing\npip install plotly\n",
        'x = """Why not?\nimport this\n"""\ny = ("%s"\n  % x)\nimport json\n',
        "%%writefile helper.py\nimport other\n",
    )
    program = python.read(NOTEBOOK, text)
    assert [one.name for one in program.imports] == ["numpy", "pandas", "cv2", "json"]
    assert text[slice(*program.imports[0].span)] == "import numpy as np"
    assert text[slice(*program.imports[2].span)].endswith("import cv2")
    assert sorted(program.installs) == ["lightgbm", "plotly", "seaborn"]
    assert not program.installs_more
    assert program.writes == {"helper"}
    assert python.read(NOTEBOOK, notebook("%pip install -r requirements.txt\n")).installs_more


def test_notebooks_of_another_time_or_language() -> None:
    old = {"worksheets": [{"cells": [{"cell_type": "code", "language": "python", "input": "import numpy"}]}]}
    assert [one.name for one in python.read(NOTEBOOK, json.dumps(old)).imports] == ["numpy"]
    assert python.read(NOTEBOOK, notebook("import java.util", language_info={"name": "scala"})) == Program()
    assert python.read(NOTEBOOK, '{"cells": [1, {"cell_type": "code"}], "metadata": 1}') == Program()


@pytest.mark.parametrize(
    ("text", "installs"),
    [
        ('os.system("pip install lightgbm")\nimport a\n', True),
        ('check_call([sys.executable, "-m", "pip", "install", name])\nimport a\n', True),
        ('# pip install lightgbm\nprint("installed")\nimport a\n', False),
    ],
)
def test_a_script_that_installs_packages(text: str, installs: bool) -> None:
    assert python.read(SCRIPT, text).installs_more is installs


def test_real_programs_are_read_as_python_reads_them() -> None:
    library = Path(sysconfig.get_path("stdlib"))
    for path in (*islice(sorted(library.glob("*.py")), 0, None, 8), *sorted(library.glob("importlib/*.py"))):
        text = path.read_text("utf-8", "replace")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text)
        judged = []
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                judged += [(0, one.name) for one in node.names]
            elif isinstance(node, ast.ImportFrom):
                judged.append((node.level, node.module or ""))
        assert sorted((one.level, one.name) for one in python.read(path, text).imports) == sorted(judged), path

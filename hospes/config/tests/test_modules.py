from __future__ import annotations

from pathlib import Path

import pytest

from hospes.config.modules import joined

OURS = Path(__file__).parents[2] / "workspace" / "static" / "workspace" / "js"


def write(folder: Path, **sources: str) -> Path:
    for name, source in sources.items():
        (folder / f"{name}.js").write_text(source)
    return folder


def test_modules_are_joined_in_the_order_they_need_one_another(tmp_path: Path) -> None:
    folder = write(
        tmp_path,
        last='// Begins.\nimport { one as first, two } from "./tools.js";\n\n  first(two);\n',
        tools="/** Says. */\nexport const one = alert;\nexport async function two() {\n  return 2;\n}\n",
    )

    assert joined(folder, "last") == (
        "const module_tools=(()=>{const one = alert;\nasync function two() {\nreturn 2;\n}\n"
        "return { one, two };})();\n"
        "const module_last=(()=>{const { one: first, two } = module_tools;\nfirst(two);\n"
        "return {  };})();\n"
    )


@pytest.mark.parametrize(
    "source", ['import x from "./tools.js";', "export default 1;", "export let count = 0;"]
)
def test_what_cannot_be_joined_is_refused_with_its_line(source: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"^last\.js: cannot be joined"):
        joined(write(tmp_path, last=source, tools=""), "last")


def test_two_modules_that_need_each_other_are_refused(tmp_path: Path) -> None:
    folder = write(
        tmp_path, one='import { b } from "./two.js";', two='import { a } from "./one.js";'
    )
    with pytest.raises(ValueError, match="need each other"):
        joined(folder, "one")


def test_every_module_of_the_workspace_is_in_the_one_file() -> None:
    script = joined(OURS, "workspace")

    for path in OURS.glob("*.js"):
        if path.name != "setup.js":  # of the first run, by itself
            assert f"const module_{path.stem}=" in script

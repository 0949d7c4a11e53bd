"""The html report in Chromium: no finding of axe-core and nothing wider than the screen, on a desk and on a phone, in each language."""

import html
import json
import re
import shutil
import subprocess
from importlib.resources import files

import axe_playwright_python
import pytest
from conftest import REPORT

from analysis.codebook import LANGUAGES

AXE = files(axe_playwright_python).joinpath("axe.min.js").read_text(encoding="utf-8")
DESK, PHONE = 1280, 360  # CSS pixels
# The page stands in a frame of the width of the screen and tells the page around it what axe-core found; no other way goes into a file.
TELL = """<script>addEventListener("load", () => axe.run().then(found => parent.postMessage(JSON.stringify({
    found: found.violations.map(one => [one.id, one.nodes.length, one.nodes[0].html.slice(0, 300)]),
    passed: found.passes.length, wide: document.documentElement.scrollWidth}), "*")))</script>"""
AROUND = """<!DOCTYPE html><title>x</title><body><iframe src="page.html" style="width: {width}px; height: 800px; border: 0"></iframe>
<script>onmessage = told => document.body.textContent = told.data</script>"""


def seen(page: str, width: int, folder) -> dict:
    """What axe-core finds in a page on a screen of this width, how many of its rules were kept, and how wide the page becomes."""
    free = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", page)  # which lets no script run, not even this
    folder.mkdir()
    (folder / "page.html").write_text(free.replace("</body>", f"<script>{AXE}</script>{TELL}</body>"), encoding="utf-8")
    (folder / "around.html").write_text(AROUND.format(width=width), encoding="utf-8")
    command = [shutil.which("chromium"), "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--window-size=1600,900",
               "--virtual-time-budget=100000", f"--user-data-dir={folder / 'profile'}", "--dump-dom", (folder / "around.html").as_uri()]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=240)
    return json.loads(html.unescape(re.search(r"<body>(.*)</body>", done.stdout, re.DOTALL)[1]))


@pytest.mark.parametrize("lang, width", [("en", DESK), *((lang, PHONE) for lang in LANGUAGES)])
def test_axe_finds_nothing_in_the_report_and_no_screen_is_too_narrow_for_it(project, tmp_path, lang, width):
    page = (project / "figures" / REPORT / f"report.{lang}.html").read_text(encoding="utf-8")
    told = seen(page, width, tmp_path / "page")
    assert told["found"] == [] and told["passed"] > 25
    assert told["wide"] <= width


# One fault of each kind that a change of the template or the style would bring back, and the rule that tells it.
FAULTS = {
    "html-has-lang": lambda page: page.replace(' lang="en" xml:lang="en"', ""),
    "landmark-one-main": lambda page: page.replace("<main>", "").replace("</main>", ""),
    "image-alt": lambda page: re.sub(r'<img role="img" aria-label="[^"]*"([^>]*) alt="[^"]*"', r"<img\1", page, count=1),
    "color-contrast": lambda page: page.replace("--soft: #5f6f78", "--soft: #9fafb8"),
    "scrollable-region-focusable": lambda page: page.replace('<figure tabindex="0"', "<figure")}


def test_a_page_with_faults_is_told_each_of_them(project, tmp_path):
    page = (project / "figures" / REPORT / "report.en.html").read_text(encoding="utf-8")
    for rule, change in FAULTS.items():
        assert page != (page := change(page)), rule
    broad = page.replace("</body>", '<div style="width: 500px">x</div></body>')
    told = seen(broad, PHONE, tmp_path / "page")
    assert set(FAULTS) <= {name for name, *_ in told["found"]} and told["wide"] >= 500

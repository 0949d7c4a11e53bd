"""The template: numbers only by id, errors that help, sentences that survive other data."""

import pytest
from test_report import about, changed, kazakhstan, stand_ins  # noqa: F401 (fixtures)

from analysis import protect, report
from analysis.problems import UsageError
from analysis.wording import words

TEMPLATES = sorted(words.TEMPLATES.glob("report.*.md"))


@pytest.fixture
def render(kazakhstan, book, tmp_path):  # noqa: F811
    def of(text: str, safe=kazakhstan) -> str:
        file = tmp_path / "trial.md"
        file.write_text(text, encoding="utf-8")
        return report.written(safe, stand_ins(safe, tmp_path), book, "en", about("kazakhstan-2024"), file)[0].split("# Acronyms")[0].strip()
    return of


@pytest.mark.parametrize("file", TEMPLATES, ids=lambda file: file.name)
def test_no_template_has_a_number_of_its_own(file):
    assert report.literal_digits(file) == []


def test_a_number_of_the_templates_own_is_an_error_with_its_line(render):
    with pytest.raises(UsageError, match="trial.md, line 3: '31' is a number of the template's own"):
        render("One line.\n\nThere were 31 cases.\n")
    assert render('{{ n("02_cases.total") }} cases{# 31 #}') == "31 cases"


def test_an_unknown_id_is_an_error_that_offers_the_right_one(render):
    with pytest.raises(UsageError, match="line 3: There is no result '02_violations.fake_dat'. Did you mean 02_violations.fake_date"):
        render('First.\n\n{{ of("02_violations.fake_dat") }}\n')


def test_an_unknown_table_is_an_error_that_offers_the_right_one(render):
    with pytest.raises(UsageError, match="line 1: There is no table '02_violation'. Did you mean 02_violations"):
        render('{{ cite("02_violation") }}')


def test_an_unknown_word_and_bad_syntax_name_their_line(render):
    with pytest.raises(UsageError, match="trial.md, line 2: 'nn' is undefined"):
        render('Fine.\n{{ nn("02_cases.total") }}')
    with pytest.raises(UsageError, match="trial.md, line 2"):
        render("Fine.\n{% if %}")


# Worked out by hand: 9 of 31 is 29.03 %; 64 of 89 is 71.91 %. The intervals: statsmodels proportion_confint(..., method="wilson").
@pytest.mark.parametrize("text, said", [
    ('{{ n("02_violations.fake_date") }}', "9"),
    ('{{ of("02_violations.fake_date") }}', "9 of 31"),
    ('{{ percent("04_bias_motivations.anti_lgbti", digits=1) }}', r"71\.9\%"),
    ('{{ interval("02_violations.fake_date") }}', r"16 to 47\%"),
    ('{{ sentence("02_violations.fake_date") }}', r"9 of 31 documented cases \(29\%\; 95\% interval 16 to 47\%\)"),
    ('{{ sentence("02_violations.killing") }}', r"0 of 31 documented cases \(0\%\; 95\% interval 0 to 11\%\)"),
    ('{{ counted("03_published.2023") }}', "83 documented cases"),
    ('{{ value("03_published_change.break_even") }}', r"2\.68 \(95\% interval 1\.75 to 4\.19\)"),
    ('{{ plural(1, one="case", other="cases") }} {{ plural(0, one="case", other="cases") }}', "case cases"),
    ('{{ has("02_violations") }} {{ has("02_killers") }} {{ has("04_official.2012.prosecuted") }}', "True False False"),
    ('{{ apart(row("02_violations.fake_date"), row("02_violations.hate_speech")) }}', "False"),
    ('{{ apart(row("04_bias_motivations.anti_lgbti"), row("04_bias_motivations.gender_based")) }}', "True"),
])
def test_what_helpers_say(render, text, said):
    assert render(text) == said


def test_one_documented_case_is_singular(render, kazakhstan):  # noqa: F811
    one = changed(changed(kazakhstan, "02_cases.total", n=1.0, base=1.0), "02_violations.fake_date", n=1.0, base=1.0)
    assert render('{{ counted("02_cases.total") }}, {{ of("02_violations.fake_date") }}', one) == "1 documented case, 1 of 1"


@pytest.mark.parametrize("chapters", ["02", "03", "04", "05"])
def test_the_whole_template_survives_a_missing_chapter(render, kazakhstan, chapters):  # noqa: F811
    template = (words.TEMPLATES / "report.en.md").read_text(encoding="utf-8")
    table = kazakhstan.results
    text = render(template, protect.publication(table[~table.table.str.startswith(chapters)]))
    assert "# Methodology" in text and chapters + r"\_" not in text


def test_the_whole_template_survives_other_data(render, kazakhstan):  # noqa: F811
    """Nothing known at all, and one case of each: sentences change, none fails."""
    template = (words.TEMPLATES / "report.en.md").read_text(encoding="utf-8")
    table = kazakhstan.results
    nothing = table.assign(n=table.n.where(~table.table.str.startswith("02_") | table.codes.str.contains("not_stated|unknown"), 0.0))
    text = render(template, protect.publication(nothing))
    assert "No known value was recorded." in text and "No record names what followed." in text
    ones = table.assign(n=table.n.where(~table.table.str.startswith("02_"), 1.0))
    assert "is shared by" in render(template, protect.publication(ones))

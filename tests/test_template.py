"""The template: numbers only by id, errors that help, sentences that survive other data."""

import numpy as np
import pandas as pd
import pytest
from test_report import about, changed, kazakhstan, stand_ins  # noqa: F401 (fixtures)

from analysis import protect, report, stats
from analysis.problems import UsageError
from analysis.statistics import ranks
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
    ('{{ leaders("02_violations") | length }} {{ leader("02_violations") }}', "0 None"),
    ('{{ leaders("04_bias_motivations") | length }} {{ label(leader("04_bias_motivations")) }}', r"1 anti\-LGBTI"),
])
def test_what_helpers_say(render, text, said):
    assert render(text) == said


def test_one_documented_case_is_singular(render, kazakhstan):  # noqa: F811
    one = changed(changed(kazakhstan, "02_cases.total", n=1.0, base=1.0), "02_violations.fake_date", n=1.0, base=1.0)
    assert render('{{ counted("02_cases.total") }}, {{ of("02_violations.fake_date") }}', one) == "1 documented case, 1 of 1"


def one_and_six(table, times=1):
    """The results as they are when of 31 cases 13 have one violation, and of six others 3 each; with `times`, of so many times as many."""
    codes = table.codes[table.table == "02_violations_ranks"][:7]
    n = pd.Series([13.0, *[3.0] * 6], codes.tolist()) * times
    pairs = pd.DataFrame([(one, other, n[one] * (one == other), 31.0 * times) for one in n.index for other in n.index],
                         columns=["violation", "violation_2", "n", "base"])
    ranked = ranks.ranks(pairs).set_index("code").loc[codes]
    bars = table[table.table == "02_violations"]
    counts = bars.codes.map(n).fillna(0.0)
    low, high = stats.wilson(counts.to_numpy(), 31.0 * times)
    table = table.drop(table.index[(table.table == "02_violations_ranks") & ~table.codes.isin(codes)])
    table.loc[bars.index, ["n", "base", "share", "low", "high"]] = np.column_stack(
        [counts, 31.0 * times + 0 * counts, counts / 31 / times, low, high])
    table.loc[codes.index, ["n", "base", "value", "low", "high"]] = ranked[["n", "base", "rank", "rank_low", "rank_high"]].to_numpy(float)
    return table


# 13/31 lies in 26 to 59 %, 3/31 in 3 to 25 % (Wilson): the intervals do not overlap. Of the 16 cases that differ, 13 or more of one kind
# come with (560 + 120 + 16 + 1) / 65536 = 0.0106; Holm asks of the first of 7 x 6 comparisons for 0.05 / 42 = 0.0012. Of twice as many
# cases, 26 or more of 32 come with 0.0003.
@pytest.mark.parametrize("times, said, tell", [
    (1, "13 against 3 is not a difference that these records establish, and the order is not a ranking.", "do not tell the two apart"),
    (2, "26 is larger than every other number here, and by more than chance.", "more often than any other that was recorded"),
])
def test_what_is_the_largest_is_said_by_the_ranks_and_not_by_intervals_that_do_not_overlap(render, kazakhstan, times, said, tell):  # noqa: F811
    changed_by = one_and_six(kazakhstan.results, times)
    text = render((words.TEMPLATES / "report.en.md").read_text(encoding="utf-8"), protect.publication(changed_by))
    part = text[text.index("# Access to rights"):].partition("![")[0]
    assert said in part and ("larger than every other" in part) == (times == 2)
    first = next(line for line in text[text.index("# Conclusions"):].splitlines() if line.startswith("- "))
    assert tell in first


def test_without_ranks_nothing_is_said_to_be_the_largest_by_more_than_chance(render, kazakhstan):  # noqa: F811
    table = one_and_six(kazakhstan.results, 2)
    text = render((words.TEMPLATES / "report.en.md").read_text(encoding="utf-8"),
                  protect.publication(table[table.table != "02_violations_ranks"]))
    assert "Whether 26 against 6 is more than chance was not tested, and the order is not a ranking." in text
    first = next(line for line in text[text.index("# Conclusions"):].splitlines() if line.startswith("- "))
    assert "The next number is 6. " in first and "apart" not in first


def test_a_footnote_prints_a_few_addresses_in_full_and_of_more_only_their_sites_and_the_sheet(render, kazakhstan):  # noqa: F811
    of = lambda many: kazakhstan.results.assign(note=[  # noqa: E731
        f"https://{'b' if at % 2 else 'a'}.example/{at % many}" if table == "02_violations" else note
        for at, (table, note) in enumerate(zip(kazakhstan.results.table, kazakhstan.results.note))])
    few = render('{{ cite("02_violations") }}', protect.publication(of(2)))
    many = render('{{ cite("02_violations") }}', protect.publication(of(4)))
    assert few.count("<https://") == 2 and "sheet" not in few
    many = many.replace("\\", "")
    assert "https" not in many and many.count(".example") == 2 and "(sheet\u00a002_violations)" in many


def test_where_two_codings_differ_most_is_said(render):
    # From the committed pair of codings: they differ in 21, 11 and 7 of 89 records by variable, in 17, 8 and 4 by code.
    text = render((words.TEMPLATES / "report.en.md").read_text(encoding="utf-8"))
    part = text[text.index("The codings differ in the most records on"):].partition("# Years")[0]
    said = [line.replace("\\", "") for line in part.splitlines() if line.startswith("- ")]
    assert [line[2:].split(":")[0] for line in said] == [
        "Victim group", "Violation", "Setting", "“woman (not LGBTI as stated)”", "“other”", "“not stated”"]
    assert "68 of 89" in said[0] and "They agree on 72" in said[3] and "automated reading" in said[-1] and "automated" not in said[0]


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

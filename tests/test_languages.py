"""Russian and Kazakh: the three files of words hold the same, texts of results are said in each language, and what is missing is told."""

import itertools
import re
import shutil
from string import Formatter

import pandas as pd
import pytest
from babel import Locale
from conftest import ECOM, ODIHR_KAZAKHSTAN
from test_figure import is_laid_out, kazakhstan, said, uzbekistan  # noqa: F401  tables of both reports

from analysis import codebook, figure, ledger, problems, protect, results, source
from analysis.cli import casebook
from analysis.codebook import LANGUAGES
from analysis.problems import UsageError
from analysis.published import money, printed, register
from analysis.wording import languages, sentences, words

OTHERS = [lang for lang in LANGUAGES if lang != "en"]
LISTS = ["ecom/published_figures.csv", "odihr/official_figures.csv", "ecom/kazakhstan_2024_claims.csv", "published/shares_with_base.csv"]
CLAIMS, RATES = "ecom/kazakhstan_2024_claims.csv", "kazakhstan/fx_annual_average_per_usd.csv"


def places(phrase):
    return {name for _, name, _, _ in Formatter().parse(phrase) if name is not None}


def english(text):
    """The words of English that a text holds: Latin letters beside addresses, names and acronyms."""
    plain = [word.strip("«»“”().,;:!?") for word in text.split() if not word.startswith(("http", "(http"))]
    return [word for word in plain if word.isascii() and word.isalpha() and word.islower() and len(word) > 1]


@pytest.fixture(scope="module")
def told_by_others(book):
    """Every kind of text that is written into results: of the register, of claims, of money."""
    none = ledger.complete(pd.DataFrame())
    return pd.concat([register.of(LISTS, book, "05", "kz", none, RATES), printed.claims(CLAIMS, book, "05", none, "kz", RATES),
                      money.converted(CLAIMS, book, "05", "kz", RATES), printed.shares(CLAIMS, book, "04", "kz")], ignore_index=True)


# The files of words


@pytest.mark.parametrize("lang", OTHERS)
def test_every_file_of_words_has_the_keys_of_the_english_one_and_no_others(lang):
    assert languages.phrases(lang) == []
    assert languages.leaves(words.of(lang)).keys() == languages.leaves(words.of("en")).keys() | {
        path for path in languages.leaves(words.of(lang)) if path[0] == "small"}


@pytest.mark.parametrize("lang", OTHERS)
def test_every_phrase_has_the_places_of_the_english_one(lang):
    other = languages.leaves(words.of(lang))
    differ = {path: (phrase, other[path]) for path, phrase in languages.leaves(words.of("en")).items()
              if path[0] != "units" and places(phrase) != places(other[path])}
    assert differ == {}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_unit_has_every_plural_form_of_its_language(lang):
    kinds = {Locale(lang).plural_form(n) for n in range(200)} | {"other"}
    for name, forms in words.of(lang)["units"].items():
        assert kinds <= forms.keys(), name
        assert lang == "en" or {"one", "other"} <= forms["of"].keys() and forms["plural"], name


@pytest.mark.parametrize("lang", OTHERS)
def test_no_phrase_is_left_in_english(lang):
    kept = {"Not", "N/A", "casebook", "trace"}  # what ODIHR prints, and the words of a command
    found = {path: left for path, phrase in languages.leaves(words.of(lang)).items() if path[0] not in ("units", "alphabet")
             and path[-1] != "date"
             if (left := [word for word in english(" ".join(piece for piece, *_ in Formatter().parse(phrase))) if word not in kept])}
    assert {path: left for path, left in found.items() if left not in (["available"], ["score"])} == {}


# Texts that stand in results


@pytest.mark.parametrize("lang", OTHERS)
def test_every_text_of_both_reports_is_said_in_the_language(kazakhstan, uzbekistan, told_by_others, book, lang):  # noqa: F811
    for rows in (kazakhstan.results, uzbekistan.results, told_by_others):
        assert languages.labels(rows, book, lang) == [] and languages.texts(rows, book, lang) == []
        found = languages.table(rows, book, lang)
        assert found.drop(columns=[*languages.TEXTS]).equals(rows.drop(columns=[*languages.TEXTS]))  # no number has moved
        names = {"kok", "team", "available"}
        left = {text for text in languages.said(found) for word in english(text) if word not in names}
        assert left == set()


def test_reasons_and_notes_are_said_in_russian_with_their_numbers(told_by_others, book):
    found = languages.table(told_by_others, book, "ru").set_index("id")
    # The report prints 14.5 % of 83 cases: 12 / 83 is 14.46 %, and no other count rounds to it.
    share = found.loc["05_register.published_figures.13"]
    assert share.text == "ЕКОМ: напечатано «14,5\u00a0%» от 83; Казахстан, 2023 (нарушитель, медицинские работники)"
    assert share.note.startswith("это даёт 12 из 83; https://")
    # More than half of 83 is 42 at least.
    assert found.loc["05_register.published_figures.11"].note.startswith("это может быть от 42 до 83 из 83; ")
    assert found.loc["05_money.money.1"].text == "80\u00a0000 KZT, 2024 год"
    assert found.loc["05_money.money.1"].note.startswith("469,0 KZT за один доллар США в 2024 году (Всемирный банк")


def test_refusals_of_an_estimate_are_said_in_every_language(book):
    filled = {rule: how["message"].format(n=3, list="ECOM", period="2016-2022", other="ODIHR", least=7, base=9)
              for rule, how in problems.rules().items() if rule.startswith("estimate_")}
    assert len(filled) > 10
    row = {"form": "unlisted", "no_value": "not_estimated", "text": " ".join(filled.values()), "codes": "estimate"}
    for lang in OTHERS:
        told = languages.table(ledger.complete(pd.DataFrame([row])), book, lang).iloc[0]
        assert english(told.text) == ["definition"] or set(english(told.text)) <= {"definition", "same_events"}, told.text
        assert sentences.of(told, book, lang).startswith(words.of(lang)["lists"]["refused"].partition(".")[0])


def test_russian_refusals_are_those_that_check_tells():
    texts = pd.read_csv(codebook.load().folder / "texts.csv", dtype=str).set_index("text")
    for rule, how in problems.rules().items():
        if rule.startswith("estimate_"):
            assert texts.text_ru[how["message"]] == how["message_ru"], rule


def test_what_no_number_was_stated_for_is_counted_in_the_forms_of_the_language(book):
    say = words.of("en")
    rows = ledger.complete(pd.DataFrame({"note": [say["unstated_in_all"].format(of=n, unit=words.unit(n, "cases"), what="victims")
                                                  for n in (1, 3, 25)]}))
    assert list(languages.table(rows, book, "ru").note.str.partition(" без")[0]) == [
        "1 задокументированный случай", "3 задокументированных случая", "25 задокументированных случаев"]
    of_case = say["of_case"].format(variables="Setting and Means", unit="victims")
    assert languages.text(of_case, book, "ru") == (
        "Место события и Средство: записано о случае в целом, а не отдельно (задокументированные пострадавшие)")
    assert english(languages.text(of_case, book, "kk")) == []


# What is missing


def without_row(book, tmp_path, text):
    folder = shutil.copytree(book.folder, tmp_path / "codebook")
    lines = (folder / "texts.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    assert sum(line.startswith(text) for line in lines) == 1
    (folder / "texts.csv").write_text("".join(line for line in lines if not line.startswith(text)), encoding="utf-8")
    return codebook.load(folder)


def test_everything_that_is_missing_is_told_at_once(kazakhstan, book, tmp_path, monkeypatch):  # noqa: F811
    folder = shutil.copytree(words.TEMPLATES, tmp_path / "templates")
    file = folder / "words.ru.yml"
    file.write_text(file.read_text(encoding="utf-8").replace("\nshare: Доля\n", "\n").replace('  bars: "{first}"\n', ""), encoding="utf-8")
    (folder / "report.ru.md").unlink(missing_ok=True)
    monkeypatch.setattr(words, "TEMPLATES", folder)
    words.of.cache_clear()
    poorer = without_row(book, tmp_path, "reported to ODIHR by civil society,")
    laws = (poorer.folder / "laws.csv").read_text(encoding="utf-8")
    (poorer.folder / "laws.csv").write_text(re.sub('"Поставление [^"]*"', "", laws, count=1), encoding="utf-8")
    kept = source.record
    monkeypatch.setattr(source, "record", lambda file: kept(file) | (
        {"licence": "CC BY 4.0, with thanks"} if "fx_annual" in file else {}))
    poorer.groups.loc[:, "label_ru"] = poorer.groups.label_ru.mask(poorer.groups.group == "nobody", "")
    poorer.codes.loc[(poorer.codes.variable == "violation") & (poorer.codes.code == "fake_date"), "label_ru"] = " "
    try:
        told = languages.missing(kazakhstan, poorer, "ru", ["ECOM", "Invented Office 3"])
    finally:
        words.of.cache_clear()
    assert {"words.ru.yml: share", "words.ru.yml: titles.bars", "codes.csv: label_ru of fake_date (violation)",
            "texts.csv: reported to ODIHR by civil society", "texts.csv: Invented Office 3", "report.ru.md"} == set(told)


def test_a_figure_a_workbook_and_a_description_refuse_what_nobody_has_translated(kazakhstan, book, tmp_path):  # noqa: F811
    poorer = without_row(book, tmp_path, '"reconstructed from the published report,')
    for make in (figure.draw, figure.description, figure.numbers_of):
        with pytest.raises(UsageError, match="reconstructed from the published report, not ECOM's own sheet"):
            make(kazakhstan, "02_violations", poorer, "ru")
    assert figure.numbers_of(kazakhstan, "02_violations", poorer, "en").n.max() == 9


def test_a_language_that_nobody_has_begun_is_told_as_a_whole(kazakhstan, book):  # noqa: F811
    assert languages.missing(kazakhstan, book, "uz") == ["words.uz.yml", "report.uz.md"]
    assert languages.phrases("en") == [] and languages.table(kazakhstan.results, book, "en").equals(kazakhstan.results)


# Figures and sentences


@pytest.mark.parametrize("lang", OTHERS)
def test_one_figure_of_each_form_is_laid_out_and_holds_no_english(kazakhstan, told_by_others, book, lang):  # noqa: F811
    sums = protect.publication(told_by_others[told_by_others.form == "money"])
    forms = {safe.table(name).form.iloc[0]: (safe, name) for safe in (sums, kazakhstan) for name in safe.tables}
    drawn = [form for form in forms if form in figure.FORMS]
    assert len(drawn) > 9
    for form in drawn:
        fig = figure.draw(*forms[form], book, lang)
        is_laid_out(fig)
        # In another language stand names of organisations, and what ODIHR prints where it has no number.
        assert set(english(said(fig))) <= {"for", "and", "available"}, form
        figure.plt.close(fig)


def test_sentences_are_said_in_each_language(book, tmp_path):
    source.prepare(tmp_path, ["ecom/kazakhstan_2024_cases.xlsx"], book)
    part = source.opened(tmp_path, "ecom/kazakhstan_2024_cases.xlsx", book)
    row = next(row for row in results.one_way(part, book, "02", "violation").itertuples() if row.codes == "fake_date")
    both = next(row for row in results.any_of(part, book, "02", "violation", ["fake_date", "threat"]).itertuples())
    # 9 of 31: Wilson's interval is 16.1 to 46.6 % (statsmodels proportion_confint(9, 31, method="wilson")).
    assert sentences.of(row, book, "ru").replace("\u00a0", " ") == (
        "В 9 из 31 задокументированного случая (29 %; от 16 до 47 %) отмечено нарушение «подставное свидание».")
    assert sentences.of(row, book, "kk").replace("\u00a0", " ") == (
        "31 ішінен 9 құжатталған оқиға (29%; 16 – 47%): бұзушылық — «жалған кездесу».")
    assert "отмечено нарушение (хотя бы одно из: «угрозы» и «подставное свидание»)" in sentences.of(both, book, "ru")


def test_count_and_compare_speak_russian_and_kazakh(capsys):
    def told(*words):
        casebook.main(words, standalone_mode=False)
        return capsys.readouterr().out.replace("\u00a0", " ").splitlines()

    counted = ["count", str(ECOM), "--by", "violation", "--lang"]
    head, first, *_, last = told(*counted, "ru")
    assert head == "31 задокументированный случай; интервалы Уилсона (95 %); одна запись может стоять в нескольких строках"
    assert first.split("  ")[0] == "Подставное свидание" and first.endswith("9 из 31  29 %  от 16 до 47 %")
    assert last == "Русский текст — черновик, ещё не проверенный носителем языка."
    assert "31 ішінен 9" in told(*counted, "kk")[1] and told(*counted, "en")[1].startswith("Fake date")
    compared = told("compare", str(ODIHR_KAZAKHSTAN), "--by", "bias_motivation", "--years", "2020,2022", "--lang", "ru")
    # 17 of 30 and 21 of 27: 56.7 % and 77.8 %, 21 points more.
    assert "Против ЛГБТИ" in compared[1] and "17 из 30" in compared[1] and "+21 (−3 … +42)" in compared[1]
    assert not set(english(" ".join(compared)))


@pytest.mark.parametrize("lang", OTHERS)
def test_every_row_of_the_report_is_a_whole_sentence(kazakhstan, told_by_others, book, lang):  # noqa: F811
    rows = languages.table(pd.concat([kazakhstan.results, told_by_others]), book, lang)
    for row in itertools.chain(rows.groupby("form").head(12).itertuples(index=False), rows[rows.form == "changes"].itertuples(index=False)):
        text = sentences.of(row, book, lang)
        assert text.endswith(".") and not any(twice in text for twice in (",,", ",.", "  ", "{", "nan", "..", " ,")), text
        assert set(english(text)) <= {"for", "and", "available", "team", "kok"}, text

"""The report in three languages: one skeleton, the same numbers, and no language in the words of another."""

import collections
import html.parser
import re
import zipfile
from functools import cache

import jinja2
import pypdf
import pytest
from conftest import ROOT
from test_report import about, kazakhstan, stand_ins, uzbekistan  # noqa: F401  fixtures
from test_report import text_of as read_by_another

from analysis import parameters, report
from analysis.codebook import LANGUAGES
from analysis.problems import UsageError
from analysis.wording import decided, words
from analysis.wording.say import Say, plain

text_of = cache(read_by_another)
OTHERS = [lang for lang in LANGUAGES if lang != "en"]
HOW = {"sentence_case", "plural", "spoken", "length", "one", "two", "few", "many", "other"}  # how a number is said, not which
# What stands in Latin letters in every language: names, addresses, codes of currencies, what ODIHR prints, and a letter for a p.
LATIN = {"ECOM", "Casebook", "Pink", "Armenia", "kok", "team", "bureau", "kz", "REAct", "Not", "available", "N", "A", "SHA", "CC", "BY",
         "USD", "KZT", "Shah", "Ayim", "Network", "tables", "xlsx", "casebook", "trace", "hatecrime", "osce", "org", "p", "PEP", "PrEP"}
RUSSIAN = {"и", "или", "это", "что", "нет", "для", "который", "которые", "случай", "случаев", "доклад"}


# The skeleton


def skeleton(lang):
    """The statements of a template in order, and before each the names and ids that its expressions use."""
    statements, used, inside, tokens = [], [set()], "", []
    for _, kind, text in jinja2.Environment().lex((words.TEMPLATES / f"report.{lang}.md").read_text(encoding="utf-8")):
        if kind in ("block_begin", "variable_begin"):
            inside, tokens = kind, []
        elif kind == "block_end":
            statements.append(" ".join(tokens))
            used.append(set())
        elif kind == "variable_end":
            used[-1] |= named(tokens)
        elif inside and kind != "whitespace":
            tokens.append(text)
    return statements, used


def named(tokens):
    """The names of an expression, and the texts that are handed to them: ids of tables and results, kinds, names of columns."""
    names = {text for text in tokens if text.isidentifier()} - HOW
    handed = {text for before, text in zip(tokens, tokens[1:]) if text[0] in "'\"" and before in "([,"}
    return names | (handed if "left_out" not in names else set())


@pytest.mark.parametrize("lang", OTHERS)
def test_every_template_has_the_statements_of_the_english_one_and_uses_the_same_ids_in_the_same_order(lang):
    statements, used = skeleton("en")
    other, theirs = skeleton(lang)
    assert len(statements) > 150 and "02_responses" in " ".join(statements)
    assert other == statements
    assert [(at, one ^ two) for at, (one, two) in enumerate(zip(used, theirs)) if one != two] == []


@pytest.mark.parametrize("lang", OTHERS)
def test_no_template_has_words_of_another_language(lang):
    text = (words.TEMPLATES / f"report.{lang}.md").read_text(encoding="utf-8")
    outside = re.findall(r"[^\W\d_]+", re.sub(r"{%.*?%}|{{.*?}}", " ", text))
    assert set(filter(str.isascii, outside)) <= {"tables", "xlsx"}
    said = {word.lower() for word in re.findall(r"[^\W\d_]+", text) if not word.isascii()}
    assert not [word for word in said if re.search("[a-z]", word)]
    assert not (RUSSIAN & said if lang == "kk" else [word for word in said if re.search("[әіңғүұқөһ]", word)])
    english = (words.TEMPLATES / "report.en.md").read_text(encoding="utf-8")
    assert not re.search("[а-яёәіңғүұқөһ]", english)


# The three reports


class Blocks(html.parser.HTMLParser):
    """The text of each block of a page: heading, paragraph, item of a list, cell, caption."""

    KINDS = ("h1", "h2", "p", "li", "td", "th", "caption", "figcaption")

    def __init__(self, page):
        super().__init__()
        self.found, self.numbers = [], False
        self.feed(page.partition('<section')[0] if "<body" not in page else page.partition("<body")[2])

    def handle_starttag(self, tag, attributes):
        if tag in self.KINDS:
            self.found.append([tag, ""])
        if tag == "sup" and self.found:
            self.found[-1][1] += " "
        self.numbers = tag == "span" and "section-number" in dict(attributes).get("class", "")  # of a chapter

    def handle_data(self, data):
        if self.found and not self.numbers:
            self.found[-1][1] += data
        self.numbers = False


def numbers(text, lang):
    """The numbers of a text as they are in English, in the order of their size: Kazakh names the whole before its part."""
    text = re.sub(r"https?://\S+|\S+_\S+|CC BY 4\.0", " ", text)  # addresses, ids and the name of a licence
    found = re.findall(r"\d+(?:\u00a0\d{3})+(?:,\d+)?|\d+(?:,\d+)?" if lang != "en" else r"\d+(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?", text)
    plain_ones = [one.replace("\u00a0", "").replace(",", ".") if lang != "en" else one.replace(",", "") for one in found]
    return sorted(plain_ones, key=float)


@pytest.fixture(scope="module")
def three(kazakhstan, book, tmp_path_factory):  # noqa: F811
    """The folder of the report in each language, and the ids that were looked up while it was written."""
    out, asked, row = tmp_path_factory.mktemp("three"), {}, Say.row
    with pytest.MonkeyPatch.context() as patch:
        for lang in LANGUAGES:
            asked[lang] = []
            patch.setattr(Say, "row", lambda self, key, mine=asked[lang]: mine.append(key) or row(self, key))
            report.publish(kazakhstan, stand_ins(kazakhstan, out, lang), book, lang, about("kazakhstan-2024"))
    return out, asked


@pytest.fixture(scope="module")
def blocks(three):
    return {lang: Blocks((three[0] / f"report.{lang}.html").read_text(encoding="utf-8")).found for lang in LANGUAGES}


@pytest.mark.parametrize("lang", OTHERS)
def test_the_same_numbers_stand_in_the_same_places_of_each_language(blocks, three, lang):
    first, other = blocks["en"], blocks[lang]
    assert [kind for kind, _ in first] == [kind for kind, _ in other]
    assert sum(bool(numbers(text, "en")) for _, text in first) > 400
    differ = [(text, said) for (_, text), (_, said) in zip(first, other) if numbers(text, "en") != numbers(said, lang)]
    assert differ == []
    assert collections.Counter(three[1]["en"]) == collections.Counter(three[1][lang])


def test_the_ids_that_conclusions_rest_on_are_the_same_in_the_same_order(blocks):
    found = {lang: [text for _, said in blocks[lang] for text in re.findall(r"\b\d\d_\w+\.[\w.]+\w", said)] for lang in LANGUAGES}
    assert len(found["en"]) > 20 and found["ru"] == found["en"] == found["kk"]


@pytest.mark.parametrize("lang", OTHERS)
def test_no_report_holds_words_of_english(blocks, lang):
    said = " ".join(re.sub(r"https?://\S+|\b\S*[_/]\S*|\b[0-9a-f]{64}\b", " ", text) for _, text in blocks[lang])
    assert {word for word in re.findall(r"[A-Za-z]+", said)} - LATIN <= set("abcdefgh")  # letters of notes


@pytest.mark.parametrize("lang", LANGUAGES)
def test_each_form_says_which_language_it_is_and_whether_anybody_reviewed_it(three, lang):
    out, _ = three
    page = (out / f"report.{lang}.html").read_text(encoding="utf-8")
    assert f'lang="{lang}"' in page.partition("<head")[0]
    pdf = pypdf.PdfReader(out / f"report.{lang}.pdf")
    assert pdf.trailer["/Root"]["/Lang"] == lang and pdf.metadata.title == about("kazakhstan-2024").title[lang]
    styles = zipfile.ZipFile(out / f"report.{lang}.docx").read("word/styles.xml").decode()
    assert f'w:val="{lang}' in styles
    draft = words.of(lang)["draft"]
    assert bool(draft) == (lang != "en")
    assert " ".join(draft.split()) in re.sub(r"\s+", " ", pdf.pages[0].extract_text())
    for form in ("docx", "html"):
        assert draft in text_of(out / f"report.{lang}.{form}"), form


@pytest.mark.parametrize("lang, said", [
    # 9 of 31 is 29.03 %, Wilson 16.1 to 46.6 %; 64 of 89 is 71.91 %, Wilson 61.8 to 80.2 %; 83 / 31 = 2.677.
    ("ru", "«подставное свидание»: 9 из 31 задокументированного случая (29 %; интервал 95 %: от 16 до 47 %)"),
    ("ru", "83 задокументированных случая за 2023 год и 31 задокументированный случай за 2024 год"),
    ("ru", "2,68 (интервал 95 %: от 1,75 до 4,19)"), ("ru", "Число задокументированных случаев не является распространённостью"),
    ("ru", "Четыре нормы не отвечают тому"), ("ru", "Издание от 24 ноября 2026 г."),
    ("kk", "«жалған кездесу»: 31 ішінен 9 құжатталған оқиға (29%; 95% интервал: 16 – 47%)"),
    ("kk", "2,68 (95% интервал: 1,75 – 4,19)"), ("kk", "Құжатталған оқиғалардың саны таралу деңгейі емес"),
    ("kk", "Төрт норма бұл баяндама сұрайтын талапқа сай емес"), ("kk", "Басылым: 2026 ж. 24 қараша")])
def test_known_numbers_are_said_in_each_language(three, lang, said):
    for form in ("docx", "html", "pdf"):
        assert said in text_of(three[0] / f"report.{lang}.{form}"), form


@pytest.mark.parametrize("lang", OTHERS)
def test_no_sentence_is_broken(blocks, lang):
    for _, text in blocks[lang]:
        text = re.sub(r"\s+", " ", re.sub(r"https?://\S+", "", text))
        assert not re.search(r"\.\.| [,;:.](?!\w)|,,|\bnan\b|\bNone\b|[{}]|\(\)|“|”|\"", text), text


def test_an_interval_of_the_pdf_is_on_one_line(three):
    lines = [line for page in pypdf.PdfReader(three[0] / "report.kk.pdf").pages for line in page.extract_text().splitlines()]
    assert any("16 – 47%" in line for line in lines) and [line for line in lines if re.search(r"\d\s*–\s*$", line)] == []


def test_figures_and_tables_are_called_by_the_word_of_the_language(three):
    called = {"en": ("Figure 1. ", "Table 2. "), "ru": ("Рис. 1. ", "Таблица 2. "), "kk": ("1-сурет. ", "2-кесте. ")}
    css = (words.TEMPLATES / "report.css").read_text(encoding="utf-8")
    for lang, said in called.items():
        pdf, document = (text_of(three[0] / f"report.{lang}.{form}") for form in ("pdf", "docx"))
        for one, counter in zip(said, ("figure", "table")):
            assert one in pdf and one in document.replace("\u00a0", " "), (lang, one)
            before, after = re.split(r"\d", one)
            content = " ".join(filter(None, [before and f'"{before}"', f"counter({counter})", f'"{after}"']))
            assert f"caption:lang({lang})::before {{ content: {content}; }}" in css


def test_another_country_is_written_in_russian_too(uzbekistan, book, tmp_path):  # noqa: F811
    report.publish(uzbekistan, stand_ins(uzbekistan, tmp_path, "ru"), book, "ru", about("uzbekistan-2022"))
    text = text_of(tmp_path / "report.ru.html")
    assert "48 из 64" in text and "75,0 %" in text  # ODIHR's list of Uzbekistan: 48/64 = 75 %
    assert not re.search("Казахстан|Уголовный кодекс|подставное", text)


# Parts of it


def test_the_reports_are_in_the_languages_that_they_have_titles_in():
    kept = {name: parameters.load(name) for name in parameters.reports()}
    assert {name: given["languages"] for name, given in kept.items()} == dict.fromkeys(kept, ["en", "ru", "kk"])
    assert all(set(given["title"]) == set(given["languages"]) for given in kept.values())


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_decisions_are_said_in_every_language(book, lang):
    assert decided.problems(book, lang) == []
    for name in ("laws", "recommendations", "acronyms"):
        table = decided.rows(name, book, lang)
        for column in [column for column in table if column.startswith("text_")]:
            said = " ".join(table[column])
            assert lang == "en" or not re.search(r"\b[a-z]{2,}\b", said), (name, column)
    numbers_of = lambda lang: decided.rows("laws", book, lang).text_says.str.findall(r"\d+").tolist()  # noqa: E731
    assert numbers_of(lang) == numbers_of("en")


def test_the_languages_print_the_same_numbers_and_say_what_each_is_in_their_own_words(three):
    pages = {lang: (three[0] / f"report.{lang}.html").read_text(encoding="utf-8").rpartition('id="numbers"')[2] for lang in LANGUAGES}
    ids = {lang: set(re.findall(r'id="number-\d+">(.*?)</a>', page)) for lang, page in pages.items()}
    assert ids["en"] == ids["ru"] == ids["kk"] and len(ids["en"]) > 200
    assert "02_violations.fake_date</a>: База: 31 задокументированный случай; Метод: Уилсон; Источник: ecom/" in pages["ru"]
    assert "02_violations.fake_date</a>: База: 31 құжатталған оқиға; Әдіс: Уилсон; Дереккөз: ecom/" in pages["kk"]


def test_acronyms_stand_in_the_order_of_the_alphabet_of_the_language(three):
    # Е comes before И in Cyrillic and Ё after Е; Ә follows А in Kazakh, and Ұ comes long after А.
    table = {lang: text_of(three[0] / f"report.{lang}.html") for lang in LANGUAGES}
    assert re.search("ECOM .*HIV .*LGBT .*LGBTI .*ODIHR .*OSCE", table["en"].rpartition("Acronym Stands for")[2])
    assert re.search("БДИПЧ .*ВИЧ .*ДКП .*ЕКОМ .*ЛГБТ .*ЛГБТИ .*ОБСЕ .*ПКП", table["ru"].rpartition("Сокращение Расшифровка")[2])
    assert re.search("АИТВ .*ДИАҚБ .*ЕҚЫҰ .*ЛГБТ .*ЛГБТИ", table["kk"].rpartition("Қысқарту Толық атауы")[2])


def test_a_form_that_the_language_needs_or_does_not_have_is_an_error(kazakhstan, book, tmp_path):  # noqa: F811
    say = {lang: Say(kazakhstan, tmp_path, book, lang, about("kazakhstan-2024")) for lang in LANGUAGES}
    forms = {"one": "норма", "few": "нормы", "many": "норм", "other": "нормы"}
    # Rules of CLDR for Russian: 1, 21 and 101 are one; 2 to 4 and 22 few; 0, 5, 11 to 14 and 111 many.
    assert [say["ru"].plural(n, **forms) for n in (1, 21, 101, 2, 4, 22, 0, 5, 11, 14, 111)] == ["норма"] * 3 + ["нормы"] * 3 + ["норм"] * 5
    assert [say["kk"].plural(n, one="оған", other="оларға") for n in (1, 2, 21)] == ["оған", "оларға", "оларға"]
    for lang, wrong in (("ru", {"one": "норма", "other": "нормы"}), ("ru", forms | {"two": "нормы"}), ("en", {"one": "case"}),
                        ("en", {"one": "case", "few": "cases", "other": "cases"})):
        with pytest.raises(UsageError, match="plural has the forms"):
            say[lang].plural(2, **wrong)
    assert [say["ru"].spoken(n, one="одна", two="две") for n in (1, 2, 3, 12)] == ["одна", "две", "три", "12"]


def test_a_space_that_does_not_break_stays_one():
    assert plain("29\u00a0%  of\n31") == "29\u00a0\\% of 31"


def test_no_folder_of_the_project_holds_a_template_that_no_report_uses():
    used = {lang for name in parameters.reports() for lang in parameters.load(name)["languages"]}
    assert {file.name for file in (ROOT / "src/analysis/templates").glob("report.*.md")} == {f"report.{lang}.md" for lang in used}

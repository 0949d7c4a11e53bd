"""The attack on the files of a publication: a whole one passes; each that is weaker in one thing is caught, and the way it leaks named."""

import re
import shutil
import zipfile
from contextlib import contextmanager

import confidential
import numpy as np
import openpyxl
import pandas as pd
import pypandoc
import pytest
from PIL import Image
from test_hide import RECORD, cases_of

from analysis import codebook, figure, ledger, protect, results, run, source, table
from analysis.drafts import draft_known, draft_numbers
from analysis.protection import drawn, earlier, hide, policy, readback, shown, spoken, suppress
from analysis.source import Source
from analysis.wording import words

# 150 invented cases. Settings by what each is known from; the 3 has to be hidden, and with it what it could be had from:
# settings 59, 37, 26, 28; bases 61, 37, 23, 29.
CROSS = {("home", "described"): 30, ("home", "total_only"): 12, ("home", "remainder"): 8, ("home", "unknown"): 9,
         ("venue", "described"): 14, ("venue", "total_only"): 10, ("venue", "remainder"): 6, ("venue", "unknown"): 7,
         ("online", "described"): 9, ("online", "total_only"): 8, ("online", "remainder"): 3, ("online", "unknown"): 6,
         ("workplace", "described"): 8, ("workplace", "total_only"): 7, ("workplace", "remainder"): 6, ("workplace", "unknown"): 7}
GENDERS = {"man": 80, "woman": 50, "trans_woman": 13, "trans_man": 4, "non_binary": 3}
GROUPS = {"gay_man": 90, "lesbian_woman": 35, "trans_woman": 22, "sex_worker": 3}
REGIONS = {"kz_75": 130, "kz_71": 13, "kz_79": 7}
HIV = {"neither": 100, "hiv": 30, "tb": 20}
REPEATED = {"yes": 147, "no": 3}
SIGNED = {"02_settings", "02_bases", "02_repeated"}
SMALL, PARTNER, CROSSED = "02_genders.trans_man", "02_genders.trans_woman", "02_settings_bases.online.remainder"
BY = ("setting", "basis", "repeated", "gender", "victim_group", "region", "hiv_tb")


def spread(counts):
    """One code a case, so many of each."""
    return [{code} for code, n in counts.items() for _ in range(n)]


@pytest.fixture(scope="module")
def cases(book):
    pairs = [pair for pair, n in CROSS.items() for _ in range(n)]
    return cases_of(book, setting=[{one} for one, _ in pairs], basis=[{one} for _, one in pairs], gender=spread(GENDERS),
                    victim_group=spread(GROUPS), region=spread(REGIONS), hiv_tb=spread(HIV), repeated=spread(REPEATED))


@pytest.fixture(scope="module")
def rows(cases, book):
    """What is counted, also what the policy does not let out: HIV crossed, and the months of the cases."""
    source = Source("ecom/kazakhstan_2024_cases.xlsx", RECORD, cases, {}, "kz", "2024")
    months = pd.DataFrame({"year": ["2024"] * 2, "month": ["m03", "m04"], "n": [90, 60], "base": 150, "base_rule": "all", "unit": "cases"})
    made = [results.total(source, book, "02"), *(results.one_way(source, book, "02", one) for one in BY),
            results.cross(source, book, "02", "setting", "basis"), results.cross(source, book, "02", "setting", "hiv_tb"),
            ledger.entries(months, ["year", "month"], "02_cases_by_month", "timeline", source.file, RECORD)]
    return pd.concat(made, ignore_index=True)


@pytest.fixture(scope="module")
def safe(rows, cases, book):
    return hide.planned(rows, cases, book, SIGNED).rows


@pytest.fixture(scope="module")
def published(safe, book, tmp_path_factory):
    """The whole publication: tables, figures, workbook."""
    folder, made = tmp_path_factory.mktemp("published"), protect.Safe(safe.assign(source="INVENTED"), protect._SEAL)
    figure.publish(made, folder, book, "en")
    table.publish(made, folder, book, "en", "ru")  # a source in capitals needs no translation
    return folder


@pytest.fixture
def folder(published, tmp_path):
    """Its tables alone; a test brings what else it needs."""
    place = tmp_path / "published"
    place.mkdir()
    for file in published.glob("*.csv"):
        shutil.copy(file, place)
    return place


@pytest.fixture
def found(rows, cases, book):
    """What the attack finds in a folder."""
    return lambda folder, last=None, signed=SIGNED, more=(): readback.leaks(
        folder, pd.concat([rows, *more], ignore_index=True), cases, book, signed, earlier.read(last) if last else earlier.NOTHING)


@pytest.fixture(scope="module")
def n(rows, cases, book):
    return hide.prepared(rows, cases, book, SIGNED).rows.set_index("id").n.astype(int)


def test_the_whole_publication_gives_nothing_away(published, found, safe, n):
    hidden = set(safe.id[safe.no_value == ledger.HIDDEN])
    assert {SMALL, PARTNER, CROSSED} <= hidden and (n[SMALL], n[PARTNER], n[CROSSED]) == (4, 13, 3)
    assert found(published) == []
    told, right = shown.numbers(published), safe.dropna(subset="n").set_index("id").n
    for file in ("02_settings.csv", "tables.xlsx, 02_settings", "tables.ru.xlsx, 02_settings"):
        mine = told[told.file == file].set_index("id").n
        assert len(mine) and (right[mine.index] == mine).all()


def test_what_a_reader_cannot_rule_out_is_told_for_each_hidden_number(folder, rows, safe, cases, book, n):
    left = readback.left_open(folder, rows, cases, book, SIGNED).set_index("id")
    assert set(left.index) == set(safe.id[safe.no_value == ledger.HIDDEN])
    mine = n[left.index]
    assert ((left.least <= 1) & (left.most >= 4))[mine < 5].all()
    assert ((left.least <= mine) & (mine <= left.most) & (left.most - left.least >= 4)).all()


# Weaker plans: what is written is planned by a rule that is weaker in one thing.

WEAKER = {"k lowered by one": {"k": 4}, "places shown from five cases on": {"place_from": 5}, "HIV crossed": {"crossed_with_nothing": []},
          "groups not merged": {"merge_from": 1.0}}
GIVES_AWAY = {"k lowered by one": "02_genders.non_binary can be found out from other numbers",
              "places shown from five cases on": "regions.csv shows 02_regions.kz_79, which is not to be published",
              "HIV crossed": "settings_hiv_tb.csv shows 02_settings_hiv_tb.home.neither, which is not to be published",
              "groups not merged": "victim_groups.csv shows 02_victim_groups.gay_man, which is not to be published",
              "no complementary suppression": f"{SMALL} can be found out from other numbers",
              "nothing hidden": f"genders.csv shows {SMALL}, which is small"}


@contextmanager
def weaker(name, book):
    """The plan of a policy that is weaker in one thing."""
    with pytest.MonkeyPatch.context() as patch:
        if name in WEAKER:
            rules = policy.numbers(book.folder) | WEAKER[name]
            patch.setattr(policy, "numbers", lambda folder: rules)
        elif name == "nothing hidden":
            patch.setattr(suppress, "plan", lambda cells, k: cells.small & False)
        else:
            patch.setattr(suppress, "plan", lambda cells, k: cells.small)
        yield


@pytest.mark.parametrize("name", GIVES_AWAY)
def test_a_weaker_plan_is_caught(name, rows, cases, book, tmp_path, found):
    with weaker(name, book):
        weak = hide.planned(rows, cases, book, SIGNED).rows
    write(weak, book, tmp_path)
    assert [one for one in found(tmp_path) if one.endswith(GIVES_AWAY[name])], found(tmp_path)


def write(weak, book, place):
    """The tables of a publication as CSV."""
    made = protect.Safe(weak, protect._SEAL)
    for name in made.tables:
        figure.numbers_of(made, name, book).to_csv(place / f"{name}.csv", index=False)


def test_a_plan_that_did_not_know_of_one_margin_is_caught(rows, cases, book, tmp_path, found):
    # Without the bases by themselves, the 3 is hidden with a partner of its setting only; the bases, printed as well, give it away.
    weak = hide.planned(rows[rows.table != "02_bases"], cases, book, SIGNED).rows
    write(pd.concat([weak, rows[rows.table == "02_bases"]]), book, tmp_path)
    assert f"{CROSSED} can be found out from other numbers" in found(tmp_path)


def test_a_plan_that_did_not_know_of_a_union_is_caught(rows, cases, book, folder, found):
    # Trans men or trans women: 4 + 13 = 17 of the 20 whose parts are hidden, so that 3 are left for who is non-binary.
    source = Source("ecom/kazakhstan_2024_cases.xlsx", RECORD, cases, {}, "kz", "2024")
    union = results.any_of(source, book, "02", "gender", ["trans_man", "trans_woman"])
    assert union.n.tolist() == [17]
    union.to_csv(folder / "union.csv", index=False)
    assert "02_genders.non_binary can be found out from other numbers" in found(folder, more=[union])
    assert f"union.csv shows {union.id[0]}, which is no result of this report" in found(folder)


def test_small_counts_of_acts_that_nobody_signed_are_caught(folder, found):
    assert found(folder, signed=SIGNED - {"02_repeated"}) == ["02_repeated.csv shows 02_repeated.no, which is small"]


# Files changed by one number each. Of each: what it shows of which number, and the end of what is said of it.

CELLS = {"a hidden number in one CSV only": (SMALL, {"n": 4}, f"shows {SMALL}, which is small"),
         "a partner in one CSV only": (PARTNER, {"n": 13}, f"{SMALL} can be found out from other numbers"),
         "a hidden number as 0": (PARTNER, {"n": 0, "no_value": ""}, f"shows {PARTNER} with another number than was counted"),
         "a hidden number as blank": (SMALL, {"no_value": ""}, f"shows {SMALL} without the mark of a hidden number"),
         "a percentage beside a hidden number": (SMALL, {"share": 0.03}, f"shows {SMALL} with numbers beside it, though it is hidden"),
         "an interval left": (SMALL, {"low": 0.01, "high": 0.07}, f"shows {SMALL} with numbers beside it, though it is hidden"),
         "a total rounded": ("02_genders.man", {"base": 200}, "shows 02_genders.man with another base than was counted"),
         "a percentage in parts of one": ("02_genders.man", {"share": 0.5333}, "shows 02_genders.man with a percentage that is not whole"),
         "a number rounded": ("02_genders.man", {"n": 100}, "shows 02_genders.man with another number than was counted"),
         "the month of cases": ("02_cases_by_month.2024.m03", {"n": 90}, "shows 02_cases_by_month.2024.m03, which is not to be published"),
         "HIV crossed in one CSV": ("02_settings_hiv_tb.home.hiv", {"n": 30},
                                    "shows 02_settings_hiv_tb.home.hiv, which is not to be published")}


@pytest.mark.parametrize("name", CELLS)
def test_one_cell_is_caught(name, folder, found):
    one, cells, said = CELLS[name]
    file = folder / f"{one.partition('.')[0]}.csv"
    made = pd.read_csv(file, dtype=object).set_index("id") if file.exists() else pd.DataFrame(columns=["id", "n"]).set_index("id")
    for column, value in cells.items():
        made.loc[one, column] = value
    made.to_csv(file)
    assert [line for line in found(folder) if line.endswith(said)], found(folder)


@pytest.mark.parametrize("file, lang", [("tables.xlsx", "en"), ("tables.ru.xlsx", "ru")])
def test_a_hidden_number_in_one_workbook_only_is_caught(file, lang, folder, published, found):
    made = openpyxl.load_workbook(published / file)
    sheet, heads = made["02_genders"], words.of(lang)["tables"]
    head = next(line for line in sheet.iter_rows() if any(cell.value == heads["id"] for cell in line))
    row, column = (next(cell.row for line in sheet.iter_rows() for cell in line if cell.value == SMALL),
                   next(cell.column for cell in head if cell.value == heads["n"]))
    sheet.cell(row, column, 4)
    made.save(folder / file)
    assert f"{file}, 02_genders shows {SMALL}, which is small" in found(folder)


def changed(file, out, part, was, becomes):
    """Copy a packed file with one part of it changed (or added, where `was` is empty)."""
    with zipfile.ZipFile(file) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            text = old.read(name)
            if re.fullmatch(part, name) and was in text.decode():
                text = text.decode().replace(was, becomes, 1).encode()
            new.writestr(name, text)


def with_a_number_more(file, out):
    """Copy a workbook: the cells of the chart hold 80 and 50 and are hidden from there on; the chart keeps one number more."""
    with zipfile.ZipFile(file) as parts:
        chart = next(name for name in parts.namelist() if "charts/chart" in name and "'02_genders'" in parts.read(name).decode())
    changed(file, out, chart, '<c:pt idx="1"><c:v>80</c:v></c:pt>',
            '<c:pt idx="1"><c:v>80</c:v></c:pt><c:pt idx="3"><c:v>4</c:v></c:pt>')


def test_a_hidden_number_in_a_native_chart_only_is_caught(folder, published, found):
    with_a_number_more(published / "tables.xlsx", folder / "tables.xlsx")
    assert found(folder) == ["tables.xlsx keeps numbers in the chart of 02_genders that its cells do not show"]


# Pictures that draw what is hidden to scale.


@pytest.mark.parametrize("name, says", [("02_genders", "bars"), ("02_settings_bases", "colours")])
@pytest.mark.parametrize("end", ["svg", "png"])
def test_a_hidden_number_drawn_to_scale_is_caught(name, says, end, rows, safe, cases, book, folder, found):
    whole = hide.prepared(rows, cases, book, SIGNED).rows
    fig = figure.draw(protect.Safe(whole[whole.table == name], protect._SEAL), name, book)
    fig.savefig(folder / f"{name}.en.{end}")
    assert found(folder) == [f"{name}.en.{end} draws other {says} than the numbers that are shown"]
    fig = figure.draw(protect.Safe(safe, protect._SEAL), name, book)
    fig.savefig(folder / f"{name}.en.{end}")
    assert found(folder) == []


@pytest.mark.parametrize("colour, caught", [("#86b8c4", True), ("#ffffff", False)])
def test_one_bar_of_dots_is_caught(colour, caught, published, folder, found):
    # In the row of a hidden number, where nothing is drawn: a bar of 40 dots, painted into the finished picture.
    with Image.open(published / "02_genders.en.png") as picture:
        dots = np.asarray(picture.convert("RGB")).copy()
    grey = (np.abs(dots.astype(int) - [154, 167, 173]) <= 10).all(axis=-1)  # the axis, a line from top to bottom
    right = np.flatnonzero(grey.sum(axis=0) > 200).max()
    bottom = max(drawn.runs_of(np.flatnonzero(grey[:, right]), 1), key=len)[-1]
    dots[bottom - 60:bottom - 20, right + 1:right + 41] = [int(colour[at:at + 2], 16) for at in (1, 3, 5)]
    Image.fromarray(dots).save(folder / "02_genders.en.png")
    assert found(folder) == ["02_genders.en.png draws other bars than the numbers that are shown"] * caught


# Editions.


def test_what_an_earlier_edition_showed_is_caught(folder, found, tmp_path):
    (tmp_path / "last").mkdir()
    (tmp_path / "last" / "02_genders.csv").write_text(f"id,n\n{PARTNER},13\n", encoding="utf-8")
    assert f"{SMALL} can be found out from other numbers" in found(folder, tmp_path / "last")
    (tmp_path / "last" / "02_genders.csv").write_text(f"id,n\n{SMALL},4\n", encoding="utf-8")
    assert f"02_genders.csv of the earlier edition shows {SMALL}, which is small" in found(folder, tmp_path / "last")


def test_an_edition_corrected_by_one_case_is_caught(folder, found, tmp_path):
    (tmp_path / "last").mkdir()
    (tmp_path / "last" / "02_genders.csv").write_text("id,n\n02_genders.man,79\n", encoding="utf-8")
    assert found(folder, tmp_path / "last") == [
        "02_genders.csv shows 02_genders.man too near to what an earlier edition shows of it"]
    (tmp_path / "last" / "02_genders.csv").write_text("id,n\n02_genders.man,75\n", encoding="utf-8")
    assert found(folder, tmp_path / "last") == []


# What stands in the folder of the earlier edition is read as what is about to be published: texts, pictures, workbooks.


@pytest.fixture
def last(folder, tmp_path):
    """The folder of the earlier edition, with the same tables."""
    return shutil.copytree(folder, tmp_path / "last")


@pytest.mark.parametrize("file, text", [
    ("report.en.html", "<p>In thirteen cases, trans women were attacked.</p>"),
    ("report.ru.html", "<p>Трансгендерная женщина: 13 из 150.</p>"), ("report.kk.html", "<p>Трансгендер әйел: 150 ішінен 13.</p>"),
    ("report.en.html", '<p title="Trans woman: 13 of 150">*</p>')])
def test_a_number_in_one_text_of_the_earlier_edition_is_caught(file, text, folder, last, found):
    assert found(folder, last) == []
    (last / file).write_text(text, encoding="utf-8")
    assert found(folder, last) == [f"{file} of the earlier edition says {PARTNER}"]


@pytest.mark.parametrize("name, says", [("02_genders", "bars"), ("02_settings_bases", "colours")])
@pytest.mark.parametrize("end", ["svg", "png"])
def test_a_number_in_one_picture_of_the_earlier_edition_is_caught(name, says, end, rows, cases, book, folder, last, published, found):
    shutil.copy(published / f"{name}.en.{end}", last)
    assert found(folder, last) == []
    whole = hide.prepared(rows, cases, book, SIGNED).rows
    figure.draw(protect.Safe(whole[whole.table == name], protect._SEAL), name, book).savefig(last / f"{name}.ru.{end}")
    assert found(folder, last) == [f"{name}.ru.{end} of the earlier edition draws other {says} than the numbers that are shown"]


def test_a_picture_of_an_older_style_without_bars_of_ours_says_nothing(folder, last, found):
    (last / "02_genders.en.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'><path d='M 0 0 L 9 0'/></svg>", encoding="utf-8")
    assert found(folder, last) == []


def test_a_number_in_a_native_chart_of_the_earlier_edition_is_caught(folder, last, published, found):
    with_a_number_more(published / "tables.xlsx", last / "tables.xlsx")
    assert found(folder, last) == [
        "tables.xlsx of the earlier edition keeps numbers in the chart of 02_genders that its cells do not show"]


@pytest.mark.parametrize("together, n, caught", [("trans_man|trans_woman", 17, True), ("man|woman", 130, False),
                                                 ("trans_man|trans_woman", 11, False)])
def test_codes_that_the_earlier_edition_counted_together_are_caught(together, n, caught, folder, last, found):
    # 17 of the 20 whose parts are hidden leave 3 for who is non-binary; that men and women are 130 says what 80 and 50 do. A number that
    # has changed since (11) says nothing of this edition.
    (last / "02_genders.csv").write_text(f"id,n\n02_genders.{together},{n}\n", encoding="utf-8")
    assert ("02_genders.non_binary can be found out from other numbers" in found(folder, last)) is caught


def test_a_text_of_an_earlier_edition_with_one_case_fewer_is_caught(folder, last, rows, cases, book):
    # Then 12 trans women of 149, now 13 of 150; the tables of both hide it.
    before = rows.assign(n=rows.n.where(rows.id != PARTNER, 12), base=149)
    (last / "report.en.html").write_text("<p>Twelve cases concerned trans women.</p>", encoding="utf-8")
    caught = [f"report.en.html of the earlier edition says {PARTNER} with another number than this edition"]
    then = earlier.read(last)
    assert readback.leaks(folder, rows, cases, book, SIGNED, then._replace(rows=before)) == caught
    far = before.assign(n=before.n.where(rows.id != PARTNER, 3))
    assert readback.leaks(folder, rows, cases, book, SIGNED, then._replace(rows=far)) == []


# Words that say that there is none, or one.

NONE, ONE, MANY = (f"02_genders.{code}" for code in ("non_binary", "trans_man", "trans_woman"))


@pytest.fixture(scope="module")
def says(book, tmp_path_factory):
    """What the attack finds in a text beside a safe table: 80 men, 54 women; 15, 1 and 0 are hidden."""
    cases = cases_of(book, gender=spread({"man": 80, "woman": 54, "trans_woman": 15, "trans_man": 1}))
    made = Source("ecom/kazakhstan_2024_cases.xlsx", RECORD, cases, {}, "kz", "2024")
    rows = pd.concat([results.total(made, book, "02"), results.one_way(made, book, "02", "gender")], ignore_index=True)
    place = tmp_path_factory.mktemp("few")
    write(hide.percentages(hide.without(rows, rows.index[rows.id.isin([NONE, ONE, MANY])]), book), book, place)

    def found(lang, text):
        for file in place.glob("*.html"):
            file.unlink()
        (place / f"report.{lang}.html").write_text(f"<p>{text}</p>", encoding="utf-8")
        return readback.leaks(place, rows, cases, book, set())
    return found


@pytest.mark.parametrize("lang, text, one", [
    ("en", "No case concerned a non-binary person.", NONE), ("en", "Not one non-binary person was among them.", NONE),
    ("en", "A non-binary person was never attacked.", NONE), ("en", "The only trans man was beaten.", ONE),
    ("en", "Just one of the cases concerned a trans man.", ONE), ("en", "One trans man was beaten.", ONE),
    ("en", "Of men, women and non-binary persons, the last were in none of the cases.", NONE),
    ("ru", "Не было ни одного случая, где пострадал небинарный человек.", NONE), ("ru", "Небинарный человек: 0 из 150.", NONE),
    ("ru", "Небинарный человек не упомянут ни разу.", NONE), ("ru", "Единственный трансгендерный мужчина был избит.", ONE),
    ("ru", "Пострадал лишь один трансгендерный мужчина.", ONE),
    ("kk", "Небинарлы адамға қатысты бірде-бір жағдай жоқ.", NONE), ("kk", "Ешбір жағдайда небинарлы адам аталмаған.", NONE),
    ("kk", "Жалғыз трансгендер ер адам соққыға жығылды.", ONE), ("kk", "Тек бір жағдай трансгендер ер адамға қатысты.", ONE)])
def test_none_and_the_only_one_are_numbers(lang, text, one, says):
    assert says(lang, text) == [f"report.{lang}.html says {one}"]


@pytest.mark.parametrize("lang, text", [
    ("en", "Men and women: no difference can be told."),
    ("en", "The only source is what men told."), ("en", "One woman of many was heard."), ("ru", "Мужчины: нет данных."),
    ("kk", "Ер адам: жоқ."), ("en", "Trans woman: protected. Woman: 54 of 150."), ("en", "A trans woman: protected. 15 of 150.")])
def test_such_words_beside_what_is_shown_say_nothing(lang, text, says):
    assert says(lang, text) == []


def test_every_pattern_of_none_and_only_says_its_number(book):
    table = codebook.listed(book.folder / "none_and_only.csv")
    assert set(table.language) == set(codebook.LANGUAGES) and set(table.value) == {"0", "1"}
    for lang, text, number in (("en", "none", 0), ("en", "the only one", 1), ("ru", "ни в одном", 0), ("ru", "единственной", 1),
                               ("kk", "бірде-бірі", 0), ("kk", "жалғызы", 1)):
        assert spoken.none_and_only(text, lang, book.folder) == {number}
    assert spoken.none_and_only("the only 3 cases", "en", book.folder) == set() == spoken.none_and_only("nonetheless", "en", book.folder)


@pytest.mark.parametrize("text, said", [("Denial of a health service: 2 of 31.", set()), ("Health workers, in 2 of 31 cases.", set()),
                                        ("Health: two of 31 cases.", {"02_victim_groups.health"})])
def test_a_name_inside_a_longer_label_that_is_shown_is_none(text, said, book, rows, tmp_path):
    like = rows[rows.id == "02_victim_groups.gay_man"].assign(n=2, base=31, share=2 / 31)
    whole = pd.concat([like.assign(id="02_victim_groups.health", by="victim_group:group", codes="health", hidden=True),
                       like.assign(id="a.b", by="violation", codes="denial_of_health_service", hidden=False),
                       like.assign(id="a.c", by="perpetrator", codes="health_worker", hidden=False)], ignore_index=True)
    (tmp_path / "a.txt").write_text(text, encoding="utf-8")
    assert {one.id for one in spoken.heard({"a.txt": tmp_path / "a.txt"}, whole, book)} == said


@pytest.mark.parametrize("text, said", [("Health worker: 2 of 31", set()), ("Health: 2 of 31", {"02_victim_groups.health"}),
                                        ("Health: protected. Other: 2 of 31", set()), ("Health, in 2 of 31", {"02_victim_groups.health"})])
def test_a_label_is_not_part_of_a_longer_one(text, said, book, rows):
    one = rows[rows.id == "02_victim_groups.gay_man"].assign(id="02_victim_groups.health", by="victim_group:group", codes="health", n=2,
                                                             base=31)
    assert {row.id for row in spoken.labelled(one.assign(hidden=True), book, text)} == said


# Sentences: in digits and in words, in each language, wherever a file can hold text.

SENTENCES = {"digits in one language only": ("report.kk.html", "<p>Трансгендер әйел: 150 ішінен 13.</p>", PARTNER),
             "digits in brackets": ("02_genders.en.txt", "Trans man (4 of 150).", SMALL),
             "digits in a row": ("report.ru.html", "<p>Трансгендерный мужчина | 4 / 150.</p>", SMALL),
             "a number in words": ("report.en.html", "<p>In thirteen cases, trans women were attacked.</p>", PARTNER),
             "a number in words, of its base": ("02_genders.en.txt", "Four of the 150 cases concern trans men.", SMALL),
             "a number in Russian words": ("report.ru.html", "<p>В четырёх случаях пострадал трансгендерный мужчина.</p>", SMALL),
             "a number in Kazakh words": ("report.kk.html", "<p>Трансгендер ер адам: төрт жағдай.</p>", SMALL),
             "a percentage": ("report.en.html", "<p>Trans man: 2.7 % of 150 cases.</p>", SMALL),
             "the hover text of a mark": ("report.en.html", '<p title="Trans man: 4 of 150">*</p>', SMALL),
             "what a screen reader says": ("report.en.html", '<svg><rect aria-label="Trans man: 4 of 150"/></svg>', SMALL),
             "a data attribute": ("report.en.html", '<p data-note="Trans man: 4 of 150">*</p>', SMALL),
             "the description of a picture": ("report.en.html", '<img alt="Bars. Trans man: 4 of 150." src="">', SMALL),
             "the description of a drawing": ("02_genders.en.svg", "<svg><desc>Trans man: 4 of 150</desc></svg>", SMALL),
             "a cell of a table": ("report.en.html", "<table><thead><tr><th>Gender</th><th>Cases</th></tr></thead>"
                                   "<tbody><tr><td>Trans man</td><td>4</td></tr></tbody></table>", SMALL)}


def docx(place, text, part):
    """A finished text with one more part, as a word processor writes a remark or describes a picture."""
    pypandoc.convert_text("Genders.", "docx", format="markdown", outputfile=str(place / "plain.docx"))
    changed(place / "plain.docx", place / "report.en.docx", "-", "-", "-")
    (place / "plain.docx").unlink()
    with zipfile.ZipFile(place / "report.en.docx", "a") as made:
        made.writestr(part, text)


@pytest.mark.parametrize("part, text", [
    ("word/comments2.xml", "<w:comments><w:comment><w:p><w:r><w:t>Trans man: four of 150.</w:t></w:r></w:p></w:comment></w:comments>"),
    ("word/extra.xml", '<w:p><wp:docPr id="1" name="Picture" descr="Bars. Trans man: 4 of 150."/></w:p>')])
def test_a_remark_or_a_description_in_a_docx_is_caught(part, text, folder, found):
    docx(folder, text, part)
    assert found(folder) == [f"report.en.docx says {SMALL}"]


def test_a_row_of_a_table_in_a_docx_is_caught(folder, found):
    text = "| Gender | Cases |\n|---|---|\n| Man | 80 |\n| Trans man | 4 |\n"
    pypandoc.convert_text(text, "docx", format="markdown", outputfile=str(folder / "report.en.docx"))
    assert found(folder) == [f"report.en.docx says {SMALL}"]


@pytest.mark.parametrize("said, low, high", [("More than half", 7, 13), ("Fewer than half", 0, 6), ("About one in four", 3, 3),
                                             ("At least four", 4, np.inf), ("31 %", 4, 4)])
def test_a_number_in_words_is_a_range(said, low, high):
    # Of a base of 13: half of it is 6.5; 20 to 30 % of it are 2.6 to 3.9, so 3; 30.5 to 31.5 % are 3.965 to 4.095, so 4.
    one = draft_numbers.of(f"{said} cases", "en")[0]
    row = draft_known.Row("a", "bars", frozenset(), frozenset(), None, "cases", "confidential", "a", 4, 13, 4 / 13, *[np.nan] * 3, "")
    assert tuple(map(float, spoken.span(row, one))) == (low, high)


def test_a_share_in_words_narrows_what_a_reader_can_think(folder, found):
    # 13 of the 20 whose parts are hidden would not be said by "fewer than half" of 150 (0 to 74); "one in ten" (8 to 22) keeps 5 values.
    (folder / "report.en.html").write_text("<p>Fewer than half of the cases concerned trans women.</p>", encoding="utf-8")
    assert found(folder) == []
    (folder / "report.en.html").write_text("<p>At most four cases concerned trans men.</p>", encoding="utf-8")
    assert found(folder) == []
    (folder / "report.en.html").write_text("<p>More than two cases concerned trans men.</p>", encoding="utf-8")
    assert f"{SMALL} can be found out from other numbers and from what report.en.html says" in found(folder)


@pytest.mark.parametrize("name", SENTENCES)
def test_one_sentence_is_caught(name, folder, found, monkeypatch):
    monkeypatch.setattr(readback.drawn, "drawn", lambda *_, **__: [])  # a drawing of nothing but its description has no bars
    file, text, one = SENTENCES[name]
    (folder / file).write_text(text, encoding="utf-8")
    assert found(folder) == [f"{file} says {one}"]


# A project, from its sheet to what is refused.


def test_what_leaks_is_refused_before_it_is_published_with_exit_3(tmp_path, monkeypatch):
    monkeypatch.setenv("CASEBOOK_HOME", str(confidential.project(tmp_path, 31)))
    book, place, out = codebook.load(), f"data/processed/{confidential.REPORT}", tmp_path / "publication"
    source.prepare(place, [confidential.SHEET], book)
    part = source.opened(place, confidential.SHEET, book)
    ledger.keep(place, results.total(part, book, "02"), *(results.one_way(part, book, "02", v) for v in ("gender", "violation")))
    out.mkdir()
    write(protect.publication(ledger.gather(place), book, place).results, book, out)
    left = protect.attacked(place, out, ledger.gather(place), book)
    assert len(left) and set(left.file) == {confidential.SHEET}
    one = left.id[0]
    (out / "report.en.txt").write_text(f"{book.label('gender', one.rpartition('.')[2], 'en')}: "
                                       f"{ledger.gather(place).set_index('id').n[one]:.0f} of 31", encoding="utf-8")
    with pytest.raises(protect.Refused, match=f"(?s)Nothing was published.*report.en.txt says {one}"):
        protect.attacked(place, out, ledger.gather(place), book)
    # The same in the last edition alone, which counted one case more of it.
    last, whole = tmp_path / "figures" / "last", ledger.gather(place)
    last.mkdir(parents=True)
    (out / "report.en.txt").rename(last / "report.en.txt")
    with pytest.raises(protect.Refused, match=f"report.en.txt of the earlier edition says {one}$"):
        protect.attacked(place, out, whole, book, "figures/last")
    then = whole.n.where(whole.id != one, whole.n + 1)
    ledger.keep("data/processed/last", whole.assign(n=then))
    (last / "report.en.txt").write_text((last / "report.en.txt").read_text(encoding="utf-8").replace(
        f"{whole.n[whole.id == one].iloc[0]:.0f} of", f"{then[whole.id == one].iloc[0]:.0f} of"), encoding="utf-8")
    with pytest.raises(protect.Refused, match=f"report.en.txt of the earlier edition says {one} with another number than this edition$"):
        protect.attacked(place, out, whole, book, "figures/last")
    assert run.KINDS[protect.Refused.__name__] == 3

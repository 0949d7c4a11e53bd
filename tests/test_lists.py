"""Several lists of the same events in a report: counted once, how many stand where, and when an estimate is made or refused."""

import csv
import hashlib
import itertools
import shutil

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
import yaml
from conftest import RAW, ROOT

from analysis import figure, ledger, parameters, protect, results, run, show, source, tidy, trace
from analysis.events import lists, overlap
from analysis.problems import DataError, UsageError
from analysis.wording import sentences
from tests.test_overlap import decided, listed

FOLDER = "data/processed/x"
COLUMNS = ["Case code", "Date", "Violation", "Perpetrator", "Region", "Victim group"]
DECIDED = ["invented", "A. Tester", "2026-01-20"]
OFFICES = ("ecom", "media", "partner")
CHANCES = (0.5, 0.4, 0.3)  # that an invented event stands in each list
WHOLE = 120
FILES = [f"{office}/2024.csv" for office in OFFICES]


@pytest.fixture(scope="module")
def planted(book):
    """120 invented events of 2024, their codes, and which of three lists hold each (True or False)."""
    pick = lambda variable, at: book.label(variable, book.of(variable)[at])  # noqa: E731
    rows = [(f"2024-{1 + k % 12:02d}-{1 + 7 * k % 28:02d}", pick("violation", k % 12), pick("perpetrator", 5 * k % 8),
             pick("region", k % 15), pick("victim_group", 3 * k % 6)) for k in range(WHOLE)]
    return rows, np.random.default_rng(1).random((WHOLE, 3)) < CHANCES


@pytest.fixture(scope="module")
def project(tmp_path_factory, planted):
    """A project whose data/raw holds the three lists, and a decision about each pair of an event: the same, or not."""
    root = tmp_path_factory.mktemp("lists")
    shutil.copytree(ROOT / "data" / "codebook", root / "data" / "codebook")
    rows, held = planted
    for at, office in enumerate(OFFICES):
        listed = [(f"{office[0].upper()}-{k}", *rows[k]) for k in range(WHOLE) if held[k, at]]
        write(root, f"{office}/2024.csv", listed)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CASEBOOK_HOME", str(root))
        yield root


def write(root, file, rows, columns=COLUMNS, **lines):
    """One list with its source record."""
    path = root / "data" / "raw" / file
    path.parent.mkdir(parents=True, exist_ok=True)
    pd.DataFrame(rows, columns=columns).to_csv(path, index=False)
    office = file.partition("/")[0]
    record = {"title": f"Invented list of {office}", "publisher": office, "page": "none", "received": "2026-01-01", "licence": "invented",
              "sha256": hashlib.sha256(path.read_bytes()).hexdigest(), "level": "public", "cite": f"{office}, invented",
              "cannot_say": [f"What {office} cannot say.", "Nothing here happened."], "unit": "cases", "period": "2024", "place": "kz",
              "documented_by": office, "definition": "an invented event", "note": "invented"} | lines
    path.with_name(path.name + ".source.yml").write_text(yaml.safe_dump(record), encoding="utf-8")


@pytest.fixture(scope="module")
def single(project, book):
    """The three lists, each prepared for itself."""
    return source.prepare(FOLDER, FILES, book)


def decide(root, planted, files, book, prepared, leave=0):
    """Put lists together after deciding every pair: those planted as one event yes, all others that are proposed no, but for so many."""
    _, held = planted
    names = [OFFICES.index(file.partition("/")[0]) for file in files]
    lines = [(*case(a, k), *case(b, k), "yes") for k in range(WHOLE) for a, b in itertools.pairwise([at for at in names if held[k, at]])]
    for _ in range(4):
        with open(root / "data" / "raw" / "same_events.csv", "w", encoding="utf-8", newline="") as out:
            csv.writer(out).writerows([overlap.DECISION, *([*line, *DECIDED] for line in lines)])
        made = source.pooled(root / FOLDER, tuple(files), book, prepared)
        asked = pd.read_parquet(source.undecided_file(root / FOLDER, files))
        if len(asked) <= leave:
            return made
        lines += [(*pair, "no") for pair in asked[list(overlap.DECISION[:4])].iloc[leave:].itertuples(index=False)]
    raise AssertionError("pairs are proposed again and again")


def case(at, k):
    """An event as one list names it."""
    return f"{OFFICES[at]}/2024.csv", f"{OFFICES[at][0].upper()}-{k}"


@pytest.fixture(scope="module")
def three(project, planted, single, book):
    """The report's source of all three lists, and what preparing it told."""
    prepared = decide(project, planted, FILES, book, single)
    return source.opened(FOLDER, FILES, book, "kz", "2024"), prepared


def standing(held):
    """How many events stand in exactly which lists, counted with sets of the planted ones."""
    rows = [tuple(itertools.compress(OFFICES, row)) for row in held if row.any()]
    return {one: rows.count(one) for n in (1, 2, 3) for one in itertools.combinations(OFFICES, n)}


# Counted once


def test_each_event_is_counted_once_and_the_rows_still_balance(three, planted):
    _, prepared = three
    _, held = planted
    # An event is counted in the first of its lists by name.
    first = [int((held[:, :at].sum(axis=1) == 0)[held[:, at]].sum()) for at in range(3)]
    rows = prepared.rows.set_index("file")
    assert rows.cases.tolist() == first and rows.cases.sum() == held.any(axis=1).sum()
    assert rows.elsewhere.tolist() == [int(held[:, at].sum()) - first[at] for at in range(3)]
    assert (rows.rows_read == rows.cases + rows.joined + rows.set_aside + rows.elsewhere).all()
    why = prepared.ledger.groupby(["file", "what"]).rows.sum()
    assert why["media/2024.csv", "stands in another list"] == rows.elsewhere["media/2024.csv"]
    assert prepared.ledger.groupby("file").rows.sum().to_dict() == rows.rows_read.to_dict()


def test_a_breakdown_of_the_report_is_that_of_the_planted_events(three, planted, book):
    part, _ = three
    rows, held = planted
    found = results.one_way(part, book, "02", "violation").set_index("codes").n
    said = [rows[k][1] for k in range(WHOLE) if held[k].any()]
    assert {book.label("violation", code): n for code, n in found.items() if n} == {one: said.count(one) for one in set(said)}


def test_a_source_of_several_lists_says_what_is_said_of_any_of_them(three):
    part, _ = three
    assert (part.record["unit"], part.record["period"], part.record["place"], part.record["level"]) == ("cases", "2024", "kz", "public")
    assert part.record["cite"] == "ecom, invented; media, invented; partner, invented"
    assert part.record["cannot_say"] == [f"What {OFFICES[0]} cannot say.", "Nothing here happened.",
                                         *(f"What {office} cannot say." for office in OFFICES[1:])]
    assert source.named([FILES, "", FILES[0]]) == FILES
    assert source.record(part.file) == part.record


def test_the_most_protected_list_decides_the_level_and_other_places_years_and_units_are_put_together(project):
    one = source.source_record(source.path(FILES[0]))
    made = source.pooled_record({"a/1.csv": one, "a/2.csv": one | {"level": "confidential", "place": "kg", "period": "2021-2023",
                                                                   "unit": "incidents", "coded": ["setting"]}})
    assert (made["level"], made["period"], made["unit"], made["coded"]) == ("confidential", "2021-2024", "cases", ["setting"])
    assert "place" not in made
    with pytest.raises(UsageError, match="cases and victims, which cannot be counted together"):
        source.pooled_record({"a/1.csv": one, "a/2.csv": one | {"unit": "victims"}})


def test_an_event_entered_twice_in_a_list_is_a_further_row_of_it(book):
    same = ("2024-02-02", {"violation": "killing"})
    made = [listed(book, "a", [("A-1", *same)]), listed(book, "b", [("B-1", *same), ("B-2", *same), ("B-3", *same)])]
    twice, across = ("b", "B-1", "b", "B-2", "yes"), ("a", "A-1", "b", "B-1", "yes")
    moved = lambda *lines: overlap.counted_elsewhere(made, decided(*lines), book).values.tolist()  # noqa: E731
    assert moved() == []
    assert moved(twice) == [["b", "Cases", "further row of an event", 1]]
    assert moved(across) == [["b", "Cases", "stands in another list", 1]]
    # Both rows of b are one event, and it is counted in a, which comes first by name.
    assert moved(twice, across) == [["b", "Cases", "stands in another list", 2]]


def test_what_a_report_prepares_is_the_lists_put_together(project, three, book):
    _, prepared = three
    whole = source.prepare("data/processed/y", [FILES, FILES[0]], book)
    pd.testing.assert_frame_equal(whole.rows, prepared.rows)
    pd.testing.assert_frame_equal(whole.ledger, prepared.ledger)
    assert all(source.opened("data/processed/y", one, book).cases.exists() for one in (FILES, FILES[0]))


def test_a_decision_that_cannot_be_stops_the_report(project, single, book, monkeypatch):
    wrong = overlap.problem("event_years_differ", "a.csv", values="2023 / 2024", cases="a")
    monkeypatch.setattr(overlap, "events", lambda *_: overlap.Events(pd.DataFrame(), [], [wrong]))
    with pytest.raises(DataError, match="different years"):
        source.pooled(project / FOLDER, tuple(FILES), book, single)


def test_a_report_may_name_several_lists_and_depends_on_the_decisions(project, monkeypatch):
    given = {"title": {"en": "x"}, "edition": "2026-01-01", "languages": ["en"], "country": "kz", "period": "2024", "by": ["violation"]}
    full = parameters.checked(given | {"cases": FILES}, "x.yml")
    assert full["cases"] == FILES
    for wrong in ([FILES[0]], [FILES[0], FILES[0]], [FILES[0], "none/2024.csv"], []):
        with pytest.raises(UsageError, match="cases"):
            parameters.checked(given | {"cases": wrong}, "x.yml")
    with pytest.raises(UsageError, match="incidents: .* cannot be used"):
        parameters.checked(given | {"cases": FILES[0], "incidents": FILES}, "x.yml")
    monkeypatch.setattr(run, "NOTEBOOKS", ())
    assert {*FILES, "same_events.csv"} <= {one.removeprefix("data/raw/") for one in run.inputs(full)}
    assert "data/raw/same_events.csv" not in run.inputs(parameters.checked(given | {"cases": FILES[0]}, "x.yml"))


# How many stand where


def test_the_lists_of_the_events_are_those_planted_and_add_up(three, planted, book):
    found = lists.together(three[0], book, "01")
    assert {tuple(text.split("; ")): n for text, n in zip(found.text, found.n)} == standing(planted[1])
    assert set(found.base) == {found.n.sum()} and found.share.sum() == pytest.approx(1)
    assert found.id.tolist()[3] == "01_lists.ecom.media" and found.form.unique() == ["lists"]


def test_the_cases_behind_a_number_of_lists_are_found(three, planted, book):
    part, _ = three
    row = lists.together(part, book, "01").iloc[3]
    found = trace.counted(tidy.load(part.cases, book), row, book)
    _, held = planted
    assert sorted(found.case_id) == sorted(f"ecom/2024.csv: E-{k}" for k in range(WHOLE) if held[k].tolist() == [True, True, False])


def test_a_report_of_one_list_has_none_of_this(single, book):
    part = source.opened(FOLDER, FILES[0], book)
    assert lists.together(part, book, "01").empty and lists.estimate(part, book, "01").empty and lists.estimate(None, book, "01").empty


# The estimate


def test_two_lists_are_estimated_as_chapman_says(project, planted, single, book):
    decide(project, planted, FILES[:2], book, single)
    part = source.opened(FOLDER, FILES[:2], book, "kz", "2024")
    _, held = planted
    first, second, both = held[:, 0].sum(), held[:, 1].sum(), (held[:, 0] & held[:, 1]).sum()
    found = lists.estimate(part, book, "01").set_index("codes")
    assert found.value["estimate"] == pytest.approx((first + 1) * (second + 1) / (both + 1) - 1)
    assert found.low["estimate"] < WHOLE < found.high["estimate"]  # 120 were planted
    less = found.loc["estimate", ["value", "low", "high"]] - found.loc["unlisted", ["value", "low", "high"]]
    assert less.tolist() == pytest.approx([first + second - both] * 3)
    assert found.method.unique() == ["chapman"] and set(found.n) == {first + second - both}


def test_three_lists_are_estimated_by_all_models(three, planted, book):
    found = lists.estimate(three[0], book, "01").set_index("codes")
    assert found.low["estimate"] < WHOLE < found.high["estimate"]
    models = found[found.method == "profile"]
    assert len(models) >= 3 and (models.share >= 0.05).all() and models.share.sum() <= 1
    assert models.text.iloc[0] == "" or " + " in models.text.iloc[0]
    assert (models.low < models.value).all() and (models.value < models.high).all()
    assert ((found.low + 1e-9 >= found.n) | (found.index == "unlisted")).all()


def test_an_estimate_says_what_it_supposes_and_what_it_is_not(three, book, capsys):
    found = lists.estimate(three[0], book, "01")
    row = found.iloc[0]
    said = sentences.of(row, book)
    assert said.startswith(f"Lists such as ecom, media and partner could have held about {round(row.value)} events in all "
                           f"(95% interval {round(row.low)} to {round(row.high)}); {row.n:.0f} of them are listed.")
    assert "within a list every event is as likely to be listed" in said and "does not say how many violations there are" in said
    assert not any("documented case" in sentences.of(one, book) for one in found.itertuples())  # what no list holds is not documented
    show.said(found, book)
    assert "stand in none of them" in capsys.readouterr().out
    stand = sentences.of(lists.together(three[0], book, "01").iloc[3], book)
    assert stand.endswith("documented cases stand in ecom and media, and in no other list.")


def test_lists_and_estimate_draw_themselves_with_every_number(three, book):
    tables = [lists.together(three[0], book, "01"), lists.estimate(three[0], book, "01")]
    safe = protect.publication(pd.concat(tables, ignore_index=True))
    for name, table in zip(safe.tables, tables):
        fig = figure.draw(safe, name, book)
        texts = {text.get_text() for text in fig.findobj(plt.Text)}
        shown = table.n[table.codes.str.contains("+", regex=False)] if name == "01_lists" else table.value[table.codes != "unlisted"]
        assert {str(round(n)) for n in shown} <= texts
        plt.close(fig)
    described = figure.description(safe, "01_unlisted", book)
    assert f"estimate: {round(tables[1].value[0])} (" in described and "weight" in described
    assert "nan" not in described


# Refusals


def rules(part, book, **lines):
    """The rules for which an estimate is refused when the records of its lists say something else: list -> lines."""
    records = {file: one | lines.get(file.partition("/")[0], {}) for file, one in part.record["lists"].items()}
    changed = part._replace(record=part.record | {"lists": records})
    return {one.rule for one in lists.refusals(changed, book, lists.histories(changed, book))}


def test_lists_that_can_carry_an_estimate_are_not_refused(three, book):
    assert rules(three[0], book) == set()


@pytest.mark.parametrize("rule,lines", [
    ("estimate_period", {"media": {"period": "2025"}}), ("estimate_place", {"media": {"place": "kg"}}),
    ("estimate_definition", {"media": {"definition": "a crime"}}), ("estimate_definition", {"media": {"definition": ""}}),
    ("estimate_made_of", {"media": {"made_of": ["Partner"]}})])
def test_lists_of_other_events_or_made_of_one_another_are_refused(three, book, rule, lines):
    assert rules(three[0], book, **lines) == {rule}


def test_a_list_that_covers_more_than_the_report_is_not_refused(three, book):
    assert rules(three[0], book, media={"period": "2020-2025"}) == set()
    for period in ("2023-2024", "2024-2025"):
        assert rules(three[0]._replace(period=period), book) == {"estimate_period"}


def table_of(counts, names=OFFICES):
    """A table of histories in the order of `overlap`: alone, in two, in all."""
    inside = sorted((row for row in itertools.product((True, False), repeat=len(names)) if any(row)), key=sum)
    return pd.DataFrame(inside, columns=list(names)).assign(events=counts)


CALLED = {name: name for name in OFFICES}


def of(found):
    return [one.rule for one in found]


def test_lists_that_hardly_overlap_are_refused():
    two = dict(itertools.islice(CALLED.items(), 2))
    assert of(lists.overlaps(table_of([30, 20, 6], OFFICES[:2]), two)) == ["estimate_matches"]
    assert of(lists.overlaps(table_of([30, 20, 7], OFFICES[:2]), two)) == []
    assert of(lists.overlaps(table_of([30, 20, 0], OFFICES[:2]), two)) == ["estimate_matches"]
    # ecom 30, media 20, partner 10 alone; ecom and media share 9, and partner nothing with anybody.
    assert of(lists.overlaps(table_of([30, 20, 10, 9, 0, 0, 0]), CALLED)) == ["estimate_alone"]


def test_a_list_inside_the_only_other_is_refused():
    two = dict(itertools.islice(CALLED.items(), 2))
    found = lists.overlaps(table_of([30, 0, 12], OFFICES[:2]), two)
    assert of(found) == ["estimate_inside"] and "of media stands" in found[0].message
    assert of(lists.overlaps(table_of([30, 20, 0, 9, 4, 3, 5]), CALLED)) == []  # of three lists that is no proof


def test_models_that_cannot_be_decided_or_tested_are_refused():
    # Hepatitis A (Chao et al. 2001): ecom, media, partner alone 69, 55, 63; in two 21, 17, 18; in all 28. Tests found 545, the model 1,313.
    fits = lambda counts: lists.recapture.models(*lists.cells(table_of(counts)))  # noqa: E731
    assert of(lists.model_refusals(fits([69, 55, 63, 21, 17, 18, 28]), 3, "x")) == ["estimate_untestable"]
    assert of(lists.model_refusals(fits([0, 0, 0, 0, 0, 0, 9]), 3, "x")) == ["estimate_model"]
    assert of(lists.model_refusals(fits([60, 40, 50, 30, 25, 20, 15]), 3, "x")) == []


def test_pairs_that_nobody_decided_are_refused(project, planted, single, book):
    decide(project, planted, FILES[:2], book, single, leave=2)
    part = source.opened(FOLDER, FILES[:2], book, "kz", "2024")
    found = lists.estimate(part, book, "01")
    assert found.codes.tolist() == ["estimate"] and found.no_value.tolist() == ["not_estimated"] and found.value.isna().all()
    assert rules(part, book) == {"estimate_undecided"}
    assert found.text[0].startswith("2 pairs may be one event")
    assert sentences.of(found.iloc[0], book) == f"There is no estimate of what these lists leave out. {found.text[0]}"
    safe = protect.publication(found)
    fig = figure.draw(safe, "01_unlisted", book)
    said = " ".join(text.get_text() for text in fig.findobj(plt.Text)).replace("\n", " ")
    boxes = [text.get_window_extent() for text in (*fig.texts, *fig.axes[0].texts)]
    assert not any(one.overlaps(other) for one, other in itertools.combinations(boxes, 2))
    plt.close(fig)
    assert "There is no estimate" in said and "same_events.csv" in said
    assert "2 pairs may be one event" in figure.description(safe, "01_unlisted", book)


def test_six_lists_are_too_many(three, book):
    part, _ = three
    records = {f"{n}/2024.csv": part.record["lists"][FILES[0]] | {"documented_by": str(n)} for n in range(6)}
    many = part._replace(record=part.record | {"lists": records})
    assert "estimate_lists" in {one.rule for one in lists.refusals(many, book, table_of([9] * 63, list(records)))}


@pytest.fixture(scope="module")
def public(tmp_path_factory, book):
    """The public lists of Kazakhstan put together: ECOM's 31 cases of 2024 and ODIHR's 89 incidents of 2016 to 2022."""
    folder = tmp_path_factory.mktemp("public")
    files = ["ecom/kazakhstan_2024_cases.xlsx", "odihr/kazakhstan_2016_2022_coded.xlsx"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CASEBOOK_HOME", str(ROOT))
        source.prepare(folder, [files], book)
        yield source.opened(folder, files, book, "kz")


def test_the_public_lists_are_counted_together_and_refuse_an_estimate(public, book, monkeypatch):
    monkeypatch.setenv("CASEBOOK_HOME", str(ROOT))
    stand = lists.together(public, book, "01")
    assert dict(zip(stand.text, stand.n)) == {"ECOM": 31, "ODIHR": 89, "ECOM; ODIHR": 0} and set(stand.unit) == {"cases"}
    found = {one.rule for one in lists.refusals(public, book, lists.histories(public, book))}
    # Other years, other definitions, no date in ECOM's reconstructed sheet, and no event in common; ODIHR's list holds reports of ECOM.
    assert found == {"estimate_period", "estimate_definition", "estimate_made_of", "estimate_matches", "estimate_coarse"}
    assert lists.estimate(public, book, "01").no_value.tolist() == ["not_estimated"]


def test_odihrs_list_of_kazakhstan_holds_five_reports_of_ecom():
    table = pd.read_csv(RAW / "odihr" / "incidents_2016_2022_without_usa.csv.gz", dtype=str)
    mine = table[(table.Country == "Kazakhstan") & table.Source.str.contains("Eurasian Coalition on Health", na=False)]
    assert len(mine) == 5
    for file in ("incidents_2016_2022_without_usa.csv.gz", "kazakhstan_2016_2022_coded.xlsx"):
        assert source.source_record(RAW / "odihr" / file)["made_of"] == ["ECOM"]


def test_every_result_is_a_row_of_the_ledger(three, book):
    for table in (lists.together(three[0], book, "01"), lists.estimate(three[0], book, "01")):
        assert list(table.columns) == list(ledger.COLUMNS) and table.id.is_unique
        assert set(table.level) == {"public"} and set(table.place) == {"kz"} and set(table.file) == {"; ".join(FILES)}

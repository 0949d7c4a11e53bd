"""One row of results as a sentence."""

import pandas as pd

from analysis import results, source
from analysis.ledger import complete
from analysis.wording import sentences


def part(book, tmp_path, file, **how):
    source.prepare(tmp_path, [file], book)
    return source.opened(tmp_path, file, book, **how)


def said(table, book, code):
    return sentences.of(next(table[table.codes == code].itertuples(index=False)), book)


def test_results_are_said_with_their_base_interval_and_unit(book, tmp_path):
    # 9 of 31: Wilson's interval is 16.1 to 46.6 % (statsmodels proportion_confint(9, 31, method="wilson")).
    ecom = part(book, tmp_path, "ecom/kazakhstan_2024_cases.xlsx")
    violations = results.one_way(ecom, book, "02", "violation")
    assert said(violations, book, "fake_date") == "9 of 31 documented cases (29%; 16 to 47%) involved “fake date”."
    assert sentences.of(next(results.total(ecom, book, "02").itertuples()), book) == "31 documented cases."
    crossed = results.cross(ecom, book, "02", "violation", "right")
    assert "involved “fake date” and touched “" in said(crossed, book, "fake_date,privacy")


def test_a_combination_is_said_to_be_all_there_was_and_mentions_no_share_of_cases(book, tmp_path):
    odihr = part(book, tmp_path, "odihr/kazakhstan_2016_2022_coded.xlsx")
    combined = results.together(odihr, book, "03", "bias_motivation")
    several = combined[combined.codes.str.contains("+", regex=False)].iloc[0]
    assert "had exactly “" in said(combined, book, several.codes)
    mentioned = said(results.mentions(odihr, book, "03", "bias_motivation"), book, "anti_lgbti")
    assert mentioned.startswith("64 of 112 mentions (57%)") and "not a share of cases" in mentioned


def test_a_share_of_nothing_is_said_to_be_none(book):
    row = complete(pd.DataFrame({"id": ["a"], "form": ["years"], "by": ["violation"], "codes": ["threat"], "n": [0],
                                                   "base": [0], "unit": ["incidents"]})).iloc[0]
    assert sentences.of(row, book) == "There are no reported incidents of which it could be said that they involved “threats”."

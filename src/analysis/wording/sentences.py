"""One row of results -> the sentence that says it, with its base, interval and unit."""

from analysis.codebook import Codebook
from analysis.count import own
from analysis.stats import CONFIDENCE
from analysis.wording import words, year_sentences

NAMES = ("country", "region", "reporter")  # variables whose codes are names


def of(row, book: Codebook, lang: str = "en") -> str:
    """The sentence of one row of results, as its form is said; one of a table without a form of its own says a share.

    The texts of the row are those of the language already; see languages.table.

    9 of 31 documented cases (29%; 16 to 47%) involved “fake date”. Raises UsageError for a language without phrases.
    """
    return FORMS.get(row.form, share)(row, book, lang)


def phrases(lang: str) -> dict:
    """The phrases of sentences in a language."""
    return words.of(lang)["sentences"]


def share(row, book: Codebook, lang: str) -> str:
    """How many of the base have the codes of the row; a base of 0 says that there is nothing to take a share of."""
    say, what = phrases(lang), said(row, book, lang)
    unit = words.ruled(words.unit(row.base, row.unit, lang) if row.base else words.units(row.unit, lang), row.base_rule, lang)
    if row.base == 0:
        return say["no_base"].format(unit=unit, what=what)
    sure = words.interval(row.low, row.high, lang)
    return say["share"].format(of=words.share_of(row.n, row.base, lang), unit=unit, percent=words.percent(row.share, lang), interval=sure,
                               what=what)


def said(row, book: Codebook, lang: str) -> str:
    """What the cases of a row have, as the end of a sentence: involved “fake date” and name “police” as perpetrator."""
    say = phrases(lang)
    codes = zip(row.by.split(","), row.codes.split(","))
    return words.joined([say["has"].get(own(variable), say["has"]["other"]).format(
        label=quoted(variable, code, book, lang, row.form), variable=words.first_lower(book.name(variable, lang)))
        for variable, code in codes], lang)


def quoted(variable: str, code: str, book: Codebook, lang: str, form: str = "") -> str:
    """The label of a code in quotation marks; of several, whether they are any of them, all of them, or all there were."""
    labels = words.joined([marked(variable, one, book, lang) for one in code.split("+")], lang)
    how = form if form in ("any_of", "all_of") else "exactly"
    return phrases(lang)[how].format(labels=labels) if "+" in code else labels


def marked(variable: str, code: str, book: Codebook, lang: str) -> str:
    """The label of one code in quotation marks; a name keeps its capital."""
    label = words.label(variable, code, book, lang)
    return words.of(lang)["report"]["quoted"].format(label=label if variable in NAMES else words.first_lower(label))


def summed(row, book: Codebook, lang: str) -> str:
    """How many victims, perpetrators or acts a code has; they have no interval."""
    say = phrases(lang)
    if row.base == 0:
        return say["sum_of_none"].format(unit=words.units(row.unit, lang))
    return say["sum"].format(of=words.share_of(row.n, row.base, lang), unit=words.unit(row.base, row.unit, lang),
                             percent=words.percent(row.share, lang), label=quoted(row.by, row.codes, book, lang),
                             variable=words.first_lower(book.name(row.by, lang)))


def total(row, book: Codebook, lang: str) -> str:
    """How many there are."""
    return phrases(lang)["total"].format(counted=words.counted(row.n, row.unit, lang))


def mention(row, book: Codebook, lang: str) -> str:
    """How many of all mentions a code has, which is no share of cases."""
    label = quoted(row.by, row.codes, book, lang)
    return phrases(lang)["mention"].format(of=words.share_of(row.n, row.base, lang), percent=words.percent(row.share, lang), label=label,
                                           unit=words.unit(row.base, row.unit, lang))


def registered(row, book: Codebook, lang: str) -> str:
    """What somebody else printed, and what it can and cannot be; without the page, which ends the note."""
    return words.of(lang)["register"]["sentence"].format(text=row.text, why=row.note.rpartition("; ")[0])


def printed_total(row, book: Codebook, lang: str) -> str:
    """A number of cases that somebody printed for a country, or for a group of countries, and a year."""
    where = ", ".join(filter(None, [words.place(row.place, book, lang), row.period]))
    return f"{where}: {words.count(row.value, lang)} ({row.text})."


def claimed(row, book: Codebook, lang: str) -> str:
    """What a report claims, and what came of recomputing it."""
    verdict = words.of(lang)["report"]["verdicts"].get(row.no_value, row.no_value)
    return phrases(lang)["claim"].format(text=row.text[:1].upper() + row.text[1:], verdict=verdict, why=row.note)


def quotient(row, book: Codebook, lang: str) -> str:
    """A percentage that somebody printed, with the two counts it is the quotient of."""
    return phrases(lang)["quotient"].format(text=row.text[:1].upper() + row.text[1:], of=words.share_of(row.n, row.base, lang),
                                            percent=words.percent(row.share, lang), printed=words.percent(row.value, lang))


def money(row, book: Codebook, lang: str) -> str:
    """A sum in dollars at the rate of its year and what was printed for it, or whether one rate fits all that was printed."""
    note, _, why = row.note.partition("; ")
    say, at = words.of(lang)["money"], {"text": row.text, "note": note, "why": why}
    if row.low == row.low:
        at |= {"low": words.decimal(row.low, 1, lang), "high": words.decimal(row.high, 1, lang)}
    if row.n != row.n:
        return say["fits" if row.low == row.low else "fits_none"].format(**at)
    at |= {"dollars": words.count(round(row.n), lang)}
    return say["said"].format(**at, printed=words.count(row.value, lang)) if row.value == row.value else say["no_sum"].format(**at)


def listed(row, book: Codebook, lang: str) -> str:
    """How many events stand in exactly which lists."""
    say, lists = words.of(lang)["lists"], row.text.split("; ")
    unit, only = words.unit(row.base, row.unit, lang), say["only"]
    return say["stand"].format(of=words.share_of(row.n, row.base, lang), unit=unit, lists=words.joined(lists, lang), only=only)


def unlisted(row, book: Codebook, lang: str) -> str:
    """How many events such lists could have held, with what that supposes; or why there is no estimate."""
    say = words.of(lang)["lists"]
    if row.no_value:
        return say["refused"].format(why=row.text)
    kind = "said_model" if row.text else "said_independent"
    kind = row.codes if row.codes in ("estimate", "unlisted") else kind
    lists, whole = row.text.split("; "), round(row.value)
    return say[kind].format(value=words.count(whole, lang), lists=words.joined(lists, lang),
                            pairs=", ".join(lists), interval=words.between(row.low, row.high, lang), listed=words.count(row.n, lang),
                            supposed=say["suppose"].get(row.method, ""))


def rank(row, book: Codebook, lang: str) -> str:
    """How many have a code, its rank by count, and which ranks are left open; most common only where no other rank and no tie is."""
    say = phrases(lang)
    kind = "rank" if row.low < row.high else "rank_first" if row.high == 1 else "rank_sure"
    numbers = {name: words.count(number, lang) for name, number in (("rank", row.value), ("low", row.low), ("high", row.high))}
    return say[kind].format(of=words.share_of(row.n, row.base, lang), unit=words.unit(row.base, row.unit, lang),
                            percent=words.percent(row.share, lang), what=said(row, book, lang), **numbers)


def pair(row, book: Codebook, lang: str) -> str:
    """How the share of one code differs between cases with another and those without it, in percentage points."""
    first, second = (said(row._replace(by=by, codes=code), book, lang) for by, code in zip(row.by.split(","), row.codes.split(",")))
    points = {name: words.decimal(100 * number, 0, lang) for name, number in (("points", row.value), ("low", row.low), ("high", row.high))}
    shares = {"percent": words.percent(row.share, lang), "rest": words.percent(row.share - row.value, lang)}
    return phrases(lang)["pair"].format(base=words.counted(row.base, row.unit, lang), first=first, second=second,
                                        of=words.count(row.n, lang), **shares, **points)


def independence(row, book: Codebook, lang: str) -> str:
    """Whether two variables go together, with the test: adjusted over all tests of the report as soon as they are known."""
    say = phrases(lang)
    adjusted = row.p_holm if row.p_holm == row.p_holm else row.p
    chi2, p = say["chi2"].format(value=words.decimal(row.value, 1, lang)), probability(row.p, lang)
    if row.p_holm == row.p_holm:
        p = say["holm"].format(p=p, adjusted=probability(row.p_holm, lang))
    df = words.decimal(float(row.text), 1, lang) if row.text else ""
    test = say["rao_scott" if df else "shuffled"].format(chi2=chi2, df=df, p=p)
    first, second = (words.first_lower(book.name(variable, lang)) for variable in row.by.split(","))
    return say["together" if adjusted < 1 - CONFIDENCE else "not_together"].format(
        first=first[:1].upper() + first[1:] if adjusted < 1 - CONFIDENCE else first, second=second,
        base=words.counted(row.base, row.unit, lang), test=test)


def probability(p: float, lang: str) -> str:
    """A p as it is printed: four decimals, and no smaller than they can show."""
    say = phrases(lang)
    return say["p_below"].format(p=words.decimal(0.0001, 4, lang)) if p < 0.0001 else say["p"].format(p=words.decimal(p, 4, lang))


def stage(row, book: Codebook, lang: str) -> str:
    """How many of all cases give one answer about a stage of the way to justice, or that nothing in them can give it."""
    say, (name, answer) = words.of(lang)["funnel"], row.codes.split(",")
    at = {"stage": marked("stage", name, book, lang), "answer": marked("answer", answer, book, lang)}
    if row.no_value:
        return say["no_such_answer"].format(**at)
    return say["answered"].format(of=words.share_of(row.n, row.base, lang), unit=words.unit(row.base, row.unit, lang),
                                  sure=sure(row, lang), **at)


def sure(row, lang: str) -> str:
    """A share with its interval, where it has one: 29%; 16 to 47%."""
    return "; ".join([words.percent(row.share, lang), *([words.interval(row.low, row.high, lang)] if row.low == row.low else [])])


def reached(row, book: Codebook, lang: str) -> str:
    """How many cases have reached a stage, of those of which it is known and of all; or that nothing in them can say no."""
    say, whole = words.of(lang)["funnel"], words.counted(int(row.text.split(" ")[-1]), row.unit, lang)
    whether = say["whether"].get(row.codes) or say["whether"]["other"].format(label=words.first_lower(book.label("stage", row.codes, lang)))
    kind = "only_yes" if row.no_value else "said" if row.base else "none_known"
    known = {"known": words.count(row.base, lang), "of_known": words.percent(row.share, lang),
             "interval": words.interval(row.low, row.high, lang)} if kind == "said" else {}
    of_all = words.percent(row.value, lang)
    of = words.of(lang)["of"].format(n=words.count(row.n, lang), base=whole)
    return say[kind].format(all=whole, of=of, n=words.count(row.n, lang), whether=whether, of_all=of_all, **known)


def series(row, book: Codebook, lang: str) -> str:
    """What a state reported of one stage in one year, the mark that stands in its place, or which stage has more than an earlier one."""
    say, (year, *stages) = words.of(lang)["series"], row.codes.split(",")
    names = [words.first_lower(book.label("official", one, lang)) for one in stages]
    when = ", ".join(filter(None, [words.place(row.place, book, lang), year]))
    if row.form == "series_order":
        return say["order"].format(year=when, n=words.count(row.n, lang), later=names[0], m=words.count(row.value, lang), earlier=names[1])
    kind = "said" if row.n == row.n else "no_number"
    return say[kind].format(year=when, stage=names[0], mark=row.text, n=words.count(row.n, lang) if kind == "said" else "")


def agreed(row, book: Codebook, lang: str) -> str:
    """How far two codings agree on a variable or a code, with what the codings are."""
    say, of_code = words.of(lang)["agreement"], row.by != "variable"
    name = marked(row.by, row.codes, book, lang) if of_code else say["own"].get(row.codes) or book.name(row.codes, lang)
    at = {"label": name, "n": words.count(row.n, lang), "base": words.counted(row.base, row.unit, lang), "method": say[row.method],
          "percent": words.percent(row.share, lang), "why": words.of(lang)["no_value"].get(row.no_value, "")}
    at |= dict(zip(("both", "first", "second"), row.text.split(", "))) if of_code else {}
    kind = ("code" if of_code else "whole") + ("" if row.value == row.value else "_without")
    if row.value == row.value:
        ends = {"low": words.decimal(row.low, 2, lang), "high": words.decimal(row.high, 2, lang)} if row.low == row.low else {}
        at |= {"value": words.decimal(row.value, 2, lang), "interval": words.of(lang)["to"].format(**ends) if ends else at["why"]}
    return say["note"].format(sentence=say[kind].format(**at), note=row.note[:1].upper() + row.note[1:])


def of_year(row, book: Codebook, lang: str) -> str:
    """A code in one of several years compared, or what changed of it from one of them to another; see results.changes."""
    variable, code = row.by.split(",")[1], row.codes.split(",")[1]
    if row.no_value and row.base != 0:
        why = words.of(lang)["no_value"][row.no_value]
        return words.of(lang)["years"]["not_in_codebook"].format(label=quoted(variable, code, book, lang, "any_of"), why=why,
                                                                 **year_sentences.years(row))
    if row.base == row.base:
        one = share(row._replace(form="any_of", by=variable, codes=code), book, lang)
        return words.of(lang)["years"]["in_year"].format(said=words.first_lower(one), **year_sentences.years(row))
    say = phrases(lang)
    what = say["has"].get(own(variable), say["has"]["other"]).format(label=quoted(variable, code, book, lang, "any_of"),
                                                                     variable=words.first_lower(book.name(variable, lang)))
    return year_sentences.changed(row, what, lang)


def dated(row, book: Codebook, lang: str) -> str:
    """How many cases of a year fall into a month or quarter, by how precisely that is known; or that there are none of the year."""
    say, (_, step, _), (year, part, precision) = words.of(lang)["timeline"], row.by.split(","), row.codes.split(",")
    if row.n != row.n:
        return say["no_records"].format(unit=words.unit(2, row.unit, lang), year=year)
    kind = "undated_said" if precision == "none" else "said"
    return say[kind].format(year=year, of=words.share_of(row.n, row.base, lang), unit=words.unit(row.base, row.unit, lang),
                            when=words.label(step, part, book, lang), precision=words.label("precision", precision, book, lang))


FORMS = {"changes": of_year, "change": year_sentences.change, "yearly": year_sentences.counted, "alike": year_sentences.kept,
         "printed_years": year_sentences.counted, "rates": year_sentences.rate,
         "agreement": agreed, "funnel": stage, "reached": reached, "series": series, "series_order": series,
         "total": total, "sums": summed, "lists": listed, "unlisted": unlisted, "mentions": mention, "register": registered, "money": money,
         "claims": claimed, "printed_shares": quotient, "official": series, "official_countries": series,
         "printed_countries": printed_total,
         "ranks": rank, "pairs": pair, "independence": independence, "timeline": dated}
"""How each form of table is said; every other says shares."""

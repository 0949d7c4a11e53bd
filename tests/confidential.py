"""Invented confidential examples: a workbook of 31, 120 or 500 cases that names people who do not exist, in a project of its own."""

import csv
import hashlib
import random
import shutil
from itertools import cycle, islice

import openpyxl
import yaml
from conftest import ROOT
from openpyxl.comments import Comment
from openpyxl.packaging.custom import StringProperty
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.datavalidation import DataValidation

from analysis import codebook
from analysis.sheets import collect

SIGNED = ["02_perpetrators", "02_perpetrators_groups", "02_responses", "02_rights", "02_rights_groups", "02_stages",
          "02_violations", "02_violations_groups", "03_years_violations"]  # the tables that two invented people released
REPORT, SHEET, QUOTES = "confidential-2024", "office/cases.xlsx", "office/quotes.csv"
# Quote -> its case, its text, whether two people signed it. Case 3 consented, case 4 did not; of case 5 nobody knows.
QUOTED = {"helped": (3, "It helped me that somebody believed me, and I would tell it again.", True),
          "unsigned": (6, "This was said, and nobody signed it.", False),
          "withheld": (4, "This was said by somebody who did not agree to it.", True),
          "not-asked": (5, "This was said by somebody whom nobody asked.", True)}
SAID_BY = "somebody who does not exist"
YEARS = {2022: 20, 2023: 30, 2024: 50}  # out of 100 cases
# What was done and by whom in 31 cases: the protection policy's worked example. The first 31 of every file are exactly these.
ACTS = [*[("fake_date", "private_person")] * 8, ("fake_date", "police"), *[("hate_speech", "private_person")] * 4,
        *[("hate_speech", "public_official")] * 3, *[("assembly_restriction", "public_official")] * 3, *[("forced_outing", "media")] * 2,
        *[("denial_of_health_service", "health_worker")] * 2,
        *zip(("threat", "physical_violence", "robbery_theft", "property_damage"), ["private_person"] * 4),
        *zip(("arbitrary_detention", "torture_ill_treatment", "pressure_to_inform", "refusal_of_protection"), ["police"] * 4)]
ALSO = {"fake_date": ("blackmail_extortion", "robbery_theft", "physical_violence", "disclosure_private_data"),
        "hate_speech": ("threat", "harassment"), "forced_outing": ("disclosure_private_data",), "arbitrary_detention": ("threat",)}
RIGHTS = {"fake_date": ("security_of_person", "privacy"), "hate_speech": ("equality_non_discrimination",), "forced_outing": ("privacy",),
          "assembly_restriction": ("assembly_association",), "denial_of_health_service": ("health", "equality_non_discrimination")}
# Weights: a few values for most cases, and a tail of values that single somebody out.
OF_PERSONS = {
    "victim_group": {"gay_man": 45, "lgbti_person": 20, "trans_woman": 8, "lesbian_woman": 7, "bisexual_person": 6, "trans_man": 3,
                     "queer_or_feminist_activist": 3, "unknown": 3, "sex_worker": 2, "minor": 1, "religious_minority": 1, "other": 1},
    "region": {"kz_75": 50, "kz_71": 25, "kz_79": 10, "kz_35": 4, "kz_55": 3, "kz_61": 2, "kz_27": 1, "kz_47": 1, "kz_62": 1, "unknown": 3},
    "gender": {"man": 55, "woman": 15, "trans_woman": 9, "trans_man": 4, "non_binary": 3, "not_stated": 14},
    "hiv_tb": {"neither": 70, "hiv": 8, "tb": 1, "not_asked": 21},
    "occupation": {"office_work": 30, "student": 20, "service": 18, "no_work": 10, "teacher": 2, "doctor": 1, "police_officer": 1,
                   "not_stated": 18},
    "outness": {"out_to_nobody": 20, "out_to_some": 45, "out_to_family": 10, "out_to_all": 3, "not_asked": 22}}
SETTINGS = {"fake_date": ("dating_meeting", "home"), "hate_speech": ("online", "street_public_place"), "assembly_restriction": ("venue",),
            "denial_of_health_service": ("health_facility",), "arbitrary_detention": ("police_station",)}
STAGES = ("told", "reported", "registered", "investigated", "charged", "convicted", "remedy")
# Variables that only this office has: adding them needs no Python, and its policy crosses `outness` with nothing, as `hiv_tb`.
OWN_VARIABLES = """occupation,no,persons,occupations,Occupation,Занятие,Кәсібі,Occupations,Занятия,Кәсіптер,
outness,no,persons,outness,Out to,Кому известно,Кімге белгілі,Who knows of it,Кому известно,Кімге белгілі,
"""
OWN_CODES = {"occupation": "Office work,Student,Service,No work,Teacher,Doctor,Police officer",
             "outness": "Out to nobody,Out to some,Out to family,Out to all"}
PERSONAL = {"name": "Name of the person", "phone": "Phone", "e_mail": "E-mail", "handle": "Telegram account", "address": "Home address",
            "document": "ID number", "documenter": "Documented by"}
TEXTS = {"link": "Link", "quote": "Quote", "note": "Remarks"}
CODED = ("age", "gender", "hiv_tb", "occupation", "outness")
PROFILE = "office_collection"


def identifiers(n):
    """Kind -> what says who the invented person of case n is; every kind stands somewhere in the row."""
    english = n % 2 == 0
    return {"name": f"Invented Person {n}" if english else f"Вымышленный Человек {n}", "phone": f"+7 700 000 {n // 100:02} {n % 100:02}",
            "e_mail": f"invented.person.{n}@example.org", "handle": f"@invented_person_{n}",
            "address": f"Invented Street {n}, flat {n}" if english else f"ул. Вымышленная, д. {n}, кв. {n}",
            "document": f"9901010{n:05}", "link": f"https://example.org/invented/{n}",
            "documenter": f"Invented Documenter {n % 5 + 1} of case {n}", "case_id": f"INV-{year(n)}-{n:03}",
            "story": f"walked home from invented fair number {n}" if english else f"возвращался с выдуманной ярмарки номер {n}",
            "quote": f"they laughed at invented hat number {n}" if english else f"они смеялись над выдуманной шляпой номер {n}",
            "note": f"asks to be called only through invented neighbour {n}"}


def canaries(cases):
    """(kind, text) of one identifier of each case, the kinds in turn: 500 different texts for 500 cases."""
    kinds = cycle(identifiers(1))
    return [(kind, identifiers(n)[kind]) for n, kind in zip(range(1, cases + 1), kinds)]


def planted(cases):
    """(kind, text) of every identifier in a workbook of so many cases."""
    return [pair for n in range(1, cases + 1) for pair in identifiers(n).items()]


def chance(n, what):
    """The chances of one thing of case n: the same in every file that has the case."""
    return random.Random(f"invented {what} of {n}")


def drawn(n, what, weights):
    """One of the values, as likely as its weight."""
    return chance(n, what).choices([*weights], [*weights.values()])[0]


def year(n):
    """The year of case n."""
    return drawn(n, "year", YEARS)


def dated(n):
    """The date of case n: most of them to the day, some to the month or only the year."""
    told = chance(n, "date")
    day = f"{year(n)}-{told.randint(1, 12):02}-{told.randint(1, 28):02}"
    return day[:told.choices((10, 7, 4), (75, 15, 10))[0]]


def story(n):
    """What happened, in English or Russian, with the name and the telephone that nobody should have written into it."""
    who = identifiers(n)
    if n % 2:
        return f"{who['name']} {who['story']}, когда всё случилось. Телефон: {who['phone']}. Всё это выдумано."
    return f"{who['name']} {who['story']} when it happened. Phone: {who['phone']}. All of this is invented."


def stages(n):
    """How far case n came on the way to justice: each stage only after the one before it."""
    reached = chance(n, "stage").choices(range(8), (25, 45, 12, 8, 5, 3, 1, 1))[0]
    return {stage: "yes" if at < reached else "no" if at == reached else "" for at, stage in enumerate(STAGES)}


def case(n):
    """Case n: column of the profile -> its value, several codes as a list."""
    act, who = ACTS[n - 1] if n <= len(ACTS) else chance(n, "act").choice(ACTS)
    more = chance(n, "more")
    also = [code for code in ALSO.get(act, ()) if more.random() < 0.3]
    found = {"case_id": identifiers(n)["case_id"], "date": dated(n), "violation": [act, *also], "perpetrator": [who],
             "right": [*RIGHTS.get(act, ("security_of_person",))],
             "setting": more.choice(SETTINGS.get(act, ("street_public_place", "home"))),
             "means": ["dating_app_social_media"] if act == "fake_date" else [], "repeated": more.choice(book().of("repeated")[:2]),
             "victims_n": more.choices((1, 2, 3, ""), (80, 10, 3, 7))[0],
             "perpetrators_n": more.choices((1, 2, 3, ""), (50, 20, 10, 20))[0],
             "age": more.choices((more.randint(18, 39), more.randint(40, 59), 16, 67, ""), (70, 15, 2, 1, 12))[0],
             **{variable: drawn(n, variable, weights) for variable, weights in OF_PERSONS.items()}, **stages(n)}
    with_hiv = found["hiv_tb"] == "hiv" and found["victim_group"] != "unknown"
    groups = [found["victim_group"], *(["person_living_with_hiv"] if with_hiv else [])]
    stopped = ["fear_of_outing"] if found["told"] == "no" else ["registration_refused"] if found["reported"] == "yes" else []
    response = ["reported_to_police"] * (found["reported"] == "yes") + ["police_refused_or_mocked"] * (found["registered"] == "no")
    who = identifiers(n)
    return found | {"victim_group": groups, "stopped_because": stopped, "response": response, "story": story(n),
                    **{name: who[name] for name in PERSONAL}, "link": who["link"], "note": who["note"],
                    "quote": f"“{who['quote'].capitalize()}, said {who['name']}.”", "consent_publish": ("yes", "no", "")[n % 3]}


def book():
    """The codebook of this repository, which the invented one adds to."""
    return codebook.load(ROOT / "data" / "codebook")


def workbook(file, cases):
    """Write the cases as the collection workbook has them, with columns of its own for what should never be collected."""
    asked = collect.columns(book(), "en")
    heads = [(column.name, column.head if place == 1 else f"{column.head} {place}", place) for column in asked
             for place in range(1, column.places + 1)]
    heads += [(name, name.replace("_", " ").capitalize(), 1) for name in CODED] + [(c, h, 1) for c, h in (PERSONAL | TEXTS).items()]
    made = openpyxl.Workbook()
    sheet = made.active
    sheet.title = "Cases"
    sheet.append([head for _, head, _ in heads])
    for n in range(1, cases + 1):
        row = case(n)
        values = {name: value if isinstance(value, list) else [value] for name, value in row.items()}
        sheet.append([next(islice(values[name], place - 1, None), None) or None for name, _, place in heads])
    made.save(file)


# Where else a workbook holds what somebody wrote -> who does not exist and is named there, a case each.
BESIDE = ("comment", "author of a comment", "header", "footer", "name of an area", "drop-down list", "prompt", "property", "own property",
          "hidden sheet", "very hidden sheet")


def beside(kind):
    """What stands in one of BESIDE: a name, in the comment within a sentence."""
    return f"Beside Primer{chr(97 + BESIDE.index(kind))}ova" + " asked never to be named anywhere" * (kind == "comment")


def with_remarks(file):
    """Write into a finished workbook a name in each of BESIDE; the cells of its first sheet stay as they are."""
    made = openpyxl.load_workbook(file)
    sheet, names = made.active, {kind: beside(kind) for kind in BESIDE}
    sheet["A1"].comment = Comment(names["comment"], names["author of a comment"])
    sheet.oddHeader.left.text, sheet.oddFooter.right.text = names["header"], names["footer"]
    made.defined_names.add(DefinedName(names["name of an area"].replace(" ", "_"), attr_text="Cases!$A$1"))
    listed = DataValidation("list", formula1=f'"{names["drop-down list"]},nobody"', prompt=names["prompt"], showInputMessage=True)
    sheet.add_data_validation(listed)
    listed.add("XFD1")
    made.properties.creator = names["property"]
    made.custom_doc_props.append(StringProperty(name="checked by", value=names["own property"]))
    for kind, state in (("hidden sheet", "hidden"), ("very hidden sheet", "veryHidden")):
        other = made.create_sheet(kind)
        other.sheet_state = state
        other["B2"] = names[kind]
    made.save(file)


def own_codebook(folder):
    """Add to a copy of the codebook what the office has of its own: two variables, a profile, headings, and a stricter policy."""
    def add(file, text):
        with open(folder / file, "a", encoding="utf-8") as out:
            out.write(text)
    add("variables.csv", OWN_VARIABLES)
    for variable, labels in OWN_CODES.items():
        add("codes.csv", "".join(f"{variable},{label.lower().replace(' ', '_')},,,{label},{label} (ru),{label} (kk)\n"
                                 for label in labels.split(",")))
    add("headers.csv", "".join(f"{name},{head},en\n" for name, head in {**PERSONAL, **TEXTS, "gender": "Gender", "hiv_tb": "Hiv tb",
                                                                        "occupation": "Occupation", "outness": "Outness"}.items()))
    profile = yaml.safe_load((folder / "profiles" / "collection.yml").read_text(encoding="utf-8"))
    profile["title"] = "The collection workbook of an invented office that names people"
    profile["columns"] |= {name: {"kind": "number" if name == "age" else "coded"} for name in CODED}
    profile["columns"] |= {name: {"kind": "personal"} for name in PERSONAL} | {name: {"kind": "text"} for name in TEXTS}
    (folder / "profiles" / f"{PROFILE}.yml").write_text(yaml.safe_dump(profile, sort_keys=False), encoding="utf-8")


def record(file):
    """The source record of the invented workbook."""
    return {"title": "Invented cases of an invented office", "publisher": "an invented office", "page": "not published",
            "received": "2025-01-20", "licence": "invented", "sha256": hashlib.sha256(file.read_bytes()).hexdigest(),
            "level": "confidential", "profile": PROFILE, "unit": "cases", "place": "kz", "period": "2022-2024",
            "documented_by": "an invented office", "short": "Invented office", "cite": "Invented cases of an invented office, 2022-2024",
            "note": "invented people, for tests", "cannot_say": ["Nothing here happened, and nobody in it exists."]}


def report():
    """The parameters of the report on the invented cases: all that a report can break down, from one confidential source."""
    return {"title": {"en": "Invented report on violations of the rights of invented people"}, "edition": "2025-02-01",
            "languages": ["en"], "country": "kz", "cases": SHEET, "period": "2022-2024",
            "by": ["violation", "perpetrator", "victim_group", "right", "response", "region", "age_band", "hiv_tb", "occupation",
                   "outness"],
            "crosses": [["violation", "perpetrator"], ["violation", "right"]], "together": "violation", "incidents": SHEET,
            "incident_period": "2022-2024", "incidents_by": ["violation"], "compare_years": [2023, 2024], "quotes": QUOTES,
            "slides": True, "comments": True}


def quotes(file):
    """Write the file of quotes with its record, and return their rows of the release register."""
    rows = [(quote, SHEET, identifiers(n)["case_id"], "privacy", text, SAID_BY) for quote, (n, text, _) in QUOTED.items()]
    with open(file, "w", encoding="utf-8", newline="") as out:
        csv.writer(out).writerows([("quote", "file", "case_id", "right", "text_en", "said_by_en"), *rows])
    written = {line: said for line, said in record(file).items() if line not in ("profile", "unit", "period", "place")}
    file.with_name(f"{file.name}.source.yml").write_text(yaml.safe_dump(written), encoding="utf-8")
    hashes = {quote: hashlib.sha256(f"{text}\n{SAID_BY}".encode()).hexdigest() for quote, (_, text, _) in QUOTED.items()}
    return [f"quote:{quote},{hashes[quote]},nobody is named,Invented Reviewer 1,Invented Reviewer 2,2025-01-25"
            for quote, (*_, signed) in QUOTED.items() if signed]


def project(place, cases):
    """A project folder (a CASEBOOK_HOME) with the notebooks, the codebook of the office, its workbook of so many cases, and the report."""
    for part in ("data/codebook", "notebooks"):
        shutil.copytree(ROOT / part, place / part, ignore=shutil.ignore_patterns(".ipynb_checkpoints"))
    own_codebook(place / "data" / "codebook")
    file = place / "data" / "raw" / SHEET
    file.parent.mkdir(parents=True)
    workbook(file, cases)
    file.with_name(f"{file.name}.source.yml").write_text(yaml.safe_dump(record(file), allow_unicode=True), encoding="utf-8")
    signed = [f"{table},,acts one way,Invented Reviewer 1,Invented Reviewer 2,2025-01-25" for table in SIGNED]
    signed += quotes(file.with_name("quotes.csv"))
    file.with_name("release.csv").write_text("\n".join(["what,sha256,reason,first,second,date", *signed]) + "\n", encoding="utf-8")
    written = yaml.safe_dump(report(), sort_keys=False)
    (place / "notebooks" / "reports" / f"{REPORT}.yml").write_text(written, encoding="utf-8")
    return place

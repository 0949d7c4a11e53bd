"""The leak scan: every identifier of an invented confidential sheet is found in every kind of file and disguise, and nothing else is."""

import base64
import io
import itertools
import json
import zipfile

import confidential
import nbformat
import openpyxl
import pypdf
import pytest
import typst
import xlsxwriter
import yaml
from conftest import REPORT
from PIL import Image
from PIL.PngImagePlugin import PngInfo
from pypdf.annotations import FreeText

from analysis import codebook
from analysis.protection import disguise, inside, scan

CASES = 500
CANARIES = confidential.canaries(CASES)


@pytest.fixture(scope="module")
def home(office_of_500):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CASEBOOK_HOME", str(office_of_500))
        yield office_of_500


@pytest.fixture(scope="module")
def terms(terms_of_500, home):
    return terms_of_500


def found(terms, place, name, body):
    """What the scan finds in one file."""
    (place / name).write_bytes(body if isinstance(body, bytes) else body.encode())
    return scan.found([place / name], terms)


def cases_of(table):
    """The cases whose cells are named: case n stands in row n + 1 of the invented sheet."""
    return {int(cell.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")) - 1 for cell in table.cell}


# In every kind of file


def packed(parts):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name, body in parts.items():
            made.writestr(name, body)
    return out.getvalue()


def escaped(text):
    return text.replace("&", "&amp;").replace("<", "&lt;")


def word_text(texts):
    """A document whose text changes its look in the middle of every word: <w:t>Inv</w:t> ... <w:t>ented</w:t>."""
    runs = "".join(f"<w:p><w:r><w:t>{escaped(text[:3])}</w:t></w:r><w:r><w:t>{escaped(text[3:])}\n</w:t></w:r></w:p>" for text in texts)
    return packed({"word/document.xml": f"<?xml version='1.0'?><w:document>{runs}</w:document>"})


def word_beside(texts):
    """Properties, comments, and an address in the relations of a document."""
    said = "".join(f"<dc:creator>{escaped(text)}</dc:creator>\n" for text in texts[::3])
    notes = "".join(f"<w:comment><w:t>{escaped(text)}</w:t></w:comment>\n" for text in texts[1::3])
    links = "".join(f'<Relationship Target="https://example.org/?q={escaped(text)}"/>\n' for text in texts[2::3])
    return packed({"docProps/core.xml": f"<?xml version='1.0'?><p>{said}</p>", "word/comments.xml": f"<w:comments>{notes}</w:comments>",
                   "word/_rels/document.xml.rels": f"<Relationships>{links}</Relationships>"})


def workbook(texts):
    """Cells, comments, and a picture in a workbook, in which the text stands as numbers and words."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as made:
        sheet = made.add_worksheet()
        made.set_properties({"author": texts[0], "comments": texts[1]})
        for at, text in enumerate(texts[2:-1]):
            (sheet.write_string if at % 2 else sheet.write_comment)(at, 0, text)
        sheet.insert_image(0, 9, "a.png", {"image_data": io.BytesIO(picture(texts[-1:]))})
    return out.getvalue()


def picture(texts):
    """The texts in the three kinds of text that a PNG may hold."""
    told, out = PngInfo(), io.BytesIO()
    for at, text in enumerate(texts):
        (told.add_itxt if at % 2 else told.add_text)(f"k{at}", text, zip=at % 4 > 1)
    Image.new("RGB", (2, 2)).save(out, "png", pnginfo=told)
    return out.getvalue()


def pdf_pages(texts):
    lines = "\n\n".join("#raw(" + json.dumps(text, ensure_ascii=False) + ")" for text in texts)
    return typst.compile(lines.encode())


def pdf_described(texts):
    """What a screen reader says in place of a picture."""
    image = "image(bytes(\"<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'></svg>\"), format: \"svg\", alt: {})"
    told = [f"#{image.format(json.dumps(text, ensure_ascii=False))}" for text in texts]
    return typst.compile("\n".join(told).encode(), pdf_standards="a-2a")


def pdf_beside(texts):
    """Properties, a description of a picture, and an attached file."""
    third = len(texts) // 3
    out, writer = io.BytesIO(), pypdf.PdfWriter(io.BytesIO(typst.compile(b"text")))
    writer.add_metadata({"/Author": "\n".join(texts[:third])})
    writer.add_annotation(0, FreeText(text="\n".join(texts[third:2 * third]), rect=(0, 0, 9, 9)))
    writer.add_attachment("notes.txt", "\n".join(texts[2 * third:]).encode())
    writer.write(out)
    return out.getvalue()


def page(texts):
    """A page: text with references, attributes, comments, a picture that is written into it."""
    inner = base64.b64encode(f"<svg xmlns='http://www.w3.org/2000/svg'><title>{escaped(texts[0])}</title></svg>".encode()).decode()
    told = "".join((f"<p>{''.join(f'&#{ord(sign)};' for sign in text)}</p>", f"<p title='{escaped(text)}'></p>",
                    f"<!-- {escaped(text)} -->")[at % 3] + "\n" for at, text in enumerate(texts[1:]))
    return f"<!DOCTYPE html><html><body>{told}<img src='data:image/svg+xml;base64,{inner}'></body></html>"


def drawing(texts):
    told = "".join((f"<text>{escaped(text)}</text>", f"<!-- {escaped(text)} -->", f"<desc>{escaped(text)}</desc>")[at % 3] + "\n"
                   for at, text in enumerate(texts))
    return f"<?xml version='1.0'?>\n<svg xmlns='http://www.w3.org/2000/svg'><g>{told}</g></svg>"


def notebook(texts):
    """Sources, printed lines, tables, errors, metadata and pictures of a notebook."""
    fifth = [texts[at::5] for at in range(5)]
    outputs = [nbformat.v4.new_output("stream", text="\n".join(fifth[1])),
               nbformat.v4.new_output("display_data", {"text/html": "".join(f"<td>{escaped(text)}</td>" for text in fifth[2]),
                                                       "image/png": base64.b64encode(picture(fifth[3])).decode()})]
    cell = nbformat.v4.new_code_cell("\n".join(f"# {text}" for text in fifth[0]), outputs=outputs)
    return nbformat.writes(nbformat.v4.new_notebook(cells=[cell], metadata={"title": "\n".join(fifth[4])}))


KINDS = {"report.docx": word_text, "properties.docx": word_beside, "tables.xlsx": workbook, "report.pdf": pdf_pages,
         "described.pdf": pdf_described,
         "properties.pdf": pdf_beside, "report.html": page, "figure.svg": drawing, "figure.png": picture, "05_report.ipynb": notebook,
         "numbers.csv": lambda texts: "\n".join(f'"{text}",1,0.5' for text in texts),
         "MANIFEST.json": lambda texts: json.dumps({"outputs": {text: "x" for text in texts}}),  # letters as \u0412
         "description.txt": "\n".join, "run.log": lambda texts: ("\n".join(texts)).encode("utf-16")}


@pytest.mark.parametrize("name", KINDS)
def test_each_of_500_planted_identifiers_is_found_in_each_kind_of_file(name, terms, tmp_path):
    # A thing stands in each file for every case, so a case that is not named was not found.
    table = found(terms, tmp_path, name, KINDS[name]([text for _, text in CANARIES]))
    assert cases_of(table) == set(range(1, CASES + 1))
    told = scan.told(table)
    assert not [text for _, text in CANARIES if text in told] and f"{name}" in told and "cell " in told


# In every disguise

BGN = dict(zip("абвгдежзийклмнопрстуфхцчшщъыьэюя",
               "a b v g d e zh z i y k l m n o p r s t u f kh ts ch sh shch _ y _ e yu ya".replace("_", "").split(" ")))
SCHOLARS = BGN | {"ж": "ž", "й": "j", "х": "x", "ц": "c", "ч": "č", "ш": "š", "щ": "šč", "ю": "ju", "я": "ja", "ь": "ʹ"}
CASED = {"Вымышленный": "Вымышленному", "Человек": "Человеку", "Вымышленная": "Вымышленной", "ярмарки": "ярмаркой", "ярмарке": "ярмарки",
         "выдуманной": "выдуманную", "шляпой": "шляпу", "номер": "номера"}
LOOK = str.maketrans("аеорсхуАЕОРСХКМНТВ", "aeopcxyAEOPCXKMHTB") | str.maketrans("aeopcyAEOPCKMHTB", "аеорсуАЕОРСКМНТВ")


def spelled(text, letters):
    return "".join(letters.get(sign.casefold(), sign) for sign in text)


def declined(text):
    for word, other in CASED.items():
        text = text.replace(word, other)
    return text


def spaced(text):
    """The digits of numbers with something between them: 7 7-0.0 (0) ..."""
    between = itertools.cycle((" ", "-", ".", " (", ") "))
    digits = sum(sign.isdigit() for sign in text)
    return "".join(sign + next(between) if sign.isdigit() else sign for sign in text if sign != " ") if digits > 9 else text


DISGUISES = {"transliterated": lambda text: spelled(text, BGN), "of the scholars": lambda text: spelled(text, SCHOLARS),
             "declined": declined, "spaced": spaced, "looking alike": lambda text: text.translate(LOOK), "shouted": str.upper,
             "with accents and unseen signs": lambda text: "\u00ad".join(text.replace("е", "ё").replace("о", "о\u0301")),
             "with an 8": lambda text: text.replace("+7 ", "8 ").replace("INV-", "inv "),
             "letters for digits": lambda text: text.replace("0", "О") if text[:3] in ("+7 ", "990") else text}


@pytest.mark.parametrize("disguise", DISGUISES)
def test_each_of_500_is_found_in_each_disguise(disguise, terms, tmp_path):
    texts = [DISGUISES[disguise](text) for _, text in CANARIES]
    assert sum(text != plain for text, (_, plain) in zip(texts, CANARIES)) >= 80  # it disguises something
    table = found(terms, tmp_path, "report.txt", "\n".join(texts))
    assert cases_of(table) == set(range(1, CASES + 1))
    assert set(table.place) == {f"line {n}" for n in range(1, CASES + 1)}  # and each where it stands


@pytest.mark.parametrize("name, ways", {
    "Султан": ["Султаном", "Султанның", "Султанға", "Sultan", "СУЛТАНУ", "Sultan's"],
    "Айгерім": ["Айгерім", "Айгерімнен", "Aigerim", "Aygerim"],
    "Фёдор": ["Федору", "Fyodor", "Fedor", "Fëdor"], "Жанар": ["Zhanar", "Janar", "Žanar", "Жанарды"], "Сорос": ["Copoc", "Soros"],
    "Евгений": ["Yevgeniy", "Evgeny", "Евгению"], "Щукин": ["Shchukin", "Щукиным", "Ščukin"], "Хамит": ["Khamit", "Xamit", "Hamit"],
    "Юлия": ["Юлией", "Yulia", "Julia", "Iuliia"], "Ольга": ["Ol'ga", "Ольгой", "Olga"], "Қуаныш": ["Quanysh", "Kuanysh", "Қуанышпен"],
    "Alexey": ["Алексеем", "Aleksei"], "Kоlya": ["Коля", "Колей"]}.items())
def test_a_name_is_known_in_other_alphabets_cases_and_look_alike_letters(name, ways, book):
    known = {lang: disguise.known_by(*disguise.words(disguise.plainly(name)), lang, book.folder) for lang in ("ru", "kk")}
    for way in ways:
        word, = disguise.words(disguise.plainly(way))
        assert any(known[lang] in disguise.keys(word, lang, book.folder) for lang in known), way


@pytest.mark.parametrize("one, other", [("Сорокина", "Соколова"), ("Иванов", "Иваненко"), ("Жанар", "Жанна"), ("Person", "Parson"),
                                        ("Марат", "Мурат"), ("Айгуль", "Айнур")])
def test_different_names_stay_different(one, other, book):
    for lang in ("ru", "kk"):
        known = disguise.known_by(disguise.plainly(one), lang, book.folder)
        assert known not in disguise.keys(disguise.plainly(other), lang, book.folder)


# What is looked for, and what not

OWN = {"name": ["Вымышлянова Примерия", "Примерик", "не указано", "Алматы", "Ли", "Mr Police", "Exampleton Invento", "General Task"],
       "story": ["Тел. 8 701 000 11 22, спросить Примерию Вымышлянову", "", "", "", "", "",
                 "They beat him and the police did not come", ""]}


@pytest.fixture(scope="module")
def own(home, tmp_path_factory):
    """What is looked for in a sheet of a few cells; what says so stands in the texts that everybody may read."""
    place = home / "data" / "raw" / "office" / "own.xlsx"
    profile = yaml.safe_load((home / "data/codebook/profiles/office_collection.yml").read_text(encoding="utf-8"))
    made = openpyxl.Workbook()
    made.active.append([*profile["needs"], "name", "story"])  # a column may be headed by its own name
    for at, (name, story) in enumerate(zip(*OWN.values()), 1):
        made.active.append([f"OWN-{at:03}", "2024", "Almaty", "Threat", "Police", "Gay man", name, story])
    made.save(place)
    place.with_name("own.xlsx.source.yml").write_text(yaml.safe_dump(confidential.record(place) | {"title": "own"}), encoding="utf-8")
    decided = scan.decided(["office/own.xlsx"], ["office/own.xlsx"])
    return scan.terms(["office/own.xlsx"], codebook.load(), decided, ["They beat him and the police did not come, said a man"])


@pytest.mark.parametrize("text, cells", [
    ("Примерия", {"G2"}), ("о Вымышляновой", {"G2"}), ("Vymyshlyanova", {"G2"}), ("Примерику", {"G3"}), ("Ms. Exampleton", {"G8"}),
    ("Invento", {"G8"}), ("Не указано. Алматы, Ли, Mr Police", set()), ("87010001122", {"H2"}), ("+7 701 0001122", {"H2"}),
    ("7010001122", {"H2"}), ("0.7010001122", set()), ("case OWN-003", {"A4"}), ("own 004", {"A5"}), ("own", set()),
    ("They beat him and the police did not come", set()),  # two reviewers have approved these words
    ("31 cases, 9 of them by the police", set()), ("A general remark, and a task", set())])  # words of ordinary_words.csv
def test_what_is_found_and_what_not(text, cells, own, tmp_path):
    assert set(found(own, tmp_path, "a.txt", text).cell) == cells


def test_without_the_approval_the_words_of_the_quote_are_found(home, own, tmp_path):
    mine = scan.terms(["office/own.xlsx"], codebook.load(), ["police"])
    assert set(found(mine, tmp_path, "a.txt", "him and the police did not").cell) == {"H8"}
    assert set(found(mine, tmp_path, "a.txt", "him, and the POLICE did. Not").cell) == {"H8"}
    assert found(mine, tmp_path, "a.txt", "him and the police did").empty  # five words in a row are anybody's


# What no profile reads is looked for as well: whoever wrote it did not ask whether a program would.

HEADED = {"Имя": "name", "Interviewer": "documenter", "Notes of the lawyer": "note"}  # said by the heading
BARE = ("phone", "e_mail", "handle", "address", "document", "link", "case_id", "story", "quote", "note")  # said by the cell itself
# What such columns hold in any sheet, and what reports say too.
ORDINARY = {"Status": ["closed", "open", "in work"], "Entered": ["2025-02-01", "01.02.2025", "2025-02-01 10:30"], "Quarter": ["2024-Q1"],
            "Sum": [80000, 1500000, 24.5], "Town": ["Almaty", "Астана", "Алматы"], "Group": ["Gay Man", "Trans Woman", "Hate Speech"],
            "Checked": ["yes", "да", ""], "Version": ["v1.2", "form 2024", "CC-BY"]}


@pytest.fixture(scope="module")
def beside(home):
    """What is looked for in a sheet whose canaries stand only where no profile reads: columns, one of them hidden, a hidden sheet, a
    sheet of another layout, above the header. Also column -> kind of the canaries in it."""
    place, made = home / "data" / "raw" / "office" / "beside.xlsx", openpyxl.Workbook()
    profile = yaml.safe_load((home / "data/codebook/profiles/office_collection.yml").read_text(encoding="utf-8"))
    sheet, heads = made.active, [*HEADED, *(f"Extra {n}" for n, _ in enumerate(BARE)), *ORDINARY]
    sheet.append([confidential.identifiers(90)["story"]])
    sheet.append([*profile["needs"], *heads])
    for n in range(1, 13):
        who = confidential.identifiers(n)
        told = [who[kind] for kind in (*HEADED.values(), *BARE)] + [values[n % len(values)] for values in ORDINARY.values()]
        sheet.append([f"OWN-{n:03}", "2024", "Almaty", "Threat", "Police", "Gay man", *told])
    sheet.column_dimensions["G"].hidden = True
    for title, state in (("Old list", "hidden"), ("Contacts", "visible")):
        other = made.create_sheet(title)
        other.sheet_state = state
        other.append(["ФИО", "Что случилось"])
        for n in range(20, 26):
            who = confidential.identifiers(n + 10 * (state == "visible"))
            other.append([who["name"], who["story"]])
    made.create_sheet("Loose").append(["", "Primer Vymyshlyanov", "", "8 700 111 22 33"])
    made.save(place)
    record = confidential.record(place) | {"profile": "office_collection", "title": "beside"}
    place.with_name("beside.xlsx.source.yml").write_text(yaml.safe_dump(record), encoding="utf-8")
    return scan.terms(["office/beside.xlsx"], codebook.load(), scan.decided(["office/beside.xlsx"], ["office/beside.xlsx"]))


def test_what_no_profile_reads_is_found_too(beside, tmp_path):
    for n in range(1, 13):
        who = confidential.identifiers(n)
        for kind in (*HEADED.values(), *BARE):
            table = found(beside, tmp_path, "a.txt", who[kind])
            assert f"{n + 2}" in {cell.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ") for cell in table.cell}, (n, kind)
    for n, sheet in ((20, "Old list"), (25, "Old list"), (30, "Contacts"), (35, "Contacts")):
        for kind in ("name", "story"):
            table = found(beside, tmp_path, "a.txt", confidential.identifiers(n)[kind])
            assert (sheet, f"{'A' if kind == 'name' else 'B'}{n - (20 if sheet == 'Old list' else 30) + 2}") in set(
                zip(table.sheet, table.cell)), (n, kind)
    for text, sheet, cell in ((confidential.identifiers(90)["story"], "Sheet", "A1"), ("Vymyshlyanovu Primeru", "Loose", "B1"),
                              ("+77001112233", "Loose", "D1")):
        assert (sheet, cell) in set(zip(*(found(beside, tmp_path, "a.txt", text)[name] for name in ("sheet", "cell")))), text
    said = scan.told(found(beside, tmp_path, "a.txt", confidential.identifiers(20)["name"]))
    assert "sheet Old list, cell A2\n" in said and "ФИО" not in said  # a heading that nobody has described may be a value


def test_what_is_ordinary_in_such_columns_is_not_looked_for(beside, tmp_path):
    text = "\n".join(str(value) for values in ORDINARY.values() for value in values)
    assert found(beside, tmp_path, "a.txt", text).empty


# What stands beside the cells of a workbook.

PLACES = {"comment": ("cell A1", "comment"), "author of a comment": ("beside the cells", "comment"),
          "header": ("beside the cells", "header or footer"), "footer": ("beside the cells", "header or footer"),
          "name of an area": ("beside the cells", "names of areas"), "drop-down list": ("beside the cells", "drop-down list"),
          "prompt": ("beside the cells", "drop-down list"), "property": ("beside the cells", "properties of the file"),
          "own property": ("beside the cells", "properties of the file")}


@pytest.fixture(scope="module")
def with_remarks(home):
    """What is looked for in a sheet of one case in whose workbook something stands in each place beside the cells, as ordinary as not."""
    place, made = home / "data" / "raw" / "office" / "remarks.xlsx", openpyxl.Workbook()
    profile = yaml.safe_load((home / "data/codebook/profiles/office_collection.yml").read_text(encoding="utf-8"))
    made.active.append(profile["needs"])
    made.active.append(["OWN-001", "2024", "Almaty", "Threat", "Police", "Gay man"])
    made.active.oddHeader.center.text = "&BHate Speech&B, page &P of &N"
    made.properties.title, made.properties.keywords = "Gay Man", "Documented Cases, 2024-11-30"
    made.save(place)
    confidential.with_remarks(place)
    record = confidential.record(place) | {"title": "remarks"}
    place.with_name("remarks.xlsx.source.yml").write_text(yaml.safe_dump(record), encoding="utf-8")
    return scan.terms(["office/remarks.xlsx"], codebook.load(), scan.decided(["office/remarks.xlsx"], ["office/remarks.xlsx"]))


@pytest.mark.parametrize("kind", confidential.BESIDE)
def test_what_stands_beside_the_cells_is_found_too(kind, with_remarks, tmp_path):
    said = scan.told(found(with_remarks, tmp_path, "a.txt", f"So said {confidential.beside(kind)} to us."))
    where = f"sheet {kind}, cell B2\n" if "sheet" in kind else "{} ({})\n".format(*PLACES[kind])
    assert where in said and "Primer" not in said


def test_ordinary_remarks_are_not_looked_for(with_remarks, tmp_path):
    text = "Hate Speech, page 1 of 2. Gay Man. Documented cases, 2024-11-30. Cases, openpyxl, nobody, checked by"
    assert found(with_remarks, tmp_path, "a.txt", text).empty


def test_what_nobody_can_look_into_is_told(own, tmp_path):
    picture = b"\x89PNG\r\n\x1a\n\x00\x00\x00\x05zTXt\x00\x00ab"
    for name, body in {"a.bin": b"\x00\x01\xff", "b.docx": b"PK\x03\x04 torn", "c.png": picture}.items():
        table = found(own, tmp_path, name, body)
        assert table.kind.tolist() == ["unreadable"] and "cannot be looked into" in scan.told(table)


def test_a_packed_file_is_unpacked_to_its_depth_and_no_further(own, tmp_path):
    body = b"Invento"
    for depth in range(1, 8):
        body = packed({"a": body})
        table = found(own, tmp_path, "a.zip", body)
        assert table.kind.tolist() == (["identifier"] if depth <= inside.DEEPEST else ["unreadable"]), depth


def test_the_public_reports_raise_no_false_alarm(terms, own, beside, project):
    files = [file for report in (REPORT, "uzbekistan-2022") for file in sorted((project / "figures" / report).iterdir())]
    files = [file for file in files if file.name[-6:] not in ("ru.pdf", "kk.pdf")]  # docx and html say the same, and are read faster
    assert len(files) > 100
    table = scan.found(files, scan.Terms(terms.where | own.where | beside.where, terms.codebook))
    assert table.empty, table

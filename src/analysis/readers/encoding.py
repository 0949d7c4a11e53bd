"""How the text of a file is encoded, told from its bytes alone; what fits no encoding well is not guessed at."""

import codecs
import re
from collections.abc import Iterator

from child import Wrong

ORDER_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
CHUNK = 2**20
LOWER, UPPER = re.compile("[а-яёіїєґў]"), re.compile("[А-ЯЁІЇЄҐЎ]")
SIGNS = re.compile("[«»–—№…“”„’‘•·°§\u00a0\u00ad]")
# Letters of Serbian and Macedonian, which in kz1048 are Kazakh ones: Ққ Һһ Әә Ңң. No text here is in the former.
KAZAKH = re.compile("[ЌќЋћЈјЅѕ]")
# Capitals within words are what KOI8 and Macintosh text become when it is read so, and mixed letters what French or German does.
FOREIGN = re.compile("[а-яё][А-ЯЁ]|[a-zA-Z][а-яё]|[а-яё][a-zA-Z]")


def encoded(content: bytes) -> str:
    """The encoding: by the byte order mark, as UTF-16 by its zeros, as UTF-8, or as Windows Cyrillic; Wrong when it is none."""
    marked = next((encoding for mark, encoding in ORDER_MARKS if content.startswith(mark)), None)
    if marked:
        likely = [marked]
    elif b"\0" in content:
        even, odd = content[:CHUNK:2].count(0), content[1:CHUNK:2].count(0)
        likely = ["utf-16-le"] if odd > 20 * even else ["utf-16-be"] if even > 20 * odd else []
    else:
        likely = ["utf-8", *windows(content)]
    for encoding in likely:
        if decodes(content, encoding):
            return encoding
    raise Wrong("text_encoding_unknown")


def decodes(content: bytes, encoding: str) -> bool:
    """Whether all of it is text in this encoding."""
    try:
        return all(True for _ in decoded(content, encoding))
    except UnicodeError:
        return False


def decoded(content: bytes, encoding: str) -> Iterator[str]:
    """The text, piece by piece."""
    decoder = codecs.getincrementaldecoder(encoding)()
    for at in range(0, len(content), CHUNK):
        yield decoder.decode(content[at:at + CHUNK])
    yield decoder.decode(b"", final=True)


def windows(content: bytes) -> list[str]:
    """cp1251 or its Kazakh sister, if what stands in the file then looks like words; else nothing."""
    if not decodes(content, "cp1251"):
        return []
    lower = upper = signs = kazakh = foreign = beyond = 0
    for text in decoded(content, "cp1251"):
        lower, upper, signs = lower + len(LOWER.findall(text)), upper + len(UPPER.findall(text)), signs + len(SIGNS.findall(text))
        kazakh, foreign = kazakh + len(KAZAKH.findall(text)), foreign + len(FOREIGN.findall(text))
        beyond += len(text) - len(text.encode("ascii", "ignore"))
    fits = lower + upper + signs + kazakh >= 0.95 * beyond and foreign <= 0.01 * beyond and lower >= upper
    return ["kz1048" if kazakh else "cp1251"] if fits else []

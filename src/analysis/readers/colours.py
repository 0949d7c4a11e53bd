"""The styles of an .xlsx workbook: which strike their text out, and which fill their cell with which colour."""

import colorsys
import re
import zipfile
from xml.etree.ElementTree import Element

from archive import tree

THEME = ("lt1", "dk1", "lt2", "dk2", "accent1", "accent2", "accent3", "accent4", "accent5", "accent6", "hlink", "folHlink")
OFF = ("0", "false")


def styles(archive: zipfile.ZipFile, part: str, theme: str) -> tuple[set[str], dict[str, str]]:
    """The numbers of the styles that strike out, and number -> fill colour (RRGGBB) of those that fill; white does not."""
    if part not in archive.NameToInfo:
        return set(), {}
    found = tree(archive, part)
    struck = [strikes(font) for font in found.iterfind("{*}fonts/{*}font")]
    fills = list(found.iterfind("{*}fills/{*}fill"))
    colours = [filled(fill, found, archive, theme) for fill in fills]
    cells = list(enumerate(found.iterfind("{*}cellXfs/{*}xf")))
    of = lambda listed, style, name: listed[int(style.get(name, 0))] if int(style.get(name, 0)) < len(listed) else ""  # noqa: E731
    return ({str(number) for number, style in cells if of(struck, style, "fontId")},
            {str(number): of(colours, style, "fillId") for number, style in cells if of(colours, style, "fillId")})


def strikes(font: Element) -> bool:
    """Whether a font is struck out."""
    strike = font.find("{*}strike")
    return strike is not None and strike.get("val", "1") not in OFF


def filled(fill: Element, found: Element, archive: zipfile.ZipFile, theme: str) -> str:
    """The colour that a fill shows, as RRGGBB; of a gradient its first. Nothing for white and for no fill."""
    pattern = fill.find("{*}patternFill")
    if pattern is not None and pattern.get("patternType", "none") in ("none", "gray125"):  # every workbook lists both
        return ""
    colour = next((one for one in fill.iterfind(".//{*}fgColor")), None)
    if colour is None:
        colour = next((one for one in fill.iter() if one.tag.endswith(("}bgColor", "}color"))), None)
    rgb = "" if colour is None else plain(colour, found, archive, theme)
    return "" if rgb == "FFFFFF" else rgb


def plain(colour: Element, found: Element, archive: zipfile.ZipFile, theme: str) -> str:
    """A colour of the file as RRGGBB, whether it is given itself, by the theme, or by its number."""
    if "theme" in colour.attrib:
        return tinted(themed(archive, theme, int(colour.get("theme"))), float(colour.get("tint", 0)))
    if "indexed" in colour.attrib:
        return tinted(numbered(found, int(colour.get("indexed"))), float(colour.get("tint", 0)))
    return tinted(re.sub(r"^..(?=......$)", "", colour.get("rgb", "")).upper(), float(colour.get("tint", 0)))


def themed(archive: zipfile.ZipFile, theme: str, number: int) -> str:
    """A colour of the theme."""
    scheme = tree(archive, theme).find(".//{*}clrScheme")
    one = scheme.find("{*}" + THEME[number])[0]
    return one.get("lastClr", one.get("val", "")).upper()


def numbered(found: Element, number: int) -> str:
    """A colour of the palette of old: the workbook's own, or the one that every program knows."""
    own = [one.get("rgb", "")[-6:].upper() for one in found.iterfind("{*}colors/{*}indexedColors/{*}rgbColor")]
    if number < len(own):
        return own[number]
    from xlrd.formatting import excel_default_palette_b8 as palette  # its 56 colours are numbers 8 to 63, and 0 to 7 are 8 to 15

    number = number + 8 if number < 8 else number
    return "%02X%02X%02X" % palette[number - 8] if number < 64 else ""


def tinted(rgb: str, tint: float) -> str:
    """A colour made lighter or darker, as ECMA-376 18.8.19 says."""
    if not tint or len(rgb) != 6:
        return rgb
    hue, light, full = colorsys.rgb_to_hls(*(int(rgb[at:at + 2], 16) / 255 for at in (0, 2, 4)))
    light = light * (1 + tint) if tint < 0 else light * (1 - tint) + tint
    return "".join(f"{round(part * 255):02X}" for part in colorsys.hls_to_rgb(hue, min(max(light, 0), 1), full))

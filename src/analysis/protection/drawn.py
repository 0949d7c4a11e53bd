"""What the pictures of a publication draw to scale: the lengths of bars and the colours of heat maps, from SVG and from the dots of PNG."""

import re
from pathlib import Path
from xml.etree import ElementTree

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.colors import to_hex, to_rgb
from PIL import Image
from scipy.ndimage import binary_closing, binary_fill_holes

from analysis.figures.canvas import BAR, GREY, INK, STRONG
from analysis.figures.heat_map import SCALE

SVG = "{http://www.w3.org/2000/svg}"
NEAR = 10  # how far a dot may be from a colour, of 255
GAP = 4  # dots of other colours that do not end a bar: the edges of a line that crosses it
PART = 0.01  # of the longest bar, by which another may be longer or shorter than its number
AXIS = 2  # dots that half the axis takes
LEAST = 5  # dots from which a bar can be told from the axis
CELL = 500  # dots of one colour from which it fills a cell; the edges of letters have fewer


def drawn(folder: Path, results: pd.DataFrame, told: pd.DataFrame, some: bool = False) -> list[tuple[str, str]]:
    """The pictures that draw other bars or colours than the numbers `told` of their tables (id, n), as (file, what it does).

    `results`: table and form of each that may be drawn. With `some`, a picture in another style than ours may lack what it should have.
    """
    told, found = told[told.n > 0].drop_duplicates("id"), []
    for (name, form), _ in results[results.form.isin([*LOOKS])].groupby(["table", "form"], sort=False):
        n = np.sort(told.n[told.id.str.startswith(f"{name}.")].to_numpy())[::-1]
        for file in sorted(file for end in ("svg", "png") for file in Path(folder).glob(f"{name}.*.{end}")):
            found += [(file.name, f"draws other {LOOKS[form][0]} than the numbers that are shown")] if LOOKS[form][1](file, n, some) else []
    return found


def other_bars(file: Path, n: np.ndarray, some: bool) -> bool:
    """Whether a figure of bars has more or fewer of them than numbers, or of other lengths; a slide may leave rows out."""
    return other_lengths(bars(file), n, least_of(file), some or ".slide." in file.name)


def other_years(file: Path, n: np.ndarray, some: bool) -> bool:
    """The same of the bars of years, of which each number has one."""
    return other_lengths(columns(file), n, least_of(file), some)


def least_of(file: Path) -> float:
    """From which length bars of a picture can be measured; a drawing measures them all."""
    return LEAST if file.suffix == ".png" else 0


def other_lengths(lengths: np.ndarray, n: np.ndarray, least: float, some: bool) -> bool:
    """Whether lengths are not in proportion to numbers (or to `some` of them, with the largest), both longest first."""
    if not len(lengths) or not len(n):
        return len(lengths) > len(n) if some else len(lengths) != len(n)
    right = n / n[0]
    right = right[right * lengths[0] >= least]
    if some:
        return len(lengths) > len(right) or max(np.abs(right - length / lengths[0]).min() for length in lengths) > PART
    return len(lengths) != len(right) or not np.allclose(lengths / lengths[0], right, atol=PART)


def other_colours(file: Path, n: np.ndarray, some: bool) -> bool:
    """Whether a heat map has a colour of its scale that no number which is shown has, nor 0; neighbours on the scale are one colour."""
    seen = colours(file)
    used = np.append(np.minimum(n / max(n, default=1) * SCALE.N, SCALE.N - 1).astype(int), 0)
    return any(np.abs(used - at).min() > 1 for at, shade in enumerate(SHADES) if shade in seen)


SHADES = [to_hex(SCALE(at)) for at in range(SCALE.N)]
LOOKS = {"bars": ("bars", other_bars), "years": ("bars", other_years), "heat": ("colours", other_colours)}


def bars(file: Path) -> np.ndarray:
    """The lengths of the lying bars of a figure, longest first, in the unit of the picture."""
    return lengths_in_svg(file, rf"stroke: (?:{BAR}|{GREY}); stroke-width: 0.8", 0) if file.suffix == ".svg" else bars_in_dots(dots(file))


def columns(file: Path) -> np.ndarray:
    """The heights of the standing bars of a figure of years that stand for its numbers."""
    if file.suffix == ".svg":
        return lengths_in_svg(file, rf"fill: {STRONG}; stroke: {STRONG}; stroke-width: 0.8", 1)
    return bars_in_dots(np.rot90(dots(file), -1), [STRONG])


def lengths_in_svg(file: Path, style: str, along: int) -> np.ndarray:
    """How far the paths of one style reach from left to right (0) or up (1); those of a legend are none."""
    drawing = ElementTree.parse(file)
    keys = {path for group in drawing.iter(f"{SVG}g") if group.get("id", "").startswith("legend") for path in group.iter(f"{SVG}path")}
    paths = [path for path in drawing.iter(f"{SVG}path") if re.search(style, path.get("style") or "") and path not in keys]
    ends = [[float(pair[along]) for pair in re.findall(r"[ML] (-?[\d.]+) (-?[\d.]+)", path.get("d"))] for path in paths]
    return np.sort([max(x) - min(x) for x in ends if x and max(x) > min(x)])[::-1]


def dots(file: Path) -> np.ndarray:
    """The dots of a picture; shape (height, width, 3), 0 to 255."""
    with Image.open(file) as picture:
        return np.asarray(picture.convert("RGB"), np.int16)


def like(picture: np.ndarray, colour: str) -> np.ndarray:
    """Which dots have a colour."""
    return (np.abs(picture - np.rint(255 * np.array(to_rgb(colour)))) <= NEAR).all(axis=-1)


def bars_in_dots(picture: np.ndarray, of=(BAR, GREY, INK)) -> np.ndarray:
    """The lengths of the bars that begin at the axis and can be told from it, longest first, in dots.

    The axis is the longest line of its colour from top to bottom. A bar is as long as most of its rows are its colour throughout, or lie
    inside of its edges; the line of an interval runs through a few of them.
    """
    axis = like(picture, plt.rcParams["axes.edgecolor"])
    at = int(axis.sum(axis=0).argmax())
    rows = max(runs_of(np.flatnonzero(axis[:, at]), 1), key=len)
    if not len(rows):
        return np.array([])
    area = np.logical_or.reduce([like(picture[rows[0]:rows[-1] + 1, at + 1:], colour) for colour in of])
    area = binary_closing(area, np.ones((GAP + 1, GAP + 1)))
    area[:, :AXIS] = True  # where the axis and the bar meet there are colours between theirs
    runs = np.logical_and.accumulate(binary_fill_holes(area), axis=1).sum(axis=1)
    filled = np.flatnonzero(runs > AXIS)
    lengths = np.sort([np.median(runs[band]) for band in runs_of(filled, GAP) if len(band)])[::-1].astype(float)
    return lengths[lengths >= LEAST]


def runs_of(at: np.ndarray, gap: int) -> list[np.ndarray]:
    """Numbers in order, parted where more than a gap lies between two of them."""
    return np.split(at, np.flatnonzero(np.diff(at) > gap) + 1)


def colours(file: Path) -> set[str]:
    """The colours that fill cells of a picture, as #rrggbb."""
    if file.suffix == ".svg":
        return set(re.findall(r"fill: (#[0-9a-f]{6})", file.read_text(encoding="utf-8")))
    packed = dots(file).astype(np.int64) @ (1 << 16, 1 << 8, 1)
    found, many = np.unique(packed, return_counts=True)
    return {f"#{one:06x}" for one in found[many >= CELL]}

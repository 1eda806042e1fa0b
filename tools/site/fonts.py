"""Cut the fonts of the site and of the figures down to what the book shows.

The originals are npm packages (book/_static/fonts/README.md has the commands). What comes out
is committed: nobody who builds the book needs the originals.
"""

# ruff: noqa: RUF001 - many letters that look alike

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from fontTools.merge import Merger
from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont
from fontTools.varLib.instancer import instantiateVariableFont

ROOT = Path(__file__).parents[2]
SITE = ROOT / "book" / "_static" / "fonts"
FIGURES = ROOT / "rnn_tutorial" / "figures" / "fonts"

ASCII = "".join(map(chr, range(0x20, 0x7F)))
# The text: what the pages show, and the letters of names that are likely to come.
TEXT = ASCII + "\N{NO-BREAK SPACE}©°±²·¹½×ÁÄÅÉÓÖØÜßáàâãäåçèéêëíîñóôöøúüý–—‘’“”…−"
GREEK = "ΓΔΘΛΞΠΣΦΨΩαβγδεηθκλμνξπρστφω"
# The formulas; browsers take the letters of most formulas from the alphabets of mathematics.
ITALIC = "ℎ𝚤𝚥" + "".join(map(chr, [*range(0x1D434, 0x1D468), *range(0x1D6FC, 0x1D71C)]))
BOLD = "".join(map(chr, [*range(0x1D400, 0x1D434), 0x1D7CE, 0x1D7CF]))
BOLD_GREEK = "𝚵𝚺𝚲𝜹𝝃𝜽𝝈𝝀𝝁"
SIGNS = "±×·ˆ˜¯\u0302\u0303‖′…ϵ⁡ℓℝℕ𝔼←↑→↓↦⇒∀∂∃∇∈∏∑−∗∘√∝∞∣∥∫≈≠≡≤≥≪≫⊂⊕⊗⊙⊤⋅⋮⋯⏞⏟"
# In the text these come from the font of the formulas, whose upright letters are the same.
BORROWED = "ČčćęěğŁłńňřŠšŽžő⁰⁴ⁿ"
# Upright letters of formulas, as in tanh, come from the font of the text, which has kerning.
MATH = (
    "".join(c for c in ASCII if not c.isalpha())
    + GREEK
    + ITALIC
    + BOLD
    + BOLD_GREEK
    + SIGNS
    + BORROWED
)


def cut(font: TTFont, characters: str, features: list[str], dropped: tuple[str, ...] = ()) -> None:
    """Leave only some characters and features in a font, and no instructions for old screens."""
    options = Options(layout_features=features, hinting=False, notdef_outline=True)
    options.drop_tables += dropped
    subsetter = Subsetter(options)
    subsetter.populate(text=characters)
    subsetter.subset(font)


def leave_sizes(font: TTFont, number: int) -> None:
    """Leave the smaller sizes of brackets: larger ones are put together from their parts."""
    variants = font["MATH"].table.MathVariants
    for construction in variants.VertGlyphConstruction + variants.HorizGlyphConstruction:
        if construction.GlyphAssembly:
            del construction.MathGlyphVariantRecord[number:]
            construction.MathGlyphVariantCount = len(construction.MathGlyphVariantRecord)


def text_font(package: Path, part: str, style: str) -> TTFont:
    """Return one part of STIX Two Text, whose weight goes from 400 to 700."""
    return TTFont(
        package / "files" / f"stix-two-text-{part}-wght-{style}.woff2", recalcTimestamp=False
    )


def math_font(package: Path) -> TTFont:
    """Return STIX Two Math."""
    path = package / "files" / "stix-two-math-latin-400-normal.woff2"
    return TTFont(path, recalcTimestamp=False)


def for_the_site(text: Path, math: Path) -> None:
    """Write the fonts that the pages load."""
    fonts = {
        "stix-two-text": text_font(text, "latin", "normal"),
        "stix-two-text-italic": text_font(text, "latin", "italic"),
    }
    for font in fonts.values():
        cut(font, TEXT, ["kern", "liga"])
    instantiateVariableFont(fonts["stix-two-text-italic"], {"wght": 400}, inplace=True)
    fonts["stix-two-math"] = TTFont(
        math / "files" / "stix-two-math-latin-400-normal.woff2", recalcTimestamp=False
    )
    leave_sizes(fonts["stix-two-math"], 5)
    cut(fonts["stix-two-math"], MATH, ["ssty", "dtls"], ("GPOS",))
    for name, font in fonts.items():
        font.flavor = "woff2"
        font.save(SITE / f"{name}.woff2")


def for_the_figures(text: Path, math: Path) -> None:
    """Write the text's font for matplotlib, with Greek letters and signs, in three styles."""
    styles = {"Regular": ("normal", 400), "Italic": ("italic", 400), "Bold": ("normal", 700)}
    for name, (style, weight) in styles.items():
        with TemporaryDirectory() as folder:
            paths = []
            for part in ("latin", "latin-ext", "greek"):
                font = text_font(text, part, style)
                cut(font, TEXT + GREEK + BORROWED, ["kern"])
                font = instantiateVariableFont(font, {"wght": weight})
                font.flavor = None
                paths.append(f"{folder}/{part}.ttf")
                font.save(paths[-1])
            signs = math_font(math)
            cut(signs, "".join(set(SIGNS) - set(TEXT)), [], ("GPOS", "GSUB", "MATH"))
            signs.flavor = None
            paths.append(f"{folder}/signs.ttf")
            signs.save(paths[-1])
            font = Merger().merge(paths)
        for record in (1, 4, 16):
            font["name"].setName("STIX Two Text", record, 3, 1, 0x409)
        for record in (2, 17):
            font["name"].setName(name, record, 3, 1, 0x409)
        font["name"].setName(f"STIXTwoText-{name}", 6, 3, 1, 0x409)
        font["OS/2"].usWeightClass = weight
        font["head"].macStyle = {"Regular": 0, "Bold": 1, "Italic": 2}[name]
        font["OS/2"].fsSelection = {"Regular": 0x40, "Bold": 0x20, "Italic": 0x01}[name]
        font.save(FIGURES / f"STIXTwoText-{name}.ttf")


def main(text: str, math: str) -> None:
    """Write all fonts from the unpacked packages of the text and of the formulas."""
    for_the_site(Path(text), Path(math))
    FIGURES.mkdir(exist_ok=True)
    for_the_figures(Path(text), Path(math))
    for path in sorted([*SITE.glob("*.woff*"), *FIGURES.glob("*.ttf")]):
        print(f"{path.relative_to(ROOT)}: {path.stat().st_size:,} bytes")


if __name__ == "__main__":
    main(*sys.argv[1:])

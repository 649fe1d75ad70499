"""The font of the board pack: Noto Sans SC (OFL), which has Latin and Chinese letters, embedded in the PDF.

It comes as a package, so that every machine makes the same pack and every reader sees it. Its outlines are cubic, and
ReportLab embeds quadratic ones: the letters that the pack uses are cut out and converted by fontTools.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterable


def register_font(texts: Iterable[str]) -> str:
    """Make a font that holds every letter of ``texts`` known to ReportLab; returns its name there."""
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.ttfonts import TTFont

    letters = "".join(sorted({letter for text in texts for letter in text if letter.isprintable()}))
    name = f"NotoSansSC-{hashlib.sha256(letters.encode()).hexdigest()[:12]}"
    if name not in pdfmetrics.getRegisteredFontNames():
        pdfmetrics.registerFont(TTFont(name, io.BytesIO(_quadratic_font(letters, name))))
    return name


def _quadratic_font(letters: str, name: str) -> bytes:
    """The font with ``letters`` alone, as TrueType, called ``name``: ReportLab takes fonts of one name for one font."""
    from fontTools.pens.cu2quPen import Cu2QuPen
    from fontTools.pens.ttGlyphPen import TTGlyphPen
    from fontTools.subset import Options, Subsetter
    from fontTools.ttLib import TTFont, newTable
    from pylopdf_fonts_zh_cn import sans_path

    font = TTFont(sans_path())
    subsetter = Subsetter(Options(layout_features=[], hinting=False, name_IDs=[0, 1, 2, 6, 13, 14]))
    subsetter.populate(text=letters)
    subsetter.subset(font)
    glyphs, drawn = font.getGlyphSet(), {}
    for glyph in font.getGlyphOrder():
        pen = TTGlyphPen(None)
        glyphs[glyph].draw(Cu2QuPen(pen, max_err=1.0, reverse_direction=True))
        drawn[glyph] = pen.glyph()
        drawn[glyph].recalcBounds(None)
        font["hmtx"][glyph] = (font["hmtx"][glyph][0], getattr(drawn[glyph], "xMin", 0))
    font["loca"] = newTable("loca")
    font["glyf"] = outlines = newTable("glyf")
    outlines.glyphOrder = font.getGlyphOrder()
    outlines.glyphs = drawn
    for table in ("CFF ", "VORG"):
        if table in font:
            del font[table]
    limits = font["maxp"]
    limits.tableVersion = 0x00010000
    for field in ("maxTwilightPoints", "maxStorage", "maxFunctionDefs", "maxInstructionDefs", "maxStackElements",
                  "maxSizeOfInstructions", "maxComponentElements"):  # fmt: skip
        setattr(limits, field, 0)
    limits.maxZones = 1
    font["post"].formatType = 3
    for record in font["name"].names:
        if record.nameID == 6:
            record.string = name
    font.sfntVersion = "\000\001\000\000"
    font.recalcTimestamp = False
    content = io.BytesIO()
    font.save(content)
    return content.getvalue()

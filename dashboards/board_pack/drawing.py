"""The board pack as PDF: A4 across, one topic after another, drawn by ReportLab without a browser.

The same pack is the same file to the byte: no time but the run's own stands in it.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from typing import Any
from xml.sax.saxutils import escape

from reportlab.graphics.charts.axes import XValueAxis, YValueAxis
from reportlab.graphics.charts.barcharts import HorizontalBarChart
from reportlab.graphics.shapes import Drawing, Group, Line, Polygon, PolyLine, Rect, String
from reportlab.lib.colors import Color, HexColor
from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.platypus import (
    BaseDocTemplate,
    Flowable,
    Frame,
    KeepTogether,
    LongTable,
    PageBreak,
    PageTemplate,
    Paragraph,
    Spacer,
    TableStyle,
)
from reportlab.platypus import Table as Grid

from dashboards.board_pack.content import Bars, Card, Fan, Pack, Section, Table
from dashboards.board_pack.fonts import register_font

INK, GREY, LINE, PALE = HexColor("#1F2A33"), HexColor("#66737F"), HexColor("#D5DBE0"), HexColor("#F3F6F7")
TEAL, RED = HexColor("#0B6E6E"), HexColor("#B23A48")
# From "not yet due" to "long overdue", as on the pages.
SERIES = tuple(HexColor(color) for color in ("#0B6E6E", "#8FBF9F", "#F2C879", "#E08A3C", "#B23A48"))
PAGE = landscape(A4)
MARGIN = 16 * mm
WIDTH = PAGE[0] - 2 * MARGIN


def pdf_bytes(pack: Pack) -> bytes:
    """The pack as a PDF file."""
    font = register_font(pack.texts())
    content = io.BytesIO()
    document = BaseDocTemplate(
        content,
        pagesize=PAGE,
        leftMargin=MARGIN,
        rightMargin=MARGIN,
        topMargin=14 * mm,
        bottomMargin=16 * mm,
        title=f"{pack.title} {pack.facts[0][1]}",
        author=pack.group or "Settlehouse",
        subject=pack.footer,
        creator="Settlehouse",
        lang="zh-CN" if pack.language == "zh" else "en",
        invariant=1,
        initialFontName=font,
    )
    frame = Frame(
        MARGIN, 14 * mm, WIDTH, PAGE[1] - 26 * mm, leftPadding=0, rightPadding=0, topPadding=0, bottomPadding=0
    )
    document.addPageTemplates([PageTemplate(frames=[frame], onPage=_footer(pack, font))])
    write = _Writer(font)
    story: list[Flowable] = write.cover(pack)
    for section in pack.sections:
        story += [PageBreak(), *write.section(section)]
    story += [PageBreak(), write.heading(pack.definitions_title), Spacer(0, 3 * mm),
              write.table(pack.definitions, widths=(0.14, 0.42, 0.26, 0.18))]  # fmt: skip
    document.build(story)
    return content.getvalue()


def _footer(pack: Pack, font: str) -> Callable[[Any, Any], None]:
    def draw(canvas: Any, _document: Any) -> None:
        canvas.saveState()
        canvas.setStrokeColor(LINE)
        canvas.setLineWidth(0.5)
        canvas.line(MARGIN, 12 * mm, PAGE[0] - MARGIN, 12 * mm)
        canvas.setFont(font, 7.5)
        canvas.setFillColor(GREY)
        canvas.drawString(MARGIN, 8 * mm, "  ·  ".join(part for part in (pack.group, pack.footer) if part))
        canvas.drawRightString(PAGE[0] - MARGIN, 8 * mm, pack.page_word.format(number=canvas.getPageNumber()))
        canvas.restoreState()

    return draw


class _Writer:
    """Texts, cards, tables and charts in one font."""

    def __init__(self, font: str) -> None:
        self.font = font

    def style(self, size: float, color: Color = INK, **more: Any) -> ParagraphStyle:
        # Chinese breaks between any two letters; ReportLab breaks so where it is told that the text is such.
        return ParagraphStyle("text", fontName=self.font, fontSize=size, leading=size * 1.35, textColor=color,
                              wordWrap="CJK", **more)  # fmt: skip

    def text(self, text: str, size: float, color: Color = INK, **more: Any) -> Paragraph:
        return Paragraph(escape(text), self.style(size, color, **more))

    def heading(self, text: str) -> Paragraph:
        return self.text(text, 17, TEAL)

    def cover(self, pack: Pack) -> list[Flowable]:
        facts = Grid(
            [[self.text(name, 9, GREY), self.text(value, 9)] for name, value in pack.facts],
            colWidths=[38 * mm, WIDTH - 38 * mm],
            style=TableStyle([("LEFTPADDING", (0, 0), (-1, -1), 0), ("TOPPADDING", (0, 0), (-1, -1), 1),
                              ("BOTTOMPADDING", (0, 0), (-1, -1), 1)]),
        )  # fmt: skip
        half = (len(pack.summary) + 1) // 2
        certificate = pack.sections[-1]
        return [
            Spacer(0, 12 * mm),
            self.text(pack.group, 13, GREY),
            Spacer(0, 2 * mm),
            self.text(pack.title, 30, TEAL),
            Spacer(0, 6 * mm),
            facts,
            Spacer(0, 8 * mm),
            self.cards(pack.summary[:half]),
            Spacer(0, 3 * mm),
            self.cards(pack.summary[half:], places=half),
            Spacer(0, 8 * mm),
            self.text(certificate.title, 11, TEAL),
            Spacer(0, 2 * mm),
            self.cards(certificate.cards),
        ]

    def section(self, section: Section) -> list[Flowable]:
        parts: list[Flowable] = [self.heading(section.title), self.text(section.purpose, 8.5, GREY), Spacer(0, 3 * mm)]
        if section.cards:
            parts += [self.cards(section.cards), Spacer(0, 4 * mm)]
        if section.chart is not None:
            parts += [self.chart(section.chart), Spacer(0, 3 * mm)]
        parts += [self.text(note, 8, GREY) for note in section.notes]
        for title, table in section.tables:
            grid = self.table(table)
            above = [Spacer(0, 3 * mm), self.text(title, 11, TEAL), Spacer(0, 1.5 * mm)]
            # A heading never stands alone at the foot of a page.
            parts += [KeepTogether([*above, grid])] if len(table.rows) <= 20 else [*above, grid]
        return parts

    def cards(self, cards: Sequence[Card], places: int = 0) -> Grid:
        places = max(places, len(cards), 4)
        cells = [[self.text(card.label, 8, GREY), self.text(card.figure, 15)] for card in cards]
        row: list[Any] = [*cells, *[""] * (places - len(cards))]
        last = len(cards) - 1
        return Grid(
            [row],
            colWidths=[WIDTH / places] * places,
            style=TableStyle(
                [
                    ("BOX", (place, 0), (place, 0), 0.6, LINE) for place in range(len(cards))
                ]
                + [
                    ("BACKGROUND", (0, 0), (last, 0), PALE),
                    ("FONTNAME", (0, 0), (-1, -1), self.font),  # of empty cells
                    ("LEFTPADDING", (0, 0), (-1, -1), 7),
                    ("RIGHTPADDING", (0, 0), (-1, -1), 4),
                    ("TOPPADDING", (0, 0), (-1, -1), 5),
                    ("BOTTOMPADDING", (0, 0), (-1, -1), 7),
                    ("VALIGN", (0, 0), (-1, -1), "TOP"),
                ]
            ),
        )  # fmt: skip

    def table(self, table: Table, widths: Sequence[float] = ()) -> LongTable:
        size = 7.5 if len(table.headings) > 6 or widths else 8
        left, right = {"alignment": 0}, {"alignment": 2}

        def cells(row: Sequence[str], color: Color) -> list[Paragraph]:
            return [
                self.text(text, size, RED if text.startswith("-") and place >= table.text_columns else color,
                          **(left if place < table.text_columns else right))
                for place, text in enumerate(row)
            ]  # fmt: skip

        rows = [cells(table.headings, GREY), *(cells(row, INK) for row in table.rows)]
        shares = widths or self._shares(table, size)
        style = [
            ("LINEBELOW", (0, 0), (-1, 0), 0.8, TEAL),
            ("LINEBELOW", (0, 1), (-1, -1), 0.3, LINE),
            ("LEFTPADDING", (0, 0), (-1, -1), 3),
            ("RIGHTPADDING", (0, 0), (-1, -1), 3),
            ("TOPPADDING", (0, 0), (-1, -1), 1.2),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 2),
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ]
        if table.has_total:
            style += [("BACKGROUND", (0, -1), (-1, -1), PALE), ("LINEABOVE", (0, -1), (-1, -1), 0.8, TEAL)]
        return LongTable(rows, colWidths=[WIDTH * share for share in shares], repeatRows=1, style=TableStyle(style))

    def _shares(self, table: Table, size: float) -> list[float]:
        """Columns as wide as their longest text, stretched to the page; texts give way first where it is too narrow."""
        wide = [
            max([stringWidth(row[place], self.font, size) for row in table.rows]
                + [min(stringWidth(heading, self.font, size), 24 * mm)]) + 9
            for place, heading in enumerate(table.headings)
        ]  # fmt: skip
        spare = WIDTH - sum(wide)
        texts = sum(wide[: table.text_columns])
        if spare < 0:
            wide = [one + spare * one / texts if place < table.text_columns else one for place, one in enumerate(wide)]
        else:
            wide = [one + spare / len(wide) for one in wide]
        return [one / WIDTH for one in wide]

    def chart(self, chart: Bars | Fan) -> Drawing:
        return self._fan(chart) if isinstance(chart, Fan) else self._bars(chart)

    def _legend(self, names: Sequence[tuple[str, Color]], top: float, left: float) -> Group:
        group, x = Group(), left
        for name, color in names:
            group.add(Rect(x, top, 8, 8, fillColor=color, strokeColor=None))
            group.add(String(x + 12, top + 1, name, fontName=self.font, fontSize=8, fillColor=INK))
            x += 24 + stringWidth(name, self.font, 8)
        return group

    def _bars(self, chart: Bars) -> Drawing:
        labels = [_short(text, 38) for text in chart.categories]
        left = max((stringWidth(text, self.font, 8) for text in labels), default=0) + 10
        step = 14 if len(labels) > 8 else 17
        body = max(step * len(labels), step)
        drawing = Drawing(WIDTH, body + 36)
        if not labels:
            return drawing
        # Bars in one another: the inner one is drawn over the outer one, on the same scale.
        layers = [[series] for series in chart.series] if chart.overlaid else [list(chart.series)]
        numbers = [
            sum(values) for layer in layers for values in _signed_sums([series for _, series in layer])
        ] if not chart.overlaid else [value for _, series in chart.series for value in series]  # fmt: skip
        low, high = min(0.0, *numbers), max(0.0, *numbers)
        colors = (HexColor("#C9D3DA"), TEAL) if chart.overlaid else SERIES
        for depth, layer in enumerate(layers):
            bars = HorizontalBarChart()
            bars.x, bars.y, bars.width, bars.height = left, 16, WIDTH - left - 14, body
            bars.data = [tuple(reversed(values)) for _, values in layer]
            bars.categoryAxis.categoryNames = list(reversed(labels))
            bars.categoryAxis.style = "stacked"
            bars.categoryAxis.labels.fontName = self.font
            bars.categoryAxis.labels.fontSize = 8
            bars.categoryAxis.labels.fillColor = INK
            bars.categoryAxis.labels.boxAnchor = "e"
            bars.categoryAxis.labelAxisMode = "low"
            bars.categoryAxis.visibleTicks = 0
            bars.categoryAxis.strokeColor = LINE
            bars.barWidth, bars.groupSpacing = 10, 5 if depth == 0 else 12
            self._value_axis(bars.valueAxis, low, high)
            bars.valueAxis.visibleGrid = bars.valueAxis.visibleLabels = depth == 0
            bars.categoryAxis.visibleLabels = depth == 0  # drawn twice they look bold
            for place in range(len(layer)):
                bars.bars[place].fillColor = colors[(place + depth) % len(colors)]
                bars.bars[place].strokeColor = None
            drawing.add(bars)
        names = [(name, colors[place % len(colors)]) for place, (name, _) in enumerate(chart.series)]
        drawing.add(self._legend(names, body + 24, left))
        return drawing

    def _value_axis(self, axis: Any, low: float, high: float) -> None:
        axis.valueMin, axis.valueMax = low, high if high > low else low + 1
        axis.forceZero, axis.rangeRound, axis.avoidBoundFrac = 1, "both", None
        axis.labels.fontName, axis.labels.fontSize, axis.labels.fillColor = self.font, 7.5, GREY
        axis.labelTextFormat = _in_short
        axis.strokeColor, axis.visibleGrid, axis.gridStrokeColor, axis.gridStrokeWidth = None, 1, LINE, 0.4
        axis.visibleTicks = 0
        axis.maximumTicks = 8

    def _fan(self, chart: Fan) -> Drawing:
        height, left, bottom, top = 54 * mm, 48, 18, 20
        drawing = Drawing(WIDTH, height)
        places = [float(place) for place in range(len(chart.weeks))]
        numbers = [*chart.mean, *(value for _, low, high in chart.bands for value in (*low, *high))]
        numbers += [] if chart.floor is None else [chart.floor]
        x, y = XValueAxis(), YValueAxis()
        self._value_axis(y, min(0.0, *numbers), max(0.0, *numbers))
        y.setPosition(left, bottom, height - bottom - top)
        y.configure([tuple((0.0, value) for value in numbers)])
        y.gridStart, y.gridEnd = left, WIDTH - 10
        x.setPosition(left, bottom, WIDTH - left - 24)
        x.valueMin, x.valueMax, x.valueSteps = 0, max(places[-1], 1.0), places
        x.visibleTicks, x.strokeColor, x.visibleLabels = 0, LINE, 0
        x.configure([tuple((place, 0.0) for place in places)])
        drawing.add((y.makeGrid and _grid_of(y)) or Group())
        drawing.add(y)
        across = [x.scale(place) for place in places]
        shades = [Color(0.043, 0.431, 0.431, alpha=alpha) for alpha in (0.16, 0.3)]
        for (_, low, high), shade in zip(chart.bands, shades, strict=True):
            outline = [(px, y.scale(value)) for px, value in zip(across, high, strict=True)]
            outline += [(px, y.scale(value)) for px, value in reversed(list(zip(across, low, strict=True)))]
            drawing.add(Polygon([number for point in outline for number in point], fillColor=shade, strokeColor=None))
        points = [(px, y.scale(value)) for px, value in zip(across, chart.mean, strict=True)]
        drawing.add(PolyLine([number for point in points for number in point], strokeColor=TEAL, strokeWidth=1.8))
        for px, week in zip(across, chart.weeks, strict=True):
            drawing.add(String(px, bottom - 11, f"{week:%m-%d}", fontName=self.font, fontSize=7.5, fillColor=GREY,
                               textAnchor="middle"))  # fmt: skip
        if chart.floor is not None:
            at = y.scale(chart.floor)
            drawing.add(Line(left, at, WIDTH - 10, at, strokeColor=RED, strokeWidth=1, strokeDashArray=(4, 3)))
            drawing.add(String(WIDTH - 10, at + 3, chart.floor_name, fontName=self.font, fontSize=8, fillColor=RED,
                               textAnchor="end"))  # fmt: skip
        names = [
            (chart.mean_name, TEAL),
            *((name, shade) for (name, *_), shade in zip(chart.bands, shades, strict=True)),
        ]
        drawing.add(self._legend(names, height - 12, left))
        return drawing


def _grid_of(axis: Any) -> Group:
    lines = Group()
    axis.makeGrid(lines)
    return lines


def _signed_sums(series: Sequence[Sequence[float]]) -> list[list[float]]:
    """What is stacked to the right and to the left of zero, per category."""
    stacks = []
    for values in zip(*series, strict=True):
        stacks += [[value for value in values if value > 0], [value for value in values if value < 0]]
    return stacks


def _in_short(value: float) -> str:
    """12.5M for 12,500,000: axes give the size, tables the figure."""
    for size, letter in ((1e9, "B"), (1e6, "M"), (1e3, "k")):
        if abs(value) >= size:
            return f"{value / size:,.10g}{letter}"
    return f"{value:,.10g}"


def _short(text: str, letters: int) -> str:
    return text if len(text) <= letters else f"{text[: letters - 1]}…"

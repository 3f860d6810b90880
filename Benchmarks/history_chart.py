"""Draws Benchmarks/history.csv as a chart.

usage: history_chart.py [HISTORY.csv [CHART.svg]]

The time of one evaluation at 512 pixels over the commits, multiplied by the processor's peak rate, so that rows of
different machines can be compared: the work that the peak rate would do in that time, in GFLOP.
"""

import csv
import sys

WIDTH, HEIGHT, LEFT, BOTTOM, TOP = 720, 300, 56, 44, 34


def main():
    source = sys.argv[1] if len(sys.argv) > 1 else "Benchmarks/history.csv"
    target = sys.argv[2] if len(sys.argv) > 2 else "docs/images/history.svg"
    with open(source) as file:
        rows = [row for row in csv.DictReader(file) if row["evaluation_512_seconds"] and row["peak_gflops"]]
    work = [float(row["evaluation_512_seconds"]) * float(row["peak_gflops"]) for row in rows]
    most = max(work) * 1.1
    step = (WIDTH - LEFT - 20) / max(1, len(rows) - 1)
    x = [LEFT + index * step for index in range(len(rows))]
    y = [HEIGHT - BOTTOM - value / most * (HEIGHT - BOTTOM - TOP) for value in work]
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" font-size="12">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>',
        f'<text x="{LEFT}" y="18" font-weight="bold">One evaluation at 512x512, in GFLOP at the peak rate of the machine</text>',
    ]
    for tick in range(5):
        value = most * tick / 4
        height = HEIGHT - BOTTOM - tick / 4 * (HEIGHT - BOTTOM - TOP)
        parts.append(f'<line x1="{LEFT}" x2="{WIDTH - 20}" y1="{height:.1f}" y2="{height:.1f}" stroke="#dddddd"/>')
        parts.append(f'<text x="{LEFT - 6}" y="{height + 4:.1f}" text-anchor="end">{value:.0f}</text>')
    points = " ".join(f"{a:.1f},{b:.1f}" for a, b in zip(x, y))
    parts.append(f'<polyline points="{points}" fill="none" stroke="#1d4e79" stroke-width="2"/>')
    for a, b, row, value in zip(x, y, rows, work):
        parts.append(f'<circle cx="{a:.1f}" cy="{b:.1f}" r="3" fill="#1d4e79"><title>{row["date"]} {row["commit"]} '
                     f'{row["processor"]}, {row["kernels"]}: {value:.0f} GFLOP</title></circle>')
    labels = min(6, len(rows))
    for index in sorted({(len(rows) - 1) * label // max(1, labels - 1) for label in range(labels)}):
        anchor = "start" if index == 0 else "end" if index == len(rows) - 1 else "middle"
        parts.append(f'<text x="{x[index]:.1f}" y="{HEIGHT - 20}" text-anchor="{anchor}">{rows[index]["commit"]}</text>')
    parts.append("</svg>")
    with open(target, "w") as file:
        file.write("\n".join(parts) + "\n")


main()

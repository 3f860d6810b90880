"""Converts the output lines of compare.sh to the tables of Benchmarks/RESULTS.md.

usage: summarize.py FILE RESULTS.md
"""
import collections
import datetime
import json
import statistics
import sys

from machine import output, processor

rows = collections.defaultdict(list)
for line in open(sys.argv[1]):
    kind, size, _, text = line.split(" ", 3)
    row = json.loads(text)
    if row.get("precision") == "fast" and kind != "alone":
        row["name"] = "impasto fast"
    rows[kind, int(size)].append(row)


def medians(found):
    """Returns the median of each round."""
    return [statistics.median(row["seconds"]) for row in found]


def spread(values):
    return f"{statistics.median(values):.3f} ({min(values):.3f} to {max(values):.3f})"


ours = [row for found in rows.values() for row in found if row["name"] == "impasto"]
torch = {row["version"] for found in rows.values() for row in found if "version" in row}
text = [
    "# Benchmark results",
    "",
    f"Written by `make bench` on {datetime.date.today():%d %B %Y}: {processor()}, {ours[0]['threads']} threads, "
    f"{ours[0]['kernels']} kernels, {output('swift', '--version').splitlines()[0] if output('swift', '--version') else ''}"
    + (f", PyTorch {', '.join(sorted(torch))}" if torch else "")
    + ".",
    "",
    "## One evaluation of objective and gradient",
    "",
    "Seconds of Impasto, and PyTorch with its best setting as a multiple of them: in single precision beside "
    "`--precision exact`, and of all settings beside `--precision fast`.",
    "",
    "| network | size | exact | PyTorch's best in single precision | times exact | fast | PyTorch's best | times fast |",
    "| --- | --- | --- | --- | --- | --- | --- | --- |",
]
for (kind, size), found in sorted(rows.items()):
    if not kind.startswith("vgg"):
        continue
    seconds = {
        name: statistics.median(medians([row for row in found if row["name"] == name]))
        for name in dict.fromkeys(row["name"] for row in found if "seconds" in row)
    }
    exact = seconds.pop("impasto")
    fast = seconds.pop("impasto fast", exact)
    cells = [kind, f"{size}x{size}"]
    for own, peers in [(exact, [name for name in seconds if "bf16" not in name]), (fast, list(seconds))]:
        best = min(peers, key=seconds.get, default=None)
        peer = [f"{best.removeprefix('PyTorch ')}, {seconds[best]:.3f}", f"{seconds[best] / own:.2f}"] if best else ["-", "-"]
        cells += [f"{own:.3f}", *peer]
    text.append(f"| {' | '.join(cells)} |")
text += [
    "",
    "All settings. Five Gram layers (conv1_1 to conv5_1), one content layer (conv4_2), total variation; seconds as the median of "
    "rounds in which all took turns, with the fastest and the slowest round. VGG-19 has random weights.",
    "",
    "| network | size | | seconds | times Impasto's | peak memory, MB |",
    "| --- | --- | --- | --- | --- | --- |",
]
for (kind, size), found in sorted(rows.items()):
    if not kind.startswith("vgg"):
        continue
    base = statistics.median(medians([row for row in found if row["name"] == "impasto"]))
    for name in dict.fromkeys(row["name"] for row in found):
        own = [row for row in found if row["name"] == name]
        if "error" in own[0]:
            text.append(f"| {kind} | {size}x{size} | {name} | failed: {own[0]['error']} | | |")
            continue
        values, peak = medians(own), max(row["peak_megabytes"] for row in own)
        ratio = statistics.median(values) / base
        text.append(f"| {kind} | {size}x{size} | {name} | {spread(values)} | {ratio:.2f} | {peak:.0f} |")

alone = collections.defaultdict(list)
for row in rows["alone", 0]:
    alone[row["width"], row["height"], row["threads"]].append(row)
threads = max(key[2] for key in alone)
base = statistics.median(medians(alone[512, 512, threads])) / 512**2
text += [
    "",
    "## Impasto alone",
    "",
    "| size | threads | seconds | µs a pixel | beside 512x512 on all threads |",
    "| --- | --- | --- | --- | --- |",
]
for (width, height, count), found in sorted(alone.items(), key=lambda item: (-item[0][2], item[0])):
    values = medians(found)
    pixel = statistics.median(values) / (width * height)
    text.append(f"| {width}x{height} | {count} | {spread(values)} | {1e6 * pixel:.3f} | {pixel / base:.2f} |")

peak = statistics.median(row["peak_gigaflops"] for row in ours)
text += [
    "",
    "The matrix product, 64 rows in 36 products one after another as in Winograd's method, all threads; the "
    f"processor's peak, measured with nothing but multiplications and additions in registers, is {peak:.0f} GFLOP/s:",
    "",
    "| channels | GFLOP/s | of the peak |",
    "| --- | --- | --- |",
]
for channels in ["64", "128", "256", "512"]:
    rate = statistics.median(row["product_gigaflops"][channels] for row in ours)
    text.append(f"| {channels} | {rate:.0f} | {100 * rate / peak:.0f} % |")

evaluation = statistics.median(medians(alone[512, 512, threads]))
text += ["", "A step of the optimizer beside the evaluation, at 512x512:", ""]
for name in ["L-BFGS", "Adam"]:
    seconds = statistics.median(row["optimizer_seconds"][name] for row in alone[512, 512, threads])
    text.append(f"- {name}: {1e3 * seconds:.1f} ms, {100 * seconds / evaluation:.1f} % of an evaluation")

text += [
    "",
    "## Whole transfers",
    "",
    "The default recipe, a painting as large as the photo, 24 iterations; the process's maximum resident size.",
    "",
    "| size | peak memory, MB |",
    "| --- | --- |",
]
starts = []
for row in rows["transfer", 0]:
    if row["size"] == 32:
        starts.append(row["seconds"])
    else:
        text.append(f"| {row['size']}x{row['size']} | {row['peak_megabytes']:.0f} |")
preparation = statistics.median(row["preparation_seconds"] for row in ours if row["width"] == 512)
text += [
    "",
    f"Start-up: all weights are read and transformed after {preparation:.2f} s; a whole process with one iteration at "
    f"32x32, decoding and writing included, takes {spread(starts)} s.",
    "",
]
report = "\n".join(text)
print(report)
open(sys.argv[2], "w").write(report)

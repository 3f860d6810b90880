"""Recipes that are too large, too deep or not text, alone and inside of a picture."""

from case import Case, transfer
from pictures import chunk, png

BASE = b'content = "small.png"\nstyle = "small.png"\niterations = 1\nsize = 32\n'


def texts():
    axes = "".join(f"{key} = [{', '.join(['1'] * 20000)}]\n" for key in [
        "style-weight", "content-weight", "tv-weight", "seed", "iterations", "scales", "margin",
        "noise-ratio"])
    yield "8 axes of 20000 values", b"[sweep]\n" + axes.encode()
    yield "60000 keys", b"".join(b"key%d = 1\n" % i for i in range(60_000))
    yield "30000 tables", b"".join(b"[table%d]\n" % i for i in range(30_000))
    yield "30000 cases", b"[[case]]\nseed = 1\n" * 30_000
    yield "deep lists", b"seed = " + b"[" * 100_000
    yield "deep tables", b"[" + b"a." * 50_000 + b"a]\n"
    yield "2 MB of comment", b"#" * (2 << 20)
    yield "NUL", b"seed = 1\0\n"
    yield "not UTF-8", b"content = \"\xff\xfe\"\n"
    yield "open string", b'content = "abc\n'
    yield "inline table", b"content = {a = 1}\n"
    yield "date", b"seed = 1979-05-27T07:32:00Z\n"
    yield "huge number", b"seed = 99999999999999999999\n"
    yield "infinite weight", b"style-weight = inf\n"
    yield "unknown key", b"colour = 1\n"
    yield "control characters", b"\"\\u001b]0;owned\\u0007\" = 1\n"
    yield "another type", b"seed = \"one\"\n"


def xmp(recipe):
    escaped = recipe.decode("latin-1").replace("&", "&amp;").replace("<", "&lt;")
    packet = ('<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF '
              'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description '
              'rdf:about="" xmlns:impasto="https://impasto.invalid/xmp/1.0/"><impasto:recipe>'
              f"{escaped}</impasto:recipe></rdf:Description></rdf:RDF></x:xmpmeta>")
    return chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + packet.encode("utf-8"))


def cases(sandbox):
    for number, (name, text) in enumerate(texts()):
        file = sandbox.write(f"{number}.toml", BASE + text)
        yield Case(name, ["transfer", "--recipe", file, "-o", "out.png", "--quiet"])
        yield Case(f"sweep: {name}", ["sweep", file, "-o", "grid", "--quiet"])
        rows = b"\0" * (1 + 3 * 4) * 4
        picture = sandbox.write(f"{number}.png", png(4, 4, data=rows, extra=xmp(BASE + text)))
        yield Case(f"in a picture: {name}",
                   ["transfer", "--recipe", picture, "-o", "out.png", "--quiet"],
                   expected="either" if name == "NUL" else "refused")
    entities = b'<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa">' + b"".join(
        b'<!ENTITY %c "%s">' % (98 + i, b"&%c;" % (97 + i) * 10) for i in range(9)) + b"]><a>&j;</a>"
    bomb = png(4, 4, data=b"\0" * 13 * 4,
               extra=chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + entities))
    yield Case("XML bomb", ["transfer", "--recipe", sandbox.write("bomb.png", bomb), "-o", "out.png"])
    for setting in ['style = "/dev/zero"', 'mask = "/dev/zero:"', 'protect = "/dev/zero"',
                    'start = "/dev/zero"', 'model = "/dev/zero"', 'content = "/dev/zero"']:
        key = setting.split(" =")[0].encode()
        base = b"".join(line + b"\n" for line in BASE.split(b"\n") if not line.startswith(key))
        file = sandbox.write(f"{key.decode()}-zero.toml", base + setting.encode())
        yield Case(f"names {setting}", ["transfer", "--recipe", file, "-o", "out.png", "--quiet"])

"""Values of options that make no sense."""

from case import Case, transfer

NUMBERS = ["--size", "--style-size", "--style-scale", "--content-weight", "--style-weight",
           "--tv-weight", "--iterations", "--scales", "--margin", "--learning-rate", "--noise-ratio",
           "--seed", "--jpeg-quality", "--bit-depth", "--threads", "--style-blend",
           "--checkpoint-every"]
WORDS = ["--optimizer", "--pooling", "--padding", "--quality", "--color", "--init", "--model",
         "--preprocessing", "--style-layers", "--content-layers", "--normalization", "--preset",
         "--mask", "--protect"]


def cases(_):
    for option in NUMBERS:
        for value in ["-1", "nan", "1e400", "99999999999999999999", "", "abc"]:
            # The largest of these numbers is valid for a factor.
            is_factor = option in ["--style-scale", "--tv-weight", "--style-blend"]
            yield Case(f"{option} {value!r}", transfer(f"{option}={value}"),
                       expected="either" if is_factor else "refused")
    for option in WORDS:
        for value in ["", "nothing", "\x1b[31m", "a" * 5000]:
            yield Case(f"{option} {value[:10]!r}", transfer(f"{option}={value}"))
    yield Case("no photo", ["transfer", "--style", "small.png", "-o", "out.png"])
    yield Case("no style", ["transfer", "small.png", "-o", "out.png"])
    yield Case("no output", ["transfer", "small.png", "--style", "small.png"])
    yield Case("unknown command", ["paint"])
    yield Case("unknown option", transfer("--colour"))
    for value in ["1e30", "1e38", "1e300", "1e308"]:
        yield Case(f"--style-weight {value}", transfer("--style-weight", value), expected="either")

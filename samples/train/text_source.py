"""Text that the project makes itself: programs in a small language that does not exist, deterministic by seed.

What there is to learn is known: three kinds of brackets, nested; two kinds of quotes, in which brackets mean nothing;
four blanks of indentation more after a colon at the end of a line, and any number less after a block; words.
"""

import random

NAMES = ["garden", "river", "stone", "lamp", "cloud", "house", "wheel", "petal", "window", "mirror", "shadow", "bridge"]
VERBS = ["paint", "carry", "open", "follow", "gather", "turn", "light", "hide"]
WORDS = ["the", "red", "old", "small", "night", "rain", "leaf", "under", "and", "never", "bright", "sea", "bird", "sings"]
BRACKETS = {"(": ")", "[": "]", "{": "}"}
CHARACTERS = "\n " + "\"'" + "()[]{}" + "#+-*/<>=:,." + "0123456789" + "abcdefghijklmnopqrstuvwxyz"


class Writer:
    def __init__(self, seed):
        self.random = random.Random(seed)

    def pick(self, options):
        return options[int(self.random.random() * len(options))]

    def chance(self, p):
        return self.random.random() < p

    def number(self):
        return str(int(self.random.random() ** 3 * 1000))

    def string(self):
        quote = self.pick("\"\"'")
        words = [self.pick(WORDS) for _ in range(1 + int(self.random.random() * 5))]
        if self.chance(0.2):
            words[-1] = self.pick("([{") + words[-1]  # opens nothing: it stands in quotes
        return quote + " ".join(words) + self.pick(["", "", "."]) + quote

    def expression(self, depth):
        kind = self.random.random()
        if depth <= 0 or kind < 0.3:
            return self.pick([self.number, self.string, lambda: self.pick(NAMES), lambda: self.pick(NAMES)])()
        if kind < 0.55:
            return "(%s %s %s)" % (self.expression(depth - 1), self.pick("+-*/<>"), self.expression(depth - 1))
        items = range(1 + int(self.random.random() * 3))
        if kind < 0.75:
            return "[%s]" % ", ".join(self.expression(depth - 1) for _ in items)
        if kind < 0.9:
            return "{%s}" % ", ".join("%s: %s" % (self.pick(NAMES), self.expression(depth - 1)) for _ in items)
        return "%s(%s)" % (self.pick(VERBS), ", ".join(self.expression(depth - 1) for _ in items))

    def block(self, depth):
        lines = []
        for _ in range(1 + int(self.random.random() * 4)):
            kind = self.random.random()
            if kind < 0.1:
                lines.append("# " + " ".join(self.pick(WORDS) for _ in range(2 + int(self.random.random() * 4))))
            elif kind < 0.5 or depth <= 0:
                lines.append("%s = %s" % (self.pick(NAMES), self.expression(3)))
            elif kind < 0.65:
                lines.append("%s(%s)" % (self.pick(VERBS), self.expression(2)))
            else:
                head = self.pick(["if %s:" % self.expression(2), "while %s:" % self.expression(1),
                                  "for %s in %s:" % (self.pick(NAMES), self.expression(1))])
                lines += [head] + ["    " + line for line in self.block(depth - 1)]
                if head.startswith("if") and self.chance(0.4):
                    lines += ["else:"] + ["    " + line for line in self.block(depth - 1)]
        return lines

    def function(self):
        head = "to %s(%s):" % (self.pick(VERBS), ", ".join(self.pick(NAMES) for _ in range(1 + int(self.random.random() * 3))))
        return "\n".join([head] + ["    " + line for line in self.block(3)]) + "\n\n"


def make_text(seed, length):
    """At least `length` characters, whole functions."""
    writer, parts, total = Writer(seed), [], 0
    while total < length:
        parts.append(writer.function())
        total += len(parts[-1])
    return "".join(parts)


def encode(text):
    index = {c: i for i, c in enumerate(CHARACTERS)}
    return [index[c] for c in text]


if __name__ == "__main__":
    print(make_text(0, 2000))

# SPDX-License-Identifier: MIT
"""mutants.py - the small changes that a test has to notice: one at a time, in C source text."""

import collections
import re

# key: FILE FUNCTION: what stood there => what stands there now; the same for all versions of a
# file as long as that line stays as it is.
Mutant = collections.namedtuple("Mutant", "path key text")

COMPARED = {
    "<": ["<=", ">="], "<=": ["<", ">"], ">": [">=", "<="], ">=": [">", "<"],
    "==": ["!="], "!=": ["=="], "&&": ["||"], "||": ["&&"],
    "+": ["-"], "-": ["+"], "*": ["/"], "/": ["*"], "%": ["*"], "<<": [">>"], ">>": ["<<"],
    "|": ["&"], "&": ["|"], "^": ["&"],
    "+=": ["-="], "-=": ["+="], "|=": ["&="], "&=": ["|="], "*=": ["+="],
}
# Binary ones stand between blanks in the project's layout, unary ones do not.
BINARY = re.compile(r"(?<= )(<<|>>|<=|>=|==|!=|&&|\|\||\+=|-=|\*=|\|=|&=|[-+*/%<>|&^])(?=[ \n])")
NUMBER = re.compile(r"(?<![\w.])(0x[0-9a-fA-F]+|\d+)(?=[uU]?\b)")
STEP = re.compile(r"\+\+|--")
NOT = re.compile(r"!(?!=)|(?<=[ (])~(?=\w)")
CONDITION = re.compile(r"\b(?:if|while) \(")
QUESTION = re.compile(r"(?<=[ (])([\w.>\[\]-]+) \?")
LEAVE = re.compile(r"\b(?:continue|break)(?=;)")
ENUMERATOR = re.compile(r"\b(?:FO|FAILOVER)_[A-Z0-9_]+\b")
ROW = re.compile(r"^\t\{ .*?\},\n", re.M | re.S)
FUNCTION = re.compile(r"^[a-z][\w \t*]*?\b(\w+)(?:\(|\[\] = )", re.M)
STATEMENT = re.compile(
    r"(?:(?<=[;{}:])|(?<=\belse))\s*\n\s*"
    r"((?!return\b|goto\b|break\b|continue\b|if\b|for\b|while\b|switch\b|case\b|else\b|do\b)"
    r"(?:\(void\))?[*&(]*[a-z_]\w*(?:->|\.|\[|\(|\)|\+\+|--| [-+*/|&^%]?= )[^;{}]*;)")
AFTER_CONDITION = re.compile(
    r"\)\n\t+((?!return\b|goto\b|if\b|for\b|while\b|switch\b)"
    r"[*]?[a-z_]\w*(?:->|\.|\[|\(|\+\+|--| [-+*/|&^%]?= )[^;{}]*;)")


def masked(text):
    """The text with comments, strings and #include lines blanked out, of the same length."""
    pattern = re.compile(r"/\*.*?\*/|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])+'|"
                         r"^#(?:include|ifdef|ifndef|endif|if)\b.*$", re.S | re.M)
    pattern = re.compile(pattern.pattern.replace(".*$", "[^\n]*"), re.S | re.M)
    return pattern.sub(lambda found: re.sub(r"[^\n]", " ", found.group(0)), text)


def enumerators(headers):
    """{name: the next name of the same enum} of all enums in these texts."""
    after = {}
    for text in headers:
        for body in re.findall(r"\benum \w+ \{(.*?)\}", masked(text), re.S):
            names = [name for name in re.findall(r"(\w+)\s*(?:=[^,}]*)?(?:,|$)", body.strip())]
            for name, following in zip(names, names[1:] + names[:1]):
                if name != following:
                    after[name] = following
    return after


def closing(text, at):
    """The place of the bracket that closes the one at `at`."""
    depth = 0
    for place in range(at, len(text)):
        depth += {"(": 1, ")": -1}.get(text[place], 0)
        if not depth:
            return place
    raise ValueError("a bracket is not closed")


def number(text):
    if text.startswith("0x"):
        return [hex(int(text, 16) >> 1)]
    return {"0": ["1"], "1": ["0"]}.get(text, [str(int(text) + 1), str(int(text) - 1)])


def conditions(code):
    """Whole conditions turned round, where no comparison inside is turned already."""
    for found in CONDITION.finditer(code):
        start, end = found.end(), closing(code, found.end() - 1)
        if not re.search(r"[<>=!]=| [<>] |!|&&|\|\|", code[start:end]):
            yield start, end, "!(" + code[start:end] + ")"
    for found in QUESTION.finditer(code):
        yield found.start(1), found.end(1), "!" + found.group(1)


def statements(code):
    for pattern in (STATEMENT, AFTER_CONDITION):
        for found in pattern.finditer(code):
            yield found.start(1), found.end(1), ";"


def tokens(code, after):
    for found in BINARY.finditer(code):
        for other in COMPARED[found.group(1)]:
            yield found.start(), found.end(), other
    for found in NUMBER.finditer(code):
        for other in number(found.group(1)):
            yield found.start(), found.end(), other
    for found in STEP.finditer(code):
        yield found.start(), found.end(), "--" if found.group(0) == "++" else "++"
    for found in NOT.finditer(code):
        yield found.start(), found.end(), ""
    for found in LEAVE.finditer(code):
        yield found.start(), found.end(), "break" if found.group(0) == "continue" else ""
    for found in ENUMERATOR.finditer(code):
        before = code[max(0, found.start() - 5):found.start()]
        if found.group(0) in after and before != "case ":
            yield found.start(), found.end(), after[found.group(0)]
    for found in ROW.finditer(code):
        yield found.start(), found.end(), ""


def line_of(text, start, end):
    """The lines around a place, in one."""
    first = text.rfind("\n", 0, start) + 1
    last = text.find("\n", max(end - 1, start))
    return first, last if last >= 0 else len(text)


def squeezed(text):
    return " ".join(text.split())


def mutants_of(path, text, after):
    """All mutants of one file, in the order of their places."""
    code = masked(text)
    functions = [(found.start(), found.group(1)) for found in FUNCTION.finditer(code)]
    seen = collections.Counter()
    places = set(tokens(code, after)) | set(conditions(code)) | set(statements(code))
    for start, end, other in sorted(places):
        if squeezed(code[start:end]) == squeezed(other):
            continue
        first, last = line_of(text, start, end)
        inside = [name for at, name in functions if at <= start][-1:] or ["-"]
        key = (f"{path} {inside[0]}: {squeezed(text[first:last])}"
               f" => {squeezed(text[first:start] + other + text[end:last])}")
        seen[key] += 1
        if seen[key] > 1:
            key += f" #{seen[key]}"
        yield Mutant(path, key, text[:start] + other + text[end:])

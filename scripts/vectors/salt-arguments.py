#!/usr/bin/env python3
"""Writes what Salt makes of words on its command line, as the vectors of MusterCLITests.

    PEER/bin/python scripts/vectors/salt-arguments.py > Tests/Vectors/cli/arguments-3008.json
"""

import json
import sys

import salt.utils.args
import salt.version

WORDS = [
    "", " ", "hello", "hello world", "42", "-7", "+1", "0", "00", "007", "017", "0o17", "0x1f", "0xZZ", "0b101", "1_000", "1_000.5",
    "1.0", "1.", ".5", "-.5", "+.5", "1e3", "1.0e3", "1.0e+3", "1.5E-3", "1e+3", ".inf", "-.inf", ".nan", "inf", "nan", "12:30",
    "12:30:45", "1:99", "0:30", "12:30.5", "190:20:30.15", "true", "True", "TRUE", "tRUE", "false", "yes", "no", "on", "off", "y", "n", "null", "Null",
    "None", "none", "~", "~/file", "2024-01-02", "2024-1-2", "2024-01-02 03:04:05", "2024-01-02T03:04:05Z", "20240102", "9223372036854775807",
    "-9223372036854775808", "18446744073709551615", "20261121093425123456", "[1, 2, three]", "[]", "[a, [b, {c: d}]]", "{a: 1}", "{}",
    "{a: 1, b: [x, y], c: null}", '{"a": "b"}', "{a: 1, a: 2}", "{'1': 2, 3: 4}", "a: 1", "- a", "a:1", "a: b: c", "key=value", "key=1",
    "key=", "key==value", "key= value", "a.b=1", "a-b=1", "a_b=[1, 2]", "1a=2", "k=#x", "k=a # b", "a#b", "a #b", "[1] # c", "#a",
    "# a", "'quoted'", '"double"', "'it''s'", '"esc\\n"', "'unclosed", '"1"', "'1'", "[unclosed", "{unclosed", "!", "!!", "|", ">", "&a", "*a", "&",
    "*", "web*", "%a", "@a", "`a`", "?", "-", "--", "---", "...", ":", "a:", "=", "<<", "a\tb", "a\nb", "k=a\nb", "k=a\tb", "ls -l /tmp",
    "uname -r", "echo 'a: b'", "echo a: b", "a, b", "[a b]", "{{ x }}", "!!binary aGk=", "!!str 1", "!!int '1'", "!foo bar", "ключ=значение", "Grüße",
    "k=None", "k=True", "k='1'", "k={a: 1}", "k=a=b", "http://host:80/x?y=1", "10.0.0.1", "10.0.0.0/8", "1.2.3", "_", "_1", "1_", "1__2", " 42 ", " a ",
    "k= 1", "[1,2", "a]", "}", "x: [1, 2]", "[2024-01-02, 12:30, yes, ~]", "{a: }", "[,]", "{a}", "\u00a0", "k", "k=v w=x", "null=1", "True=1",
    "[0x10, 010, 1.5, .5]", "! a", "!a", "'a' b", "[a]b", "{a: 1}b", "a\rb", "\\n", "C:\\dir", "99999999999999999999999", "0.1", "-0.0", "1e5", "1.e5", "--- a",
    "&a b", "[&a 1, *a]", "{<<: {a: 1}, b: 2}", "? a", "[? a]", "%TAG", "[ ]", "{ }", "[a, ]",
]


def tagged(value):
    if isinstance(value, bytes):
        return {"$bytes": value.hex()}
    if isinstance(value, int) and not -(2**63) <= value < 2**64:
        return str(value)  # beyond what MessagePack carries: text in Muster
    if isinstance(value, float) and (value != value or value in (float("inf"), float("-inf"))):
        return {"$float": repr(value)}
    if isinstance(value, (list, tuple)):
        return [tagged(element) for element in value]
    if isinstance(value, dict):
        if all(isinstance(key, str) for key in value):
            return {key: tagged(element) for key, element in value.items()}
        return {"$map": [[tagged(key), tagged(element)] for key, element in value.items()]}
    return value


def main():
    cases = []
    for word in WORDS:
        arguments, keywords = salt.utils.args.parse_input([word], condition=False)
        cases.append({"word": word, "arguments": tagged(arguments), "keywords": tagged(keywords)})
    document = {"comment": f"parsed by salt {salt.version.__version__}, scripts/vectors/salt-arguments.py", "cases": cases}
    json.dump(document, sys.stdout, ensure_ascii=True, indent=1)
    print()


main()

#!/usr/bin/env python3
"""Writes what Salt's own outputters print for a set of values, as the vectors of MusterCLITests.

Run it with the Python of an installed Salt; it prints JSON:

    PEER/bin/python scripts/vectors/salt-outputs.py nested json yaml raw txt pprint > \
        Tests/Vectors/cli/outputs-3008.json
    PEER/bin/python scripts/vectors/salt-outputs.py newline_values_only quiet > \
        Tests/Vectors/cli/outputs-3006.json

Values that JSON cannot hold are written as {"$bytes": hex}, {"$float": text} and {"$map": [[key, value], ...]}.
"""

import json
import sys

import salt.config
import salt.output
import salt.version

VALUES = {
    "true": {"web1": True},
    "false": {"web1": False},
    "none": {"web1": None},
    "integer": {"web1": 42},
    "negative": {"web1": -7},
    "large integers": {"web1": [2**63 - 1, -(2**63), 2**64 - 1]},
    "floats": {"web1": [1.0, 0.1, -2.5, 1e16, 9007199254740993.0, 1e15, 123456789012345680.0, 1e-4, 1e-5, 1.5e300, 0.0, -0.0]},
    "float specials": {"web1": [float("inf"), float("-inf"), float("nan")]},
    "text": {"web1": "hello world"},
    "empty text": {"web1": ""},
    "lines": {"web1": "first\nsecond\n\nfourth\n"},
    "text with quotes": {"web1": ["it's", 'say "hi"', "both ' and \"", "back\\slash"]},
    "control characters": {"web1": ["tab\there", "bell\x07", "nul\x00", "esc\x1b[31mred", "cr\rlf", "\x7f", "\x85\xa0"]},
    "separators": {"web1": ["a\u2028b", "a\x0bb\x0cc\x1cd"]},
    "unicode": {"web1": ["Grüße", "日本語", "🙂", "e\u0301", "\u200b", "\ufeff"]},
    "bytes": {"web1": [b"plain", b"\xff\x00'x"]},
    "list": {"web1": ["a", 1, None, True, 2.5]},
    "empty list": {"web1": []},
    "empty map": {"web1": {}},
    "nested lists": {"web1": [[1, 2], ["a", ["b", "c"]], []]},
    "list of maps": {"web1": [{"a": 1, "b": [1, 2]}, {"c": {"d": "e"}}, {}]},
    "map": {"web1": {"b": 1, "a": {"y": [1, 2, {"z": None}], "x": "text"}, "c": "two\nlines"}},
    "mixed keys": {"web1": {1: "int", "two": 2, None: "none", True: "true", 1.5: "float"}},
    "integer keys": {"web1": {10: "ten", 9: "nine"}},
    "yaml words": {"web1": ["yes", "no", "on", "null", "~", "true", "1", "1.0", "0x1f", "1e3", "2024-01-02", "12:30", "=", "<<", "", " lead", "trail ", "a: b", "a #b", "#a", "- a", "[x]", "{x}", "*a", "&a", "!a", "%a", "@a", "`a", "|", ">", "?", "-", ":", "'q'", "0o17", "017", ".5", "+1", "1_000"]},
    "yaml keys": {"web1": {"yes": 1, "1": 2, "a: b": 3, "": 4, "multi\nline": 5, "k" * 130: 6}},
    "long line": {"web1": " ".join(["word%d" % n for n in range(40)])},
    "long word": {"web1": "x" * 200},
    "long texts in a list": {"web1": [" ".join(["word%d" % n for n in range(30)]), "y" * 100]},
    "ping": {"web1": True, "web2": True, "db1": False},
    "run_all": {"web1": {"pid": 1234, "retcode": 0, "stdout": "Linux\nsecond line", "stderr": ""}},
    "grains": {"web1": {"os": "Debian", "ipv4": ["10.0.0.1", "127.0.0.1"], "ip_interfaces": {"lo": ["127.0.0.1", "::1"], "eth0": ["10.0.0.1"]}, "mem_total": 7953, "osrelease_info": [12, 5], "selinux": {"enabled": False, "enforced": "Disabled"}, "systempath": ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"], "uuid": "d1a7cb3d-cbe2-4d1b-9f39-f6ce9d7f62a0"}},
    "wide map": {"web1": {"key%02d" % n: n * 1000 for n in range(20)}},
    "deep": {"web1": {"a": {"b": {"c": {"d": ["e", {"f": "g" * 60, "h": "i" * 30}]}}}}},
    "plain text": "no node here",
    "plain list": ["a", "b"],
    "plain number": 3,
    "several lists": {"web1": ["10.0.0.1", "127.0.0.1"], "web2": ["10.0.0.2"]},
}


def tagged(value):
    if isinstance(value, bytes):
        return {"$bytes": value.hex()}
    if isinstance(value, float) and value != value or value in (float("inf"), float("-inf")):
        return {"$float": repr(value)}
    if isinstance(value, (list, tuple)):
        return [tagged(element) for element in value]
    if isinstance(value, dict):
        if all(isinstance(key, str) for key in value):
            return {key: tagged(element) for key, element in value.items()}
        return {"$map": [[tagged(key), tagged(element)] for key, element in value.items()]}
    return value


def printed(value, out, **options):
    opts = salt.config.master_config(None)
    opts.update(options)
    opts["color"] = options.get("force_color", False)
    text = salt.output.out_format(value, out, opts, _retcode=options.get("retcode", 0))
    return text


def main():
    cases = []
    for out in sys.argv[1:]:
        for name, value in VALUES.items():
            try:
                text = printed(value, out)
            except Exception as error:  # what the program itself would die of is no vector
                sys.stderr.write(f"{out}: {name}: {error}\n")
                continue
            cases.append({"out": out, "name": name, "value": tagged(value), "text": text})
        if out == "nested":
            for name in ("map", "list of maps", "lines", "list", "none"):
                for retcode in (0, 1):
                    text = printed(VALUES[name], out, force_color=True, retcode=retcode)
                    cases.append({"out": out, "name": f"{name}, coloured, retcode {retcode}", "value": tagged(VALUES[name]),
                                  "color": True, "retcode": retcode, "text": text})
        if out in ("json", "yaml", "pprint"):
            for indent in (-1, 2, 8):
                for name in ("map", "list of maps", "grains"):
                    try:
                        text = printed(VALUES[name], out, output_indent=indent)
                    except Exception as error:
                        sys.stderr.write(f"{out}: {name}: indent {indent}: {error}\n")
                        continue
                    cases.append({"out": out, "name": f"{name}, indent {indent}", "value": tagged(VALUES[name]),
                                  "indent": indent, "text": text})
        if out == "key":
            pass
    keys = [
        {"minions": ["web1", "db1"], "minions_pre": ["new1"], "minions_rejected": [], "minions_denied": ["evil"]},
        {"minions_pre": {"new1": "aa:bb:cc"}, "local": {"master.pem": "01:02", "master.pub": "03:04"}},
        {"minions": []},
    ]
    if "nested" in sys.argv:
        for number, value in enumerate(keys):
            for color in (False, True):
                opts = salt.config.master_config(None)
                opts["color"] = color
                cases.append({"out": "key", "name": f"keys {number} {color}", "value": value, "color": color,
                              "text": salt.output.out_format(value, "key", opts)})
        for color in (False, True):
            value = {"web1": "Minion did not return. [No response]\nsecond", "web2": {"a": "b"}}
            opts = salt.config.master_config(None)
            opts["color"] = color
            cases.append({"out": "no_return", "name": f"no_return {color}", "value": value, "color": color,
                          "text": salt.output.out_format(value, "no_return", opts)})
    document = {"comment": f"printed by the outputters of salt {salt.version.__version__}, scripts/vectors/salt-outputs.py",
                "cases": cases}
    json.dump(document, sys.stdout, ensure_ascii=True, indent=1)
    print()


main()

#!/usr/bin/env python3
"""An operator's module in Python: `words.count TEXT [longest=False]` and `words.join A B ... [separator=' ']`.

Install: copy it to the node's modules directory, owned by root, mode 0755. See docs/modules.md.
"""

import json
import sys

DESCRIPTION = {
    "name": "words",
    "summary": "An example module in Python",
    "functions": [
        {
            "name": "count",
            "doc": "Count the words of a text.\n\nCLI Example:\n\n    muster run '*' words.count 'to be or not to be' longest=True",
            "parameters": [{"name": "text"}, {"name": "longest", "default": False}],
        },
        {
            "name": "join",
            "doc": "Join words with a separator.",
            "parameters": [],
            "extras": ["args", "kwargs"],
            "timeout": 10,
        },
    ],
}


def count(text, longest=False):
    words = str(text).split()
    result = {"words": len(words), "characters": len(str(text))}
    if longest:
        result["longest"] = max(words, key=len, default="")
    return result


def join(*words, separator=" "):
    return separator.join(str(word) for word in words)


def main():
    if sys.argv[1:] == ["describe"]:
        json.dump(DESCRIPTION, sys.stdout)
    elif len(sys.argv) == 3 and sys.argv[1] == "call" and sys.argv[2] in ("count", "join"):
        request = json.load(sys.stdin)
        result = globals()[sys.argv[2]](*request["args"], **request["kwargs"])
        json.dump(result, sys.stdout)
    else:
        sys.exit(f"usage: {sys.argv[0]} describe | call count|join")


if __name__ == "__main__":
    main()

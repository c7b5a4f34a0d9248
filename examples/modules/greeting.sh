#!/bin/sh
# An operator's module in shell: `greeting.hello NAME [greeting=...]` and `greeting.load_average`.
# Install: copy it to the node's modules directory, owned by root, mode 0755. See docs/modules.md.

case "$1" in
describe)
    cat <<'JSON'
{
  "name": "greeting",
  "summary": "An example module in shell",
  "functions": [
    {
      "name": "hello",
      "doc": "Greet somebody.\n\nCLI Example:\n\n    muster run '*' greeting.hello world",
      "parameters": [{"name": "who"}, {"name": "greeting", "default": "Hello"}]
    },
    {"name": "load_average", "doc": "Return the load average of the last minute.", "timeout": 5}
  ]
}
JSON
    ;;
call)
    request=$(cat)
    # Without a JSON tool a shell module can pick single texts out of the request: {"args":[..],"kwargs":{..},"context":{..}}
    field() { printf '%s' "$request" | sed -n "s/.*\"$1\":\"\\([^\"\\\\]*\\)\".*/\\1/p"; }
    case "$2" in
    hello)
        who=$(field who)
        if [ -z "$who" ]; then
            echo "hello: 'who' must be a plain text" >&2
            exit 2
        fi
        printf '"%s, %s! This is %s."\n' "$(field greeting)" "$who" "$(field id)"
        ;;
    load_average) cut -d ' ' -f 1 /proc/loadavg ;;
    *)
        echo "no function '$2'" >&2
        exit 1
        ;;
    esac
    ;;
*)
    echo "usage: $0 describe | call FUNCTION" >&2
    exit 64
    ;;
esac

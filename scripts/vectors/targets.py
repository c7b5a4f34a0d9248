"""Makes Tests/Vectors/targets/targets.json from an unchanged Salt: run with that Salt's Python.

    .../salt-3008.5/bin/python scripts/vectors/targets.py > Tests/Vectors/targets/targets.json
"""

import fnmatch
import json
import re

import salt.config
import salt.utils.data
import salt.utils.minions
import salt.version
from salt.matchers import compound_match, glob_match, grain_match, grain_pcre_match, ipcidr_match
from salt.matchers import list_match, pcre_match, pillar_match, pillar_pcre_match

GRAINS = {
    "id": "web1.example.com", "os": "Debian", "os_family": "Debian", "osrelease": "12.11", "osmajorrelease": 12,
    "num_cpus": 2, "selinux": {"enabled": False, "enforced": "Disabled"}, "ipv4": ["10.1.2.3", "127.0.0.1"],
    "ipv6": ["::1", "fe80::1"], "roles": ["web", "Cache:Front"], "empty": {}, "none": None, "virtual": "kvm",
    "ip_interfaces": {"eth0": ["10.1.2.3", "fe80::1"], "lo": ["127.0.0.1", "::1"]},
    "nested": {"a": {"b": {"c": "deep"}}, "list": [{"k": "v1"}, {"k": "v2"}, "plain"]}, "1": "one", "ports": {22: "ssh"},
    "colon": "a:b:c", "float": 1.5, "flag": True,
}
PILLAR = {"app": {"name": "shop", "ports": [80, 443]}, "secret": "x:y"}

PATHS = [
    "os:Debian", "os:debian", "os:Deb*", "os:[Dd]ebian", "os:Ubuntu", "os", "osrelease:12*", "osmajorrelease:12",
    "num_cpus:2", "num_cpus:3", "selinux:enabled:false", "selinux:enabled:True", "selinux:enabled:*", "selinux:enf*",
    "selinux:enforced:disabled", "selinux:*", "empty:*", "none:none", "none:*", "roles:web", "roles:WEB", "roles:cache:front",
    "roles:cache", "ip_interfaces:eth0:10.1.*", "ip_interfaces:*:10.1.2.3", "ip_interfaces:*", "*:eth0", "*:kvm",
    "nested:a:b:c:deep", "nested:a:b:*", "nested:a:*:c", "nested:*:b", "nested:list:k:v2", "nested:list:0:k:v1",
    "nested:list:1:k:v1", "nested:list:plain", "nested:list:-1:plain", "1:one", "ports:22:ssh", "ports:22", "colon:a:b:c",
    "colon:a*", "float:1.5", "flag:true", "flag:1", "missing:x", "os:", ":", "::", "*:", "*:*", "os:*:x", "os:Debian:x",
    "ipv4:10.1.2.3", "ipv4:10.*", "ip_interfaces:lo:0:127*", "nested:list:*:v1",
]
REGEXES = ["os:Deb", "os:^deb.*n$", "os:bian", "osrelease:1[0-9]", "roles:(web|db)", "roles:.*front", "os:(", "num_cpus:\\d",
           "nested:a:b:c:de+p", "selinux:en.*"]
GLOBS = [("web*", "web1"), ("web?", "web1"), ("web?", "web12"), ("*", ""), ("", ""), ("", "a"), ("[ab]x", "ax"), ("[!ab]x", "ax"),
         ("[!ab]x", "cx"), ("[a-c]x", "bx"), ("[]x]", "]"), ("[", "["), ("[a", "[a"), ("a[]b", "a[]b"), ("**a", "xa"), ("*a*b*", "xxaxxbxx"),
         ("*.example.com", "web1.example.com"), ("*.example.com", "web1.example.org"), ("WEB*", "web1"), ("a*a*a*b", "aaaaaaaaaaaaaaaa"),
         ("[!]]", "x"), ("[!]]", "]"), ("a\\*", "a\\b"), ("[a-]", "-"), ("[--0]", "."), ("é?", "éa"), ("*\n*", "a\nb"), ("[z-a]", "b")]
COMPOUNDS = [
    "web*", "db*", "web* and G@os:Debian", "web* and G@os:Ubuntu", "web* or G@os:Ubuntu", "not web*", "not db*", "web* and not db*",
    "web* not db*", "( web* or db* ) and G@os:Debian", "(web*)", "G@os:Debian and ( G@num_cpus:2 or G@num_cpus:4 )",
    "E@web\\d.* and S@10.1.0.0/16", "S@10.1.2.3", "S@10.2.0.0/16", "S@10.1.2.3/16", "L@web1.example.com,db1", "L@db1,db2", "P@os:(Debian|Ubuntu)",
    "I@app:name:shop", "I@app:ports:443", "J@app:name:sh.*", "I@secret:x:y", "G;@os;Debian", "G;@os:Debian", "I|@app|name|sh*", "N@webs", "N@nested",
    "not N@webs", "X@os:Debian", "web1.example.com", "not not web*", "and web*", "web* and", "( web*", "web* )", "web* db*", "S@::1", "S@fe80::/10",
    "not ( web* and G@os:Debian )", "G@os:Debian or db* and G@os:Ubuntu", "( G@os:Debian or db* ) and G@os:Ubuntu",
]
NODEGROUPS = {"webs": "web* and G@os:Debian", "nested": "N@webs or db*"}
TEXTS = [None, True, False, 0, -7, 2**63, 1.0, 1.5, 1e16, 1e15, 1e-5, 0.0001, 123456789012345680.0, 9007199254740993.0, 1e22, 1e100, -0.0,
         "", "a", "it's", 'say "x"', "both ' and \"", "tab\tnl\ncr\r", "\x00\x7f", "é", "\u00a0", "back\\slash", [1, "a", None], {"a": 1, "b": [True]}, [], {}]

opts = dict(salt.config.DEFAULT_MINION_OPTS)
opts.update(id="web1.example.com", grains=GRAINS, pillar=PILLAR, nodegroups=NODEGROUPS, extension_modules="")
compound_match.__opts__ = opts
loaded = {
    "glob_match.match": glob_match.match, "grain_match.match": grain_match.match, "grain_pcre_match.match": grain_pcre_match.match,
    "ipcidr_match.match": ipcidr_match.match, "list_match.match": list_match.match, "pcre_match.match": pcre_match.match,
    "pillar_match.match": pillar_match.match, "pillar_pcre_match.match": pillar_pcre_match.match,
}
compound_match.__context__ = {"matchers": loaded}

def subdict(expr, **kw):
    return bool(salt.utils.data.subdict_match(GRAINS, expr, **kw))

print(json.dumps({
    "description": "Answers of an unchanged Salt's matchers.",
    "salt_version": salt.version.__version__,
    "id": opts["id"],
    "grains": {k: v for k, v in GRAINS.items() if k != "ports"},
    "pillar": PILLAR,
    "nodegroups": NODEGROUPS,
    "globs": [{"pattern": p, "text": t, "matches": fnmatch.fnmatchcase(t, p)} for p, t in GLOBS],
    "paths": [{"expression": p, "glob": subdict(p), "exact": subdict(p, exact_match=True)} for p in PATHS],
    "regexes": [{"expression": p, "matches": subdict(p, regex_match=True)} for p in REGEXES],
    "compounds": [{"expression": c, "matches": bool(compound_match.match(c, opts))} for c in COMPOUNDS],
    "texts": [{"value": v, "str": str(v), "repr": repr(v)} for v in TEXTS],
}, indent=1))

"""What drHEADer finds in the headers of answers: for each line of standard input, one of JSON with its findings.

A line is a list of `[name, value]`. The rules are those of the preset that is named as an argument, or its own.
"""

import json
import sys

from drheader import Drheader
from drheader.utils import preset_rules

rules = preset_rules(sys.argv[1]) if len(sys.argv) > 1 else None

for line in sys.stdin:
    headers = {}
    for name, value in json.loads(line):
        if name == "set-cookie":
            headers.setdefault(name, []).append(value)
        else:
            headers[name] = f"{headers[name]}, {value}" if name in headers else value
    findings = Drheader(headers=headers).analyze(rules=rules, cross_origin_isolated=False)
    print(json.dumps([finding.to_dict() for finding in findings]), flush=True)

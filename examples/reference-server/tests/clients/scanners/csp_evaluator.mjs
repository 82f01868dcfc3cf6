// What Google's evaluator finds in policies, one a line of standard input: one line of JSON for each.

import { createInterface } from "node:readline";
import { CspEvaluator } from "csp_evaluator/dist/evaluator.js";
import { Severity, Type } from "csp_evaluator/dist/finding.js";
import { CspParser } from "csp_evaluator/dist/parser.js";

for await (const policy of createInterface({ input: process.stdin })) {
  const findings = new CspEvaluator(new CspParser(policy).csp).evaluate();
  const said = findings.map(({ severity, type, directive, value }) =>
    [Severity[severity], Type[type], directive, value ?? ""].join(" ").trim(),
  );
  console.log(JSON.stringify(said));
}

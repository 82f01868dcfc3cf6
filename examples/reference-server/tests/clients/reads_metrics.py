"""Reads a page of figures by the parsers of Prometheus' own client: text 0.0.4, then OpenMetrics 1.0. Prints what it found."""

import json
import sys

from prometheus_client.openmetrics.parser import text_string_to_metric_families as openmetrics
from prometheus_client.parser import text_string_to_metric_families as text


def found(parse, path):
    with open(path, encoding="utf-8") as page:
        families = list(parse(page.read()))
    return {
        "families": {family.name: family.type for family in families},
        "samples": sum(len(family.samples) for family in families),
        "requests": sum(
            sample.value
            for family in families
            for sample in family.samples
            if sample.name == "palisade_requests_total"
        ),
    }


print(json.dumps({"text": found(text, sys.argv[1]), "openmetrics": found(openmetrics, sys.argv[2])}))

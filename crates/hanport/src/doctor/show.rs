//! What the doctor says, for people and for programs. One form, whether it was examined here or
//! by a service.

use hanport_engine::doctor::Report;
use serde_json::{Map, Value, json};

use crate::wrap::wrapped;

/// From here on a finding is something to do about.
const WORTH: u64 = 40;

/// The report as the service tells it.
pub(crate) fn document(report: &Report) -> Value {
    let layers: Vec<Value> = (report.layers.iter())
        .map(|layer| {
            let counts: Map<String, Value> = layer
                .counts
                .iter()
                .map(|(name, count)| ((*name).to_owned(), json!(count)))
                .collect();
            json!({
                "layer": layer.layer,
                "state": layer.state,
                "seen": layer.seen,
                "counts": counts,
            })
        })
        .collect();
    json!({
        "at": report.at.to_string(),
        "summary": report.summary,
        "layers": layers,
        "findings": report.findings,
    })
}

/// Whether there is nothing to do: it works, and no finding is worth a word.
pub(crate) fn is_well(report: &Value) -> bool {
    let findings = list(report, "findings");
    let worth = |finding: &&Value| finding.get("certainty").and_then(Value::as_u64) >= Some(WORTH);
    let good =
        |layer: &&Value| said(layer, "layer") == "values" && said(layer, "state") != "unknown";
    findings.iter().find(worth).is_none() && list(report, "layers").iter().any(|layer| good(&layer))
}

fn list<'a>(value: &'a Value, name: &str) -> &'a [Value] {
    value.get(name).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn said<'a>(value: &'a Value, name: &str) -> &'a str {
    value.get(name).and_then(Value::as_str).unwrap_or("")
}

/// The report in rows of at most `width` characters.
pub(crate) fn text(title: &str, report: &Value, width: usize) -> String {
    let mut text = wrapped(title, 2, width) + "\n";
    for layer in list(report, "layers") {
        let state = match said(layer, "state") {
            "unknown" => "-",
            state => state,
        };
        let row = format!("  {:<8}{state:<10}{}", said(layer, "layer"), said(layer, "seen"));
        text.push_str(&wrapped(&row, 20, width));
    }
    text.push('\n');
    text.push_str(&wrapped(said(report, "summary"), 2, width));
    for (number, finding) in (1..).zip(list(report, "findings")) {
        let certainty = finding.get("certainty").and_then(Value::as_u64).unwrap_or(0);
        let head = format!("{number}. {}, {certainty} % sure", said(finding, "title"));
        text.push('\n');
        text.push_str(&wrapped(&head, 3, width));
        text.push_str(&wrapped(&format!("   {}", said(finding, "because")), 3, width));
        for remedy in list(finding, "remedies").iter().filter_map(Value::as_str) {
            text.push_str(&wrapped(&format!("   - {remedy}"), 5, width));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_finding_says_why_and_what_to_do() {
        let report = json!({
            "summary": "Likely: weak power or wiring (3 of 4).",
            "layers": [{ "layer": "port", "state": "good", "seen": "Open." },
                       { "layer": "values", "state": "unknown", "seen": "No message yet." }],
            "findings": [{ "certainty": 75, "title": "weak power or wiring", "because": "3 of 4",
                           "remedies": ["Give it power.", "Tighten the wires."] }],
        });
        let text = text("hanport doctor", &report, 80);
        assert!(text.contains("  port    good      Open.\n"), "{text}");
        assert!(text.contains("  values  -         No message yet.\n"), "{text}");
        assert!(text.contains("1. weak power or wiring, 75 % sure\n   3 of 4\n"), "{text}");
        assert!(text.ends_with("   - Give it power.\n   - Tighten the wires.\n"), "{text}");
        assert!(!is_well(&report));
    }

    #[test]
    fn nothing_found_is_well_only_where_something_was_seen() {
        let with = |state: &str| json!({ "layers": [{ "layer": "values", "state": state }] });
        assert!(is_well(&with("good")));
        assert!(!is_well(&with("unknown")));
        assert!(!is_well(&json!({})));
    }
}

//! The project's licence, and licences and bans of what it depends on.
//!
//! The lists stand in `deny.toml` only; cargo-deny looks at them more closely, this here needs
//! nothing installed.

use serde_json::Value;

use super::{Complaint, members, packages};

/// What every crate of the project says.
const OURS: &str = "MIT OR Apache-2.0";

/// Complaints about licences and banned crates. `policy` is the text of `deny.toml`.
pub(crate) fn check(metadata: &Value, policy: &str) -> Vec<Complaint> {
    let allowed = quoted_after(policy, "allow = [");
    let banned = crates_after(policy, "deny = [");
    let excepted = crates_after(policy, "exceptions = [");
    let mut complaints = Vec::new();
    if allowed.is_empty() || banned.is_empty() {
        complaints.push("deny.toml: the lists of licences and bans cannot be read".to_owned());
    }
    for (name, package) in members(metadata) {
        if package["license"].as_str() != Some(OURS) {
            complaints.push(format!("{name}: its licence must be `{OURS}`"));
        }
    }
    for (name, package) in packages(metadata) {
        let licence = package["license"].as_str().unwrap_or("");
        if !permits(licence, &allowed) && !excepted.contains(&name) {
            complaints.push(format!("{name}: licence `{licence}` is not in deny.toml"));
        }
        if banned.contains(&name) {
            complaints.push(format!("{name}: banned in deny.toml"));
        }
    }
    complaints
}

/// The quoted texts between `start` at the beginning of a line and the next `]` line.
fn block<'a>(text: &'a str, start: &str) -> impl Iterator<Item = &'a str> {
    let mut lines = text.lines();
    let found = lines.by_ref().any(|line| line.trim() == start);
    lines.take_while(move |line| found && line.trim() != "]")
}

fn quoted_after<'a>(text: &'a str, start: &str) -> Vec<&'a str> {
    block(text, start).filter_map(|line| line.split('"').nth(1)).collect()
}

fn crates_after<'a>(text: &'a str, start: &str) -> Vec<&'a str> {
    let lines = block(text, start).filter(|line| line.contains("crate = "));
    lines.filter_map(|line| line.split('"').nth(1)).collect()
}

/// Whether an SPDX expression can be met with the allowed licences. `/` is an old way to write
/// `OR`.
fn permits(expression: &str, allowed: &[&str]) -> bool {
    let spaced = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut at = 0;
    let fine = any_of(&words, &mut at, allowed);
    fine && at == words.len()
}

fn any_of(words: &[&str], at: &mut usize, allowed: &[&str]) -> bool {
    let mut fine = all_of(words, at, allowed);
    while words.get(*at) == Some(&"OR") {
        *at += 1;
        fine |= all_of(words, at, allowed);
    }
    fine
}

fn all_of(words: &[&str], at: &mut usize, allowed: &[&str]) -> bool {
    let mut fine = one(words, at, allowed);
    while words.get(*at) == Some(&"AND") {
        *at += 1;
        fine &= one(words, at, allowed);
    }
    fine
}

fn one(words: &[&str], at: &mut usize, allowed: &[&str]) -> bool {
    let Some(word) = words.get(*at) else { return false };
    *at += 1;
    if *word == "(" {
        let fine = any_of(words, at, allowed);
        *at += 1;
        return fine;
    }
    if words.get(*at) == Some(&"WITH") {
        let exception = words.get(*at + 1).copied().unwrap_or("");
        *at += 2;
        return allowed.contains(&format!("{word} WITH {exception}").as_str())
            || allowed.contains(word);
    }
    allowed.contains(word)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const POLICY: &str = "[licenses]\nallow = [\n  \"MIT\",\n  \"ISC\",\n]\n\
                          [bans]\ndeny = [\n  { crate = \"openssl-sys\", reason = \"C\" },\n]\n";

    fn graph(name: &str, licence: &str) -> Value {
        json!({
            "workspace_members": ["us"],
            "packages": [
                { "name": "us", "id": "us", "license": OURS },
                { "name": name, "id": name, "license": licence },
            ],
        })
    }

    #[test]
    fn expressions_are_read_as_spdx_means_them() {
        let allowed = ["MIT", "ISC"];
        for fine in ["MIT", "MIT OR GPL-3.0", "GPL-3.0/MIT", "(MIT OR X) AND ISC", "MIT AND ISC"] {
            assert!(permits(fine, &allowed), "{fine}");
        }
        for wrong in ["", "GPL-3.0", "MIT AND GPL-3.0", "MIT AND (X OR Y)", "X WITH MIT"] {
            assert!(!permits(wrong, &allowed), "{wrong}");
        }
    }

    #[test]
    fn a_licence_that_is_not_listed_is_named() {
        let complaints = check(&graph("copyleft", "GPL-3.0"), POLICY);
        assert_eq!(complaints, ["copyleft: licence `GPL-3.0` is not in deny.toml"]);
    }

    #[test]
    fn a_banned_crate_is_named() {
        let complaints = check(&graph("openssl-sys", "MIT"), POLICY);
        assert_eq!(complaints, ["openssl-sys: banned in deny.toml"]);
    }

    #[test]
    fn our_own_crates_carry_our_licence() {
        let metadata = json!({
            "workspace_members": ["us"],
            "packages": [{ "name": "us", "id": "us", "license": "MIT" }],
        });
        assert_eq!(check(&metadata, POLICY), ["us: its licence must be `MIT OR Apache-2.0`"]);
    }

    #[test]
    fn unreadable_lists_do_not_pass_silently() {
        assert_eq!(check(&json!({}), "").len(), 1);
    }
}

//! Which crate may name which, and which crate alone may name a library.

use serde_json::Value;

use super::{Complaint, members};

/// Which crate may name which. Anything else is a complaint.
const ALLOWED: &[(&str, &[&str])] = &[
    ("hanport-core", &[]),
    ("hanport-sim", &["hanport-core"]),
    ("hanport-engine", &["hanport-core"]),
    ("hanport-store", &["hanport-core", "hanport-engine"]),
    ("hanport-io", &["hanport-core", "hanport-engine"]),
    ("hanport-web", &["hanport-core", "hanport-engine"]),
    ("hanport-host", &["hanport-core", "hanport-engine"]),
    (
        "hanport",
        &[
            "hanport-core",
            "hanport-engine",
            "hanport-host",
            "hanport-io",
            "hanport-sim",
            "hanport-store",
            "hanport-web",
        ],
    ),
    ("xtask", &[]),
];

/// What tests and benches may name on top: the simulated meters.
const FOR_TESTS: &[&str] = &["hanport-core", "hanport-sim"];

/// Libraries that one crate alone may name, so that they can be exchanged.
const ONLY_IN: &[(&str, &[&str])] = &[
    ("axum", &["hanport-web"]),
    ("clap", &["hanport"]),
    ("indicatif", &["hanport"]),
    ("postgres", &["hanport-io"]),
    ("reqwest", &["hanport-io"]),
    ("rumqttc-v4-next", &["hanport-io"]),
    ("rumqttc-v5-next", &["hanport-io"]),
    ("rusqlite", &["hanport-store"]),
    ("serial2", &["hanport-io"]),
    ("serial2-tokio", &["hanport-io"]),
    ("tokio-postgres", &["hanport-io"]),
    ("zbus", &["hanport-host"]),
];

/// Complaints about the arrows between the members of the workspace.
pub(crate) fn check(metadata: &Value) -> Vec<Complaint> {
    let mut complaints = Vec::new();
    let members = members(metadata);
    let ours = |name: &str| members.iter().any(|(member, _)| *member == name);
    for (member, package) in &members {
        let Some((_, allowed)) = ALLOWED.iter().find(|(name, _)| name == member) else {
            complaints.push(format!("{member}: not in the table of xtask/src/tidy/arrows.rs"));
            continue;
        };
        let dependencies = package["dependencies"].as_array();
        for dependency in dependencies.map_or(&[][..], Vec::as_slice) {
            let name = dependency["name"].as_str().unwrap_or("");
            let for_tests = dependency["kind"].as_str() == Some("dev");
            let fine = allowed.contains(&name) || for_tests && FOR_TESTS.contains(&name);
            if ours(name) && !fine {
                complaints.push(format!("{member}: must not name {name}"));
            }
            if let Some((_, only)) = ONLY_IN.iter().find(|(library, _)| *library == name)
                && !only.contains(member)
                && !for_tests
            {
                complaints.push(format!("{member}: {name} may only be named in {only:?}"));
            }
        }
    }
    complaints
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn workspace(of: &str, names: &str, kind: Option<&str>) -> Value {
        let package = |name: &str, dependencies: Value| json!({ "name": name, "id": name, "dependencies": dependencies });
        json!({
            "workspace_members": [of, "hanport-sim", "hanport-engine"],
            "packages": [
                package(of, json!([{ "name": names, "kind": kind }])),
                package("hanport-sim", json!([])),
                package("hanport-engine", json!([])),
            ],
        })
    }

    #[test]
    fn the_core_names_nobody() {
        let complaints = check(&workspace("hanport-core", "hanport-engine", None));
        assert_eq!(complaints, ["hanport-core: must not name hanport-engine"]);
    }

    #[test]
    fn tests_may_use_the_simulated_meters() {
        assert!(check(&workspace("hanport-core", "hanport-sim", Some("dev"))).is_empty());
        assert_eq!(check(&workspace("hanport-core", "hanport-sim", None)).len(), 1);
    }

    #[test]
    fn the_binary_may_name_everything_of_ours() {
        assert!(check(&workspace("hanport", "hanport-engine", None)).is_empty());
    }

    #[test]
    fn a_library_stays_in_its_crate() {
        assert_eq!(check(&workspace("hanport-io", "rusqlite", None)).len(), 1);
        assert!(check(&workspace("hanport-store", "rusqlite", None)).is_empty());
    }

    #[test]
    fn a_new_crate_needs_its_row() {
        assert_eq!(check(&workspace("hanport-cloud", "serde", None)).len(), 1);
    }
}

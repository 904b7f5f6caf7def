//! The fragments of the changelog: one file a change, named by what the change is.

use super::Complaint;

/// What a change can be.
const KINDS: [&str; 4] = ["added-", "changed-", "fixed-", "removed-"];

/// Complaints about a file, where it lies in the folder of the fragments.
pub(crate) fn check(name: &str, text: &str) -> Vec<Complaint> {
    let Some(fragment) = name.strip_prefix("changelog/") else { return Vec::new() };
    let mut complaints = Vec::new();
    let stem = fragment.strip_suffix(".md").unwrap_or("");
    let rest = KINDS.iter().find_map(|kind| stem.strip_prefix(kind)).unwrap_or("");
    let named = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if rest.is_empty() || !rest.chars().all(named) {
        complaints.push(format!("{name}: a fragment is named like `added-some-words.md`"));
    }
    let text = text.trim();
    if text.is_empty() || text.starts_with('#') || !text.ends_with('.') {
        complaints.push(format!("{name}: a fragment is sentences for users, without a heading"));
    }
    complaints
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fragments_say_in_their_name_what_they_are() {
        let text = "The simulator knows a meter more.\n";
        assert!(check("changelog/added-a-meter.md", text).is_empty());
        for wrong in ["changelog/a-meter.md", "changelog/added-.md", "changelog/Added-a.md"] {
            assert_eq!(check(wrong, text).len(), 1, "{wrong}");
        }
    }

    #[test]
    fn a_fragment_is_a_sentence() {
        assert_eq!(check("changelog/fixed-it.md", "# Fixed\n").len(), 1);
        assert_eq!(check("changelog/fixed-it.md", "\n").len(), 1);
    }

    #[test]
    fn other_files_are_not_fragments() {
        assert!(check("docs/a.md", "").is_empty());
    }
}

//! Rules about one file: module head, length, words left behind, paths of a machine, letters.

use super::Complaint;

/// Longest source file in lines, tests included.
const LONGEST: usize = 600;

/// Files that may be longer: name and reason.
const LONGER: &[(&str, &str)] = &[];

/// Source files with letters outside ASCII: name and reason.
const OTHER_LETTERS: &[(&str, &str)] = &[];

/// Files that speak of these rules and so contain what they forbid.
const SPEAKS_OF_RULES: &str = "xtask/src/tidy/files.rs";

/// What is not left behind: unfinished work, switched-off tests, traces of a debugging session.
const LEFT_BEHIND: [&str; 8] =
    ["TODO", "FIXME", "HACK:", "todo!(", "unimplemented!(", "dbg!(", "#[ignore", "// XXX"];

/// Folders of one machine; what is named so works nowhere else.
const MACHINE: [&str; 6] = ["/work/", "/home/", "/root/", "/Users/", "C:\\Users", "file:///"];

/// Complaints about a file of this name and content.
pub(crate) fn check(name: &str, text: &str) -> Vec<Complaint> {
    let mut complaints = Vec::new();
    let kind = name.rsplit('.').next().unwrap_or("");
    let source = kind == "rs";
    if source && !text.trim_start().starts_with("//!") {
        complaints.push(format!("{name}: begins without a `//!` that says what it is"));
    }
    let length = text.lines().count();
    if source && length > LONGEST && !listed(LONGER, name) {
        complaints.push(format!("{name}: {length} lines; split it, or give a reason in the list"));
    }
    if name == SPEAKS_OF_RULES {
        return complaints;
    }
    let ascii = ["rs", "toml", "sh", "hex"].contains(&kind);
    for (number, line) in (1..).zip(text.lines()) {
        if source && let Some(word) = LEFT_BEHIND.iter().find(|word| line.contains(*word)) {
            complaints.push(format!("{name}:{number}: `{word}` is left behind"));
        }
        if let Some(path) = MACHINE.iter().find(|path| line.contains(*path)) {
            complaints.push(format!("{name}:{number}: `{path}` exists on one machine only"));
        }
        if ascii && !line.is_ascii() && !listed(OTHER_LETTERS, name) {
            complaints.push(format!("{name}:{number}: a letter outside ASCII"));
        }
        if line.ends_with([' ', '\t']) && kind != "md" {
            complaints.push(format!("{name}:{number}: blank at the end"));
        }
    }
    complaints
}

fn listed(list: &[(&str, &str)], name: &str) -> bool {
    list.iter().any(|(listed, _)| *listed == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_module_says_what_it_is() {
        assert_eq!(check("a.rs", "//! Frames.\n"), Vec::<String>::new());
        assert_eq!(check("a.rs", "fn a() {}\n").len(), 1);
        assert_eq!(check("a.md", "text\n").len(), 0);
    }

    #[test]
    fn long_files_need_a_reason() {
        let long = format!("//! Long.\n{}", "\n".repeat(LONGEST));
        assert_eq!(check("a.rs", &long).len(), 1);
        assert_eq!(check("a.hex", &long).len(), 0);
    }

    #[test]
    fn unfinished_work_is_named_with_its_line() {
        let complaints = check("a.rs", "//! A.\n\nfn a() { todo!() }\n");
        assert_eq!(complaints, ["a.rs:3: `todo!(` is left behind"]);
        assert_eq!(check("a.rs", "//! A.\n#[ignore]\n").len(), 1);
    }

    #[test]
    fn paths_of_a_machine_are_found_in_every_text() {
        assert_eq!(check("README.md", "see /home/me/hanport\n").len(), 1);
        assert_eq!(check("README.md", "see docs/formats\n").len(), 0);
    }

    #[test]
    fn sources_are_ascii_and_texts_for_people_need_not_be() {
        assert_eq!(check("a.rs", "//! \u{fc}ber\n").len(), 1);
        assert_eq!(check("a.md", "\u{fc}ber\n").len(), 0);
    }

    #[test]
    fn blanks_at_the_end_of_a_line_are_found() {
        assert_eq!(check("a.toml", "a = 1 \n").len(), 1);
    }
}

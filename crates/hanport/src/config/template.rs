//! The default file: every setting with its meaning and its default, all of them commented out.

use std::fmt::Write as _;

use super::table::{Given, Kind, Many, SECTIONS, Section, Setting};

const HEAD: &str = "\
# hanport reads the meters that stand in this file.
#
# Every setting is here with what it means and what holds without it. Take the # in front of a
# setting away to change it; settings that stay as they are may as well be deleted.
#   hanport config check      explains what is wrong with this file
#   hanport config show       shows what holds
#   hanport detect            finds meters and writes their part of this file
#
# Passwords and keys belong into secrets.toml beside this file, one a line: name = \"...\"
# Here they are named: \"secret:name\"
";

/// The width of comments.
const WIDTH: usize = 92;

/// The whole file.
pub(crate) fn template() -> String {
    let mut text = HEAD.to_owned();
    for section in SECTIONS {
        text.push('\n');
        write_section(&mut text, section);
    }
    text
}

fn write_section(text: &mut String, section: &Section) {
    comment(text, section.help);
    let _ = match section.many {
        Many::No => writeln!(text, "[{}]", section.path),
        Many::List | Many::Named => writeln!(text, "#[[{}]]", section.path),
    };
    for setting in section.settings {
        text.push('\n');
        comment(text, setting.help);
        if !setting.more.is_empty() {
            comment(text, setting.more);
        }
        if let Some(words) = possible(setting) {
            comment(text, &words);
        }
        if let Some(when) = setting.when {
            comment(text, &format!("Only with {} = {}.", when.key, quoted(when.values)));
        }
        match setting.given {
            Given::Default(_) => {}
            Given::Needed(_) => comment(text, "Must be set; for example:"),
            Given::Optional(_) => comment(text, "Not set; for example:"),
        }
        let _ = writeln!(text, "#{} = {}", setting.key, setting.given.shown());
    }
}

fn quoted(values: &[&str]) -> String {
    let quoted: Vec<String> = values.iter().map(|value| format!("\"{value}\"")).collect();
    quoted.join(" or ")
}

/// What may stand there, where the example does not show it.
fn possible(setting: &Setting) -> Option<String> {
    let words = |choices: &[super::table::Choice]| {
        let words = choices.iter().map(|choice| format!("\"{}\": {}", choice.name, choice.help));
        words.collect::<Vec<_>>().join("; ")
    };
    match setting.kind {
        Kind::Choice(choices) => Some(words(choices)),
        Kind::Choices(choices) => Some(format!("A list of {}", words(choices))),
        Kind::Decimal { .. }
        | Kind::Integer { .. }
        | Kind::Integers { .. }
        | Kind::OneOf { .. } => {
            let words = setting.kind.in_words();
            let mut letters = words.chars();
            let first = letters.next()?.to_uppercase();
            Some(first.chain(letters).collect())
        }
        Kind::Secret(_) | Kind::Switch | Kind::Text(_) | Kind::Texts(_) => None,
    }
}

/// Comment lines.
fn comment(text: &mut String, words: &str) {
    for (at, paragraph) in words.split("\n\n").enumerate() {
        if at > 0 {
            text.push_str("#\n");
        }
        let mut line = String::from("#");
        for word in paragraph.split_whitespace() {
            if line.chars().count() + 1 + word.chars().count() > WIDTH && line.len() > 1 {
                text.push_str(&line);
                text.push('\n');
                line.truncate(1);
            }
            line.push(' ');
            line.push_str(word);
        }
        text.push_str(&line);
        text.push('\n');
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::walk::walk;

    /// Takes the marks away from the settings that `wanted` says yes to.
    fn uncommented(wanted: impl Fn(&str) -> bool) -> String {
        let lines = template()
            .lines()
            .map(|line| match line.strip_prefix('#') {
                Some(rest) if !rest.starts_with([' ', '#']) && !rest.is_empty() && wanted(rest) => {
                    rest.to_owned()
                }
                _ => line.to_owned(),
            })
            .collect::<Vec<_>>();
        lines.join("\n")
    }

    #[test]
    fn the_default_file_says_nothing_but_the_defaults() {
        let walked = walk(&template());
        assert_eq!(walked.mistakes, []);
        assert_eq!(walked.values, walk("").values);
    }

    #[test]
    fn the_defaults_in_it_are_those_that_hold() {
        let one = |line: &str| !line.starts_with("[[");
        let single: Vec<&str> = SECTIONS
            .iter()
            .filter(|section| section.many == Many::No)
            .flat_map(|section| section.settings)
            .filter(|setting| matches!(setting.given, Given::Default(_)))
            .map(|setting| setting.key)
            .collect();
        let text = uncommented(|line| {
            one(line) && line.split_once(" = ").is_some_and(|(key, _)| single.contains(&key))
        });
        // what belongs to a block that stays a comment would end up in another section
        let mut in_block = false;
        let text: Vec<&str> = text
            .lines()
            .filter(|line| {
                if line.starts_with("#[[") {
                    in_block = true;
                } else if line.starts_with('[') {
                    in_block = false;
                }
                !in_block || line.starts_with('#')
            })
            .collect();
        let walked = walk(&text.join("\n"));
        assert_eq!(walked.mistakes, []);
        assert_eq!(walked.values, walk("").values);
    }

    #[test]
    fn every_example_in_it_can_be_used() {
        let text = uncommented(|_| true);
        // one kind of source has settings that others do not have
        let wrong: Vec<String> = walk(&text)
            .mistakes
            .into_iter()
            .filter(|mistake| !mistake.message.contains("means nothing with"))
            .map(|mistake| format!("{}: {}", mistake.path, mistake.message))
            .collect();
        assert_eq!(wrong, Vec::<String>::new());
    }

    #[test]
    fn no_line_of_it_is_too_long() {
        for line in template().lines() {
            assert!(line.chars().count() <= 100, "{line}");
        }
    }
}

//! The page of the documentation that lists all settings: `docs/config.md`.

use std::fmt::Write as _;

use super::table::{Given, Kind, Many, SECTIONS, Section, Setting};

const HEAD: &str = "\
# Settings

<!-- made from the table of settings in crates/hanport/src/config/table: \
`hanport config reference > docs/config.md` -->

hanport reads one file in [TOML](https://toml.io): the one named by `--config` or `$HANPORT_CONFIG`, else
`hanport.toml` in the working folder, in `~/.config/hanport` or in `/etc/hanport`. Without a file the
defaults hold.

```toml
[site]
zone = \"Europe/Oslo\"

[[meter]]
id = \"main\"
source.kind = \"serial\"
source.port = \"/dev/serial/by-id/usb-FTDI_FT232R_USB_UART_A50285BI-if00-port0\"
encryption_key = \"secret:main-key\"
```

- `hanport config init` writes a file with every setting and its default, `hanport config check` explains
  what is wrong with a file, `hanport config show` shows what holds, `hanport detect` finds meters and
  writes their part.
- Passwords and keys stand in `secrets.toml` beside the file, which only its owner may read (`chmod 600`):
  `main-key = \"...\"`. The file names them: `\"secret:main-key\"`. Where systemd gives the service a
  credential called `secrets.toml`, it is read as well.
- Names with dots may be written as tables too: `source.kind = \"tcp\"` is
  `source = { kind = \"tcp\", ... }` or `[meter.source]`.
- Changes made on the page keep the comments of the file. The file as it was is kept beside it, with the
  time in its name; the last ten of them stay.
- *restart* says that a change does nothing until the program is started again.
";

/// The whole page.
pub(crate) fn reference() -> String {
    let mut text = HEAD.to_owned();
    for section in SECTIONS {
        write_section(&mut text, section);
    }
    text
}

fn write_section(text: &mut String, section: &Section) {
    let header = match section.many {
        Many::No => format!("[{}]", section.path),
        Many::List | Many::Named => format!("[[{}]]", section.path),
    };
    let (title, help) = (section.title, section.help);
    let _ = write!(text, "\n## {title}: `{header}`\n\n{help}\n\n");
    text.push_str("| Setting | Default | What it may be | What it is |\n|---|---|---|---|\n");
    for setting in section.settings {
        let default = match setting.given {
            Given::Default(default) => format!("`{default}`"),
            Given::Needed(_) => "must be set".to_owned(),
            Given::Optional(_) => "not set".to_owned(),
        };
        let (possible, meaning) = (cell(&possible(setting)), cell(&meaning(setting)));
        let _ = writeln!(text, "| `{}` | {default} | {possible} | {meaning} |", setting.key);
    }
}

fn possible(setting: &Setting) -> String {
    let list = |choices: &[super::table::Choice]| {
        let words = choices.iter().map(|choice| format!("`{}` {}", choice.name, choice.help));
        words.collect::<Vec<_>>().join("<br>")
    };
    let what = match setting.kind {
        Kind::Choice(choices) => list(choices),
        Kind::Choices(choices) => format!("a list of<br>{}", list(choices)),
        kind => kind.in_words(),
    };
    match setting.given {
        Given::Default(_) => what,
        Given::Needed(example) | Given::Optional(example) => {
            format!("{what}, for example `{example}`")
        }
    }
}

fn meaning(setting: &Setting) -> String {
    let mut words = format!("{}.", setting.help);
    if !setting.more.is_empty() {
        words.push(' ');
        words.push_str(setting.more);
    }
    if let Some(when) = setting.when {
        let values: Vec<String> = when.values.iter().map(|value| format!("`{value}`")).collect();
        let _ = write!(words, " Only with `{}` {}.", when.key, values.join(" or "));
    }
    if !setting.live {
        words.push_str(" *restart*");
    }
    words
}

/// A cell of a table: a bar would end it.
fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_in_the_documentation_is_the_one_the_table_makes() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/config.md");
        let there = std::fs::read_to_string(path).unwrap_or_default();
        assert!(
            there == reference(),
            "docs/config.md is not up to date: run `cargo run -p hanport -- config reference > docs/config.md`"
        );
    }
}

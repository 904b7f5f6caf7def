//! Passphrases, asked for or given.

use std::fs;
use std::io::{self, BufRead as _, IsTerminal as _, Write as _};
use std::path::PathBuf;

use anyhow::{Context as _, bail};
use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};
use zeroize::Zeroizing;

/// The shortest passphrase: it may be tried by machines for years.
const SHORTEST: usize = 10;

/// Whether a passphrase is too short for something new.
pub(crate) fn is_short(passphrase: &str) -> bool {
    passphrase.chars().count() < SHORTEST
}

/// What to say about one that is.
pub(crate) fn too_short() -> String {
    format!("a passphrase has at least {SHORTEST} characters")
}

/// Where a passphrase comes from.
#[derive(clap::Args)]
pub(crate) struct PassphraseArgs {
    /// A file whose first line is the passphrase
    #[arg(long, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
    #[arg(long, env = "HANPORT_PASSPHRASE", hide = true, hide_env_values = true)]
    passphrase: Option<String>,
}

impl PassphraseArgs {
    /// A passphrase for something new; asked for twice.
    pub(super) fn new_one(&self) -> anyhow::Result<Zeroizing<String>> {
        let given = if let Some(given) = self.given()? {
            given
        } else {
            let first = ask("passphrase for the secrets: ")?;
            if *ask("once more: ")? != *first {
                bail!("these were two different ones");
            }
            first
        };
        if is_short(&given) {
            bail!("{}", too_short());
        }
        Ok(given)
    }

    /// The passphrase of something that is there; `None` where it is left out.
    pub(super) fn known_one(&self) -> anyhow::Result<Option<Zeroizing<String>>> {
        if let Some(given) = self.given()? {
            return Ok(Some(given));
        }
        if !io::stdin().is_terminal() {
            return Ok(None);
        }
        let asked = ask("passphrase of the secrets (empty to leave them out): ")?;
        Ok(Some(asked).filter(|asked| !asked.is_empty()))
    }

    fn given(&self) -> anyhow::Result<Option<Zeroizing<String>>> {
        if let Some(path) = &self.passphrase_file {
            let text = fs::read_to_string(path)
                .with_context(|| format!("{} cannot be read", path.display()))?;
            let text = Zeroizing::new(text);
            let first = text.lines().next().unwrap_or("");
            return Ok(Some(Zeroizing::new(first.to_owned())));
        }
        Ok(self.passphrase.clone().filter(|text| !text.is_empty()).map(Zeroizing::new))
    }
}

/// Asks on the terminal without showing what is typed.
fn ask(question: &str) -> anyhow::Result<Zeroizing<String>> {
    let stdin = io::stdin();
    if !stdin.is_terminal() {
        bail!("there is no terminal to ask for a passphrase: give it with --passphrase-file");
    }
    let mut stderr = io::stderr();
    write!(stderr, "{question}")?;
    stderr.flush()?;
    let before = tcgetattr(&stdin)?;
    let mut silent = before.clone();
    silent.local_modes.remove(LocalModes::ECHO);
    tcsetattr(&stdin, OptionalActions::Flush, &silent)?;
    let mut line = Zeroizing::new(String::new());
    let read = stdin.lock().read_line(&mut line);
    tcsetattr(&stdin, OptionalActions::Flush, &before)?;
    writeln!(stderr)?;
    read?;
    Ok(Zeroizing::new(line.trim_end_matches(['\r', '\n']).to_owned()))
}

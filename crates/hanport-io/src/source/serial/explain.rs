//! Why a port cannot be opened, and what to do.

use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use rustix::io::Errno;

use super::{holders, ports};

/// For people.
pub(super) fn refused(path: &Path, error: &io::Error) -> String {
    let shown = path.display();
    let is = |errno: Errno| error.raw_os_error() == Some(errno.raw_os_error());
    if error.kind() == io::ErrorKind::NotFound {
        let there = ports::there(&ports::ports());
        format!("there is no {shown} now; waiting for it. {there}")
    } else if error.kind() == io::ErrorKind::PermissionDenied {
        let owner = std::fs::metadata(path).ok().and_then(|about| group(about.gid()));
        permission(path, owner.as_deref(), &user())
    } else if is(Errno::BUSY) {
        let mut by: Vec<String> = holders::by_lock_file(path).into_iter().collect();
        by.extend(holders::of(path));
        let by = if by.is_empty() { "is ser2net running?".to_owned() } else { by.join(", ") };
        format!(
            "{shown} is in use by another program ({by}): stop it, or read the meter through it"
        )
    } else if is(Errno::NOTTY) || error.kind() == io::ErrorKind::IsADirectory {
        format!("{shown} is no serial port; to read a file, replay it")
    } else if is(Errno::IO) || is(Errno::NODEV) || is(Errno::NXIO) {
        format!("{shown} does not answer: unplug the adapter and plug it in again")
    } else {
        format!("{shown} cannot be opened: {error}")
    }
}

/// What to say to `user` who may not open a port of `group`.
fn permission(path: &Path, group: Option<&str>, user: &str) -> String {
    let shown = path.display();
    match group {
        Some("root") | None => format!(
            "{shown} may not be read by the user {user}, only by root: check with ls -lL {shown}, \
             and let a rule of udev give it to the group dialout"
        ),
        Some(group) => format!(
            "{shown} may not be read by the user {user}; it belongs to the group {group}: \
             sudo usermod -aG {group} {user}, then log in again or restart the service"
        ),
    }
}

/// The name of a group.
fn group(id: u32) -> Option<String> {
    named("/etc/group", id)
}

/// The name of the user this program runs as.
fn user() -> String {
    let id = rustix::process::geteuid().as_raw();
    named("/etc/passwd", id).unwrap_or_else(|| id.to_string())
}

/// The name beside a number in a table of the system.
fn named(table: &str, id: u32) -> Option<String> {
    let table = std::fs::read_to_string(table).ok()?;
    table.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1)?.parse() == Ok(id)).then(|| name.to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused_with(errno: Errno) -> String {
        refused(Path::new("/dev/ttyUSB7"), &errno.into())
    }

    #[test]
    fn whoever_may_not_read_is_told_the_command() {
        let said = permission(Path::new("/dev/ttyUSB0"), Some("dialout"), "ola");
        assert!(said.contains("sudo usermod -aG dialout ola"), "{said}");
        let said = permission(Path::new("/dev/ttyUSB0"), Some("root"), "ola");
        assert!(said.contains("only by root"), "{said}");
        assert!(refused_with(Errno::ACCESS).contains("may not be read"));
    }

    #[test]
    fn every_reason_says_what_to_do() {
        assert!(refused_with(Errno::NOENT).contains("waiting for it"));
        assert!(refused_with(Errno::BUSY).contains("in use by another program"));
        assert!(refused_with(Errno::NOTTY).contains("replay"));
        assert!(refused_with(Errno::IO).contains("unplug"));
        assert!(refused_with(Errno::NFILE).contains("cannot be opened"));
    }

    #[test]
    fn names_come_from_the_tables_of_the_system() {
        assert_eq!(named("/etc/passwd", 0).as_deref(), Some("root"));
        assert_eq!(named("/etc/group", 0).as_deref(), Some("root"));
        assert_eq!(named("/nowhere", 0), None);
    }
}

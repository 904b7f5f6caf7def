//! Who has a port open.

use std::fs;
use std::path::Path;

/// The programs that have it open, as far as this user may see: `ser2net (process 812)`.
pub(super) fn of(path: &Path) -> Vec<String> {
    let Ok(device) = fs::canonicalize(path) else {
        return Vec::new();
    };
    let myself = std::process::id();
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
    processes
        .filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok())
        .filter(|id| *id != myself)
        .filter(|id| {
            let open = fs::read_dir(format!("/proc/{id}/fd")).into_iter().flatten().flatten();
            open.map(|fd| fd.path()).any(|fd| fs::read_link(fd).is_ok_and(|to| to == device))
        })
        .map(name)
        .collect()
}

/// The program that left a lock file and still runs.
pub(super) fn by_lock_file(path: &Path) -> Option<String> {
    let device = fs::canonicalize(path).ok()?;
    let device = device.file_name()?.to_str()?;
    let holder = ["/run/lock", "/var/lock"].iter().find_map(|folder| {
        let text = fs::read_to_string(format!("{folder}/LCK..{device}")).ok()?;
        text.split_whitespace().next()?.parse::<u32>().ok()
    })?;
    let alive = holder != std::process::id() && Path::new(&format!("/proc/{holder}")).exists();
    alive.then(|| name(holder))
}

fn name(id: u32) -> String {
    let name = fs::read_to_string(format!("/proc/{id}/comm")).unwrap_or_default();
    format!("{} (process {id})", name.trim())
}

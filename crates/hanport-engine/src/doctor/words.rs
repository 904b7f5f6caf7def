//! Numbers in sentences.

/// `1 octet`, `2 octets`.
pub(super) fn counted(count: u32, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}

/// `3.5 s`, `40 s`, `5 min`, `3 h`, `4 days`, rounded down.
pub(super) fn duration(ms: i64) -> String {
    match ms.max(0) / 1000 {
        0..10 if ms % 1000 >= 100 => format!("{}.{} s", ms / 1000, ms % 1000 / 100),
        seconds @ 0..120 => format!("{seconds} s"),
        seconds @ 120..7200 => format!("{} min", seconds / 60),
        seconds @ 7200..172_800 => format!("{} h", seconds / 3600),
        seconds => format!("{} days", seconds / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_told_in_the_unit_that_suits() {
        let told = [2500, 10_400, 119_000, 121_000, 7_300_000, 200_000_000].map(duration);
        assert_eq!(told, ["2.5 s", "10 s", "119 s", "2 min", "2 h", "2 days"]);
        assert_eq!(
            (counted(1, "octet"), counted(0, "octet")),
            ("1 octet".into(), "0 octets".into())
        );
    }
}

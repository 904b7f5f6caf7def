//! Lines that are wider than the terminal go on below.

/// The width of a line that is not shown on a terminal.
pub(crate) const ENDLESS: usize = usize::MAX;

/// `line` in rows of at most `width` characters, broken at blanks where there are any; all but
/// the first begin with `hanging` blanks. A line feed at the end of each.
pub(crate) fn wrapped(line: &str, hanging: usize, width: usize) -> String {
    // Below that there is nothing to be arranged.
    let width = width.max(20);
    let hanging = hanging.min(width - 16);
    let mut rows = String::new();
    let mut rest: Vec<char> = line.chars().collect();
    let mut indent = 0;
    loop {
        let room = width - indent;
        rows.extend(std::iter::repeat_n(' ', indent));
        if rest.len() <= room {
            rows.extend(&rest);
            rows.push('\n');
            return rows;
        }
        let ink = rest.iter().position(|c| *c != ' ').unwrap_or(0);
        let blank = rest.iter().take(room + 1).rposition(|c| *c == ' ').filter(|at| *at > ink);
        let behind = rest.split_off(blank.unwrap_or(room));
        rows.push_str(rest.iter().collect::<String>().trim_end());
        rows.push('\n');
        rest = behind.into_iter().skip_while(|c| *c == ' ').collect();
        indent = hanging;
    }
}

/// Every line of `text` wrapped, with two blanks more than it begins with itself.
pub(crate) fn all_wrapped(text: &str, width: usize) -> String {
    let indent = |line: &str| line.chars().take_while(|c| *c == ' ').count();
    text.lines().map(|line| wrapped(line, indent(line) + 2, width)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_break_at_blanks_and_lose_nothing() {
        let line = "  Note: the quick brown fox jumps over the lazy dog";
        assert_eq!(
            wrapped(line, 4, 24),
            "  Note: the quick brown\n    fox jumps over the\n    lazy dog\n"
        );
        assert_eq!(wrapped(line, 4, ENDLESS), format!("{line}\n"));
        assert_eq!(wrapped("", 4, 24), "\n");
    }

    #[test]
    fn words_without_blanks_are_broken_where_the_row_ends() {
        let word = "0123456789".repeat(5);
        let rows = wrapped(&word, 2, 24);
        assert!(rows.lines().all(|row| row.chars().count() <= 24), "{rows}");
        assert_eq!(rows.split_whitespace().collect::<String>(), word);
    }
}

//! The closing lines of test runners, and their sum.
//!
//! ```text
//! libtest   test result: ok. 12 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; ...
//! nextest        Summary [   0.310s] 41 tests run: 40 passed (1 slow), 1 failed, 0 skipped
//! vitest         Tests  1 failed | 32 passed (33)
//! ```

/// What runners said at their ends.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Closing {
    lines: Vec<String>,
    passed: u64,
    failed: u64,
}

impl Closing {
    /// Looks at one line of a runner's output.
    pub(crate) fn watch(&mut self, line: &str) {
        let line = without_colour(line);
        // indented, it is what one failing test wrote, shown by nextest, which counts it too
        let libtest = line.starts_with("test result: ");
        let line = line.trim();
        let nextest = line.starts_with("Summary [") && line.contains(" run: ");
        let vitest = line.starts_with("Tests  ") && line.ends_with(')');
        if !nextest && !libtest && !vitest {
            return;
        }
        // a libtest binary without tests says nothing worth a line
        let counts = (count(line, "passed"), bad(line));
        if counts != (0, 0) {
            self.lines.push(line.to_owned());
        }
        self.passed += counts.0;
        self.failed += counts.1;
    }

    /// The lines to end with; the last is the sum, alone on its line. Nothing where no runner
    /// ended.
    pub(crate) fn lines(&self) -> Vec<String> {
        if self.lines.is_empty() {
            return Vec::new();
        }
        let sum = format!("{} passed, {} failed", self.passed, self.failed);
        self.lines.iter().cloned().chain([String::new(), sum]).collect()
    }
}

/// Everything a runner counts as not passed.
fn bad(line: &str) -> u64 {
    count(line, "failed") + count(line, "timed") + count(line, "exec")
}

/// The number in front of a word: 12 in `12 passed;`.
fn count(line: &str, word: &str) -> u64 {
    let words: Vec<&str> = line.split_whitespace().collect();
    words
        .windows(2)
        .find_map(|pair| match pair {
            [number, next] if next.trim_end_matches([',', ';']) == word => number.parse().ok(),
            _ => None,
        })
        .unwrap_or(0)
}

/// The line without the escape sequences that colour it.
fn without_colour(line: &str) -> String {
    let mut plain = String::with_capacity(line.len());
    let mut rest = line;
    while let Some((before, after)) = rest.split_once("\u{1b}[") {
        plain.push_str(before);
        rest = after.split_once(|c: char| c.is_ascii_alphabetic()).map_or("", |(_, tail)| tail);
    }
    plain + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sum(lines: &[&str]) -> Option<String> {
        let mut closing = Closing::default();
        for line in lines {
            closing.watch(line);
        }
        closing.lines().pop()
    }

    #[test]
    fn the_runner_of_the_page_counts_too() {
        let coloured = "\u{1b}[2m      Tests \u{1b}[22m \u{1b}[1m\u{1b}[31m1 failed\u{1b}[39m\u{1b}[22m | \u{1b}[32m32 passed\u{1b}[39m (33)";
        assert_eq!(sum(&[coloured]).as_deref(), Some("32 passed, 1 failed"));
        assert_eq!(sum(&[" Test Files  6 passed (6)"]), None);
    }

    #[test]
    fn the_runners_are_summed() {
        let lines = [
            "running 3 tests",
            "test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out",
            "     Summary [   0.310s] 41 tests run: 40 passed (1 slow), 1 failed, 0 skipped",
        ];
        assert_eq!(sum(&lines).as_deref(), Some("43 passed, 1 failed"));
    }

    #[test]
    fn colours_do_not_hide_a_count() {
        let line = "\u{1b}[32;1m     Summary\u{1b}[0m [   0.1s] \u{1b}[1m2\u{1b}[0m tests run: \
                    \u{1b}[1m2\u{1b}[0m \u{1b}[32;1mpassed\u{1b}[0m, 0 skipped";
        assert_eq!(sum(&[line]).as_deref(), Some("2 passed, 0 failed"));
    }

    #[test]
    fn a_failing_test_shown_by_nextest_counts_once() {
        let lines = [
            "    test result: FAILED. 0 passed; 1 failed; 0 ignored",
            "     Summary [   0.310s] 2 tests run: 1 passed, 1 failed, 0 skipped",
        ];
        assert_eq!(sum(&lines).as_deref(), Some("1 passed, 1 failed"));
    }

    #[test]
    fn a_test_that_timed_out_did_not_pass() {
        let line = "Summary [ 9.0s] 3 tests run: 1 passed, 1 timed out, 1 exec failed, 0 skipped";
        assert_eq!(sum(&[line]).as_deref(), Some("1 passed, 2 failed"));
    }

    #[test]
    fn a_binary_without_tests_adds_no_line_and_no_runner_gives_no_sum() {
        assert_eq!(sum(&["test result: ok. 0 passed; 0 failed; 0 ignored"]), None);
        assert_eq!(sum(&["Finished `test` profile"]), None);
    }
}

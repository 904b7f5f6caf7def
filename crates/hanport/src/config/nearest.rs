//! What somebody probably meant.

/// Letters to insert, take away, exchange or swap with their neighbour to come from one word to
/// the other; case matters not.
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.to_lowercase().chars().collect();
    // three rows of the table of Damerau and Levenshtein
    let mut before: Vec<usize> = Vec::new();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    let mut last = None;
    for (at, letter) in one.to_lowercase().chars().enumerate() {
        let mut next = vec![at + 1];
        for (column, theirs) in other.iter().enumerate() {
            let of = |row: &[usize], column: usize| row.get(column).copied().unwrap_or(usize::MAX);
            let mut cost = (of(&row, column) + usize::from(letter != *theirs))
                .min(of(&row, column + 1) + 1)
                .min(of(&next, column) + 1);
            let left = column.checked_sub(1).and_then(|left| other.get(left));
            if last == Some(*theirs) && left == Some(&letter) {
                cost = cost.min(of(&before, column - 1).saturating_add(1));
            }
            next.push(cost);
        }
        before = std::mem::replace(&mut row, next);
        last = Some(letter);
    }
    row.last().copied().unwrap_or(0)
}

/// The word nearest to one, if it is near enough to be meant: a third of its letters may differ.
pub(crate) fn nearest<'w>(word: &str, words: impl IntoIterator<Item = &'w str>) -> Option<&'w str> {
    let allowed = (word.chars().count() / 3).max(1);
    words
        .into_iter()
        .map(|candidate| (distance(word, candidate), candidate))
        .filter(|(distance, _)| *distance <= allowed)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_of_the_hand_are_near() {
        let words = ["fuse_a", "name", "net", "encryption_key"];
        assert_eq!(nearest("fuse", words), None);
        assert_eq!(nearest("fuze_a", words), Some("fuse_a"));
        assert_eq!(nearest("nmae", words), Some("name"));
        assert_eq!(nearest("Encryption-Key", words), Some("encryption_key"));
        assert_eq!(nearest("volume", words), None);
        assert_eq!(nearest("", words), None);
    }

    #[test]
    fn the_distance_counts_changes() {
        for (one, other, changes) in [
            ("", "", 0),
            ("", "ab", 2),
            ("ab", "ba", 1),
            ("abc", "abc", 0),
            ("kitten", "sitting", 3),
        ] {
            assert_eq!(distance(one, other), changes, "{one} {other}");
            assert_eq!(distance(other, one), changes, "{other} {one}");
        }
    }
}
